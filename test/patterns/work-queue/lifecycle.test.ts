/**
 * Tests of starting, leaving and closing the parts of a work queue: options that make no sense, addresses that are
 * taken, work in hand, a hub that goes, and nothing left behind.
 */
import { getEventListeners } from 'node:events';
import {
  connectProducer,
  MemoryStore,
  type Store,
  type StoreRecord,
  startQueueWorker,
  startWorkQueue,
} from 'brokerless/patterns/work-queue';
import { describe, expect, test } from 'vitest';
import { runScript } from '../../support/child.ts';
import { numbers } from '../../support/collect.ts';
import { reservedEndpoint } from '../../support/port.ts';
import { until } from '../../support/until.ts';
import { atRest, gate, LONG, later, NOWHERE, sendAll, startShop, TCP } from './running.ts';

const program = (name: string): URL => new URL(`programs/${name}.ts`, import.meta.url);
const SCRIPT = { source: true, timeoutMs: 30_000 } as const;

describe('events', () => {
  test('tell who joins, who is lost and why, until nobody listens', async () => {
    await using shop = await startShop();
    const heard: unknown[][] = [];
    const onJoin = ({ worker }: { worker: string }): void => void heard.push(['join', worker]);
    shop.hub.on('worker:join', onJoin);
    shop.hub.on('worker:lost', ({ worker, reason }) => heard.push(['lost', worker, reason]));
    const leaver = await shop.work((x) => x);
    await leaver.leave();
    await until(() => heard.length === 2, LONG);
    const closer = await shop.work((x) => x);
    await closer.close();
    await until(() => heard.length === 4, LONG);
    shop.hub.off('worker:join', onJoin);
    await shop.work((x) => x);
    const [one, other] = [heard[0]?.[1], heard[2]?.[1]];
    expect(heard).toEqual([
      ['join', one],
      ['lost', one, 'left'],
      ['join', other],
      ['lost', other, 'gone'],
    ]);
  });
});

describe('close', () => {
  test('may come at once, twice, and at the same time', async () => {
    const hub = await startWorkQueue({ producers: TCP, workers: TCP });
    const worker = await startQueueWorker({ queue: hub.workers, handler: (x) => x });
    const producer = await connectProducer(hub.producers);
    const parts = [worker, hub, producer, worker, hub, producer];
    await Promise.all(parts.map((part) => part.close()));
    await Promise.all([worker.close(), worker.finished, worker.leave(), hub.close()]);
    await expect(producer.send(1)).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(producer.outcome('a-1')).rejects.toMatchObject({ code: 'CLOSED' });
    expect(hub.stats()).toMatchObject({ accepted: 0, unfinished: 0 });
  });

  test('of a hub with work in hand leaves nobody waiting who is closed too', async () => {
    const held = gate();
    const shop = await startShop();
    const worker = await shop.work(() => held.opened, { credit: 5 });
    const producer = await shop.producer();
    const ids = await sendAll(producer, numbers(10));
    const waiting = later(producer.outcome(ids[0] ?? ''));
    await until(() => worker.stats().inFlight === 5, LONG);
    await shop.hub.close();
    const unsent = later(producer.send(11));
    await shop[Symbol.asyncDispose]();
    await expect(waiting).rejects.toMatchObject({ code: 'CLOSED', mayHaveRun: 'maybe' });
    await expect(unsent).rejects.toMatchObject({ code: 'CLOSED' });
  });

  test('of a hub frees its endpoints and closes its store', async () => {
    let closed = 0;
    class Kept extends MemoryStore {
      close(): Promise<void> {
        closed += 1;
        return Promise.resolve();
      }
    }
    const first = await startWorkQueue({ producers: TCP, workers: TCP, store: new Kept() });
    const { producers, workers } = first;
    await first.close();
    await using second = await startWorkQueue({ producers, workers });
    expect([second.producers, second.workers, closed]).toEqual([producers, workers, 1]);
  });

  test('without a hub is quick, with items unsent and without', async () => {
    const worker = await startQueueWorker({ queue: NOWHERE, handler: (x) => x });
    const producer = await connectProducer(NOWHERE, { drainMs: 50 });
    const idle = await connectProducer(NOWHERE);
    const sent = later(producer.send(1));
    const since = performance.now();
    await Promise.all([worker.close(), producer.close(), idle.close()]);
    expect(performance.now() - since).toBeLessThan(20_000);
    await expect(sent).rejects.toMatchObject({ code: 'CLOSED' });
  });

  test('of a producer lets what it has sent be accepted', async () => {
    await using shop = await startShop();
    const producer = await connectProducer(shop.hub.producers, { drainMs: LONG.timeoutMs });
    const sent = numbers(5000).map((n) => producer.send(n));
    await producer.close();
    expect(new Set(await Promise.all(sent)).size).toBe(5000);
    expect(shop.hub.stats()).toMatchObject({ accepted: 5000, unfinished: 5000 });
    expect(producer.stats()).toMatchObject({ accepted: 5000, unanswered: 0, connections: 0 });
  });

  test('of all parts lets the process end by itself', async () => {
    const run = await runScript(program('whole'), SCRIPT);
    expect(run).toEqual({ code: 0, signal: null, stderr: '', stdout: '2 4 6 8 10\n' });
  });
});

