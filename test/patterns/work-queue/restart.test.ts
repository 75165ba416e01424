/**
 * Tests of a hub whose store is a file: closed, or killed, and started again on the same file, with items
 * waiting, held, delayed and dead.
 */
import { Dealer } from 'brokerless';
import { type Frames, ListWriter } from 'brokerless/kit';
import { describe, expect, test } from 'vitest';
import {
  connectProducer,
  startQueueWorker,
  startWorkQueue,
} from '../../../patterns/work-queue/index.ts';
import { read } from '../../../patterns/work-queue/messages.ts';
import { recover } from '../../../patterns/work-queue/recovery-rules.ts';
import { numbers } from '../../support/collect.ts';
import { until } from '../../support/until.ts';
import { FileStore } from './file-store.ts';
import {
  fileWith,
  fixedEnds,
  HubProcess,
  LONG,
  newFile,
  oldItem,
  PATIENT,
  QUICK,
  recordsIn,
} from './restarting.ts';

describe('a hub that was closed goes on with its store', PATIENT, () => {
  test('with items that wait, are held or delayed, under the names they had', async () => {
    const [file, ends] = [newFile(), await fixedEnds()];
    const done: number[] = [];
    let isHeld = true;
    const work = async (x: number, { signal }: { signal: AbortSignal }): Promise<number> => {
      if (isHeld) await new Promise((free) => signal.addEventListener('abort', free));
      if (!signal.aborted) done.push(x);
      return 2 * x;
    };
    const first = await startWorkQueue({ ...ends, ...QUICK, store: new FileStore(file) });
    await using producer = await connectProducer<number, number>(ends.producers);
    await using worker = await startQueueWorker({ queue: ends.workers, handler: work, credit: 2 });
    const sent = await Promise.all([
      ...numbers(6).map((x) => producer.send(x)),
      ...[100, 101].map((x) => producer.send(x, { key: 'one after the other' })),
      producer.send(200, { delayMs: 300 }),
      producer.send(300, { delayMs: 600_000 }),
    ]);
    await until(() => first.stats().inFlight === 2, LONG);
    const outcomes = sent.map((id) => producer.outcome(id, LONG));
    for (const outcome of outcomes) outcome.catch(() => {});
    await first.close();
    isHeld = false;
    await using second = await startWorkQueue({ ...ends, ...QUICK, store: new FileStore(file) });
    const ended = await Promise.all(outcomes.toSpliced(9, 1));
    expect(ended.map(({ id }) => id)).toEqual(sent.toSpliced(9, 1));
    expect(ended.map(({ status }) => status)).toEqual(Array(9).fill('done'));
    expect(done.toSorted((a, b) => a - b)).toEqual([...numbers(6), 100, 101, 200]);
    expect(done.indexOf(100)).toBeLessThan(done.indexOf(101));
    expect(second.stats()).toMatchObject({ unfinished: 1, depth: 0, inFlight: 0 });
    second.cancel(sent[9]);
    await until(() => second.stats().unfinished === 0, LONG);
    expect(await producer.send(7)).toBe(`${sent[0]?.replace(/-\d+$/, '')}-11`);
    await worker.close();
  });

  test('with dead letters, what came of each attempt, and the attempts that are left', async () => {
    const [file, ends] = [newFile(), await fixedEnds()];
    const seen: [number, number][] = [];
    let isWell = false;
    const handler = (x: number, { attempt }: { attempt: number }): number => {
      seen.push([x, attempt]);
      if (!isWell) throw new Error(`no ${x} at ${attempt}`);
      return x;
    };
    let random = 0; // No wait at all.
    const waits = { retryMs: 60_000, retryMaxMs: 60_000, random: () => random };
    const options = { ...ends, ...QUICK, ...waits, maxAttempts: 2 };
    const first = await startWorkQueue({ ...options, store: new FileStore(file) });
    await using producer = await connectProducer<number, number>(ends.producers);
    const worker = await startQueueWorker({ queue: ends.workers, handler });
    const dead = [await producer.send(1, { key: 'k' })];
    await until(() => first.stats().deadLetters === 1, LONG);
    dead.push(await producer.send(2));
    await until(() => first.stats().deadLetters === 2, LONG);
    const letters = first.deadLetters();
    random = 0.99; // The third is tried again by the second hub only.
    const left = await producer.send(3, { maxAttempts: 3 });
    await until(() => seen.some(([x, attempt]) => x === 3 && attempt === 1), LONG);
    await until(() => first.stats().retried >= 3, LONG);
    await worker.close();
    await first.close();
    random = 0;

    const second = await startWorkQueue({ ...options, store: new FileStore(file) });
    expect(second.deadLetters()).toEqual(letters);
    expect(letters.map(({ id, item, key }) => [id, item, key])).toEqual([
      [dead[0], 1, 'k'],
      [dead[1], 2, undefined],
    ]);
    await using again = await startQueueWorker({ queue: ends.workers, handler });
    await until(() => second.stats().deadLetters === 3, LONG);
    const third = second.deadLetters()[2];
    expect(third).toMatchObject({ id: left, item: 3 });
    expect(third?.history.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    isWell = true;
    const anew = await second.resend(dead[0] as string);
    expect(anew).not.toBe(dead[0]);
    await until(() => second.stats().done === 1, LONG);
    await second.close();

    await using last = await startWorkQueue({ ...options, store: new FileStore(file) });
    expect(last.deadLetters().map(({ id }) => id)).toEqual([dead[1], left]);
    await again.close();
  });

  test('with times that came while it was away, and attempts that had failed', async () => {
    const [ends, now] = [await fixedEnds(), Date.now()];
    const file = await fileWith([
      { kind: 'epoch', epoch: 'before' },
      oldItem(1, { expiresAt: now - 1000 }),
      oldItem(2, { notBefore: now - 1000 }),
      oldItem(3, { notBefore: now + 600_000, expiresAt: now - 1000 }),
      oldItem(4),
      { kind: 'tried', n: 4, attempt: 1, reason: 'no' },
    ]);
    await using hub = await startWorkQueue({ ...ends, ...QUICK, store: new FileStore(file) });
    await using producer = await connectProducer<number, number>(ends.producers);
    await using worker = await startQueueWorker({
      queue: ends.workers,
      handler: (x: number, { attempt }) => 10 * x + attempt,
    });
    const asked = [1, 2, 3, 4].map((n) => producer.outcome(`before-${n}`, LONG));
    expect(await Promise.all(asked)).toEqual([
      { id: 'before-1', status: 'expired', attempts: 0 },
      { id: 'before-2', status: 'done', attempts: 1, value: 21 },
      { id: 'before-3', status: 'expired', attempts: 0 },
      { id: 'before-4', status: 'done', attempts: 2, value: 42 },
    ]);
    expect(hub.stats()).toMatchObject({ accepted: 4, done: 2, expired: 2, unfinished: 0 });
    await worker.close();
  });

  test('and does not take on again what a producer did not hear that it has', async () => {
    const from = (seq: number) => ({ session: 'a producer', seq, outcome: false });
    const file = await fileWith([
      { kind: 'epoch', epoch: 'before' },
      { ...oldItem(1), from: from(1) },
      { ...oldItem(2), from: from(2) },
      { kind: 'end', n: 1, status: 'done', at: Date.now() },
    ]);
    await using hub = await startWorkQueue({
      ...(await fixedEnds()),
      ...QUICK,
      store: new FileStore(file),
    });
    await using producer = await Dealer.connect<Frames>(hub.producers, { codec: 'frames' });
    const puts = new ListWriter('put').uint(1);
    for (const seq of [1, 2, 3]) puts.uint(seq).binary(Uint8Array.of(1)).nothing();
    await producer.send([new ListWriter('hello').uint(1).text('a producer').done()]);
    await producer.send([puts.done()]);
    const told: unknown[] = [];
    while (told.length < 6) {
      const said = read(await producer.receive());
      if (said?.word === 'accepted') told.push(...said.list.slice(1));
    }
    expect(told).toEqual([1, 1, 2, 2, 3, 3]);
    expect(hub.stats()).toMatchObject({ accepted: 2, unfinished: 2 });
  });

  test('and does once what the store had kept twice, of which one was refused', async () => {
    const from = { session: 'a producer', seq: 1, outcome: false };
    const file = await fileWith([
      { kind: 'epoch', epoch: 'before' },
      { ...oldItem(1), from },
      { kind: 'tried', n: 1, attempt: 1, reason: 'no' },
      { ...oldItem(2), from },
      { kind: 'tried', n: 2, attempt: 1, reason: 'no' },
      { kind: 'tried', n: 2, attempt: 2, reason: 'no' },
      { kind: 'tried', n: 2, attempt: 1, reason: 'no' },
      { kind: 'tried', n: 2, attempt: 2, reason: 'no' },
    ]);
    const { items, next } = recover(await recordsIn(file));
    expect(items.map(({ n, history }) => [n, history.length])).toEqual([[2, 2]]);
    expect(next).toBe(3);
  });

  test('and does not take a dead letter that was sent again for its producer’s', async () => {
    const from = { session: 'a producer', seq: 1, outcome: true };
    const file = await fileWith([
      { kind: 'epoch', epoch: 'before' },
      { ...oldItem(1), from },
      { kind: 'end', n: 1, status: 'failed', at: 0 },
    ]);
    const hub = await startWorkQueue({
      ...(await fixedEnds()),
      ...QUICK,
      store: new FileStore(file),
    });
    expect(await hub.resend('before-1')).toBe('before-2');
    await hub.close();
    const puts = (await recordsIn(file)).filter((record) => record.kind === 'put');
    expect(puts.map(({ n, from: source }) => [n, source?.seq])).toEqual([
      [1, 1],
      [2, undefined],
    ]);
  });
});

describe('a hub that is killed time and again', PATIENT, () => {
  test('has all that it had accepted done, takes nothing on twice, and keeps its name', async () => {
    const [file, ends] = [newFile(), await fixedEnds()];
    const done = new Map<number, number>();
    const count = 1500;
    let hub = new HubProcess(file, ends);
    const producer = await connectProducer<number, number>(ends.producers, {
      reconnectMs: 20,
      reconnectMaxMs: 100,
      maxUnanswered: 40,
    });
    const worker = await startQueueWorker<number, number>({
      queue: ends.workers,
      reconnectMs: 20,
      reconnectMaxMs: 100,
      handler: (x) => {
        if (x < 0) throw new Error('never');
        done.set(x, (done.get(x) ?? 0) + 1);
        return x;
      },
    });
    const dead = await producer.send(-1, { maxAttempts: 2 });
    const delayed = await producer.send(count + 1, { delayMs: 600_000 });
    const ids: string[] = [];
    const sending = (async () => {
      const each = numbers(count).map(async (x) => {
        ids[x] = await producer.send(x);
      });
      await Promise.all(each);
    })();
    for (const accepted of [102, 400, 900]) {
      await hub.bound();
      await until(() => producer.stats().accepted >= accepted, LONG);
      await hub.kill();
      hub = new HubProcess(file, ends);
    }
    await sending;
    await until(() => done.size === count, LONG);
    await hub.kill();
    const records = await recordsIn(file);
    const puts = records.filter((record) => record.kind === 'put');
    const sent = Object.values(ids);
    expect(new Set(sent).size).toBe(count);
    expect(puts.map(({ n }) => n)).toHaveLength(count + 2);
    expect(records.filter(({ kind }) => kind === 'epoch')).toHaveLength(1);
    const { epoch, items, letters } = recover(records);
    expect(letters.map(({ n }) => `${epoch}-${n}`)).toEqual([dead]);
    expect(letters[0]?.history.map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(items.map(({ n }) => `${epoch}-${n}`)).toContain(delayed);
    expect(sent.every((id) => id.startsWith(`${epoch}-`))).toBe(true);
    await Promise.all([producer.close(), worker.close()]);
  });
});