describe('signals', () => {
  test('have a worker leave, and no listener stays', async () => {
    await using shop = await startShop();
    const leaving = new AbortController();
    const worker = await shop.work((x) => x, { concurrency: 3, signal: leaving.signal });
    expect(getEventListeners(leaving.signal, 'abort')).toHaveLength(1);
    leaving.abort();
    await worker.finished;
    await until(() => shop.hub.stats().workers === 0, LONG);
    expect(getEventListeners(leaving.signal, 'abort')).toHaveLength(0);
  });

  test('that have fired before have it gone soon, also if nobody is there', async () => {
    const signal = AbortSignal.abort();
    const once = { missesAllowed: 1, signal };
    const worker = await startQueueWorker({ queue: NOWHERE, handler: (x) => x, ...once });
    await worker.finished;
    expect(worker.stats()).toMatchObject({ received: 0, connections: 0 });
  });

  test('of items have no listener once these have ended, or their producer is closed', async () => {
    await using shop = await startShop();
    const { signal } = new AbortController();
    const producer = await shop.producer({ outcomes: true });
    const id = await producer.send(1, { signal });
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    shop.hub.cancel(id);
    await producer.outcome(id);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    await sendAll(producer, numbers(3));
    await producer.send(2, { signal });
    await producer.close();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});

describe('a hub that goes', () => {
  test('and comes back empty: producers learn what is lost, and go on, and so do workers', async () => {
    const first = await startShop();
    const where = { producers: first.hub.producers, workers: first.hub.workers };
    const quick = { reconnectMs: 10, reconnectMaxMs: 50 };
    await using producer = await connectProducer<number, number>(where.producers, {
      ...quick,
      outcomes: true,
    });
    const ids = await sendAll(producer, numbers(20));
    const options = { queue: where.workers, handler: (x: number) => x, ...quick };
    await first.hub.close();
    const unsent = later(producer.send(99));
    await using second = await startShop(where);
    const lost = new Set<string>();
    for await (const { id, status } of producer) {
      expect(status).toBe('lost');
      if (lost.add(id).size === 20) break;
    }
    expect([...lost].toSorted()).toEqual(ids.toSorted());
    await using worker = await startQueueWorker(options);
    expect(await producer.outcome(await unsent)).toMatchObject({ status: 'done', value: 99 });
    expect(await producer.outcome(ids[3] ?? '')).toMatchObject({ status: 'lost' });
    await atRest(second);
    expect(worker.stats()).toMatchObject({ received: 1, sent: 1 });
    expect(second.hub.stats()).toMatchObject({ accepted: 1, done: 1, faults: 0 });
  });
});

describe('a store', () => {
  test('that fails has items refused, and takes more when it is well again', async () => {
    let isWell = true;
    const store: Store = {
      load: () => [],
      append: () => (isWell ? Promise.resolve() : Promise.reject(new Error('disk full'))),
    };
    await using shop = await startShop({ store });
    const producer = await shop.producer();
    isWell = false;
    const failing = producer.send(1);
    await expect(failing).rejects.toMatchObject({ code: 'STORE_FAILED', mayHaveRun: 'maybe' });
    isWell = true;
    await shop.work((x) => x);
    expect(await producer.outcome(await producer.send(2), LONG)).toMatchObject({ value: 2 });
    expect(shop.hub.stats()).toMatchObject({ accepted: 1, refused: 1, done: 1, unfinished: 0 });
  });

  test('that cannot be read is why there is no hub', async () => {
    class Kept extends MemoryStore {
      override load(): Iterable<StoreRecord> {
        throw new Error('unreadable');
      }
    }
    const [producers, workers] = [await reservedEndpoint(), TCP];
    const failing = startWorkQueue({ producers, workers, store: new Kept() });
    await expect(failing).rejects.toThrow('unreadable');
    await using hub = await startWorkQueue({ producers, workers });
    expect(hub.producers).toBe(producers);
  });
});

test('the mistakes of an application surface, and items are done all the same', async () => {
  const run = await runScript(program('mistaken'), SCRIPT);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(run.stdout)).toEqual({
    uncaught: ['join', 'onError', 'threshold'],
    status: 'failed',
  });
});
