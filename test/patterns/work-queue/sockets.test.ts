/**
 * Tests of the work queue over real sockets: items sent, accepted, done and heard of, on each transport; who leaves
 * early; and what is called off.
 */
import { connectProducer, type Outcome, type Producer } from 'brokerless/patterns/work-queue';
import { describe, expect, test } from 'vitest';
import { numbers } from '../../support/collect.ts';
import { until } from '../../support/until.ts';
import {
  atRest,
  freeEndpoint,
  gate,
  LONG,
  later,
  listOf,
  outcomesOf,
  sendAll,
  startShop,
  sumOf,
} from './running.ts';

const double = (x: number): number => 2 * x;

/** So many outcomes of all that a producer has sent. */
async function heard<Out>(producer: Producer<never, Out>, count: number): Promise<Outcome<Out>[]> {
  const all: Outcome<Out>[] = [];
  if (count === 0) return all;
  for await (const outcome of producer) {
    all.push(outcome);
    if (all.length === count) break;
  }
  return all;
}

describe.each(['tcp', 'ipc', 'inproc'] as const)('over %s', (transport) => {
  const where = (): { producers: string; workers: string } => ({
    producers: freeEndpoint(transport),
    workers: freeEndpoint(transport),
  });

  test('an item is accepted, done, and heard of', async () => {
    await using shop = await startShop(where());
    await shop.work(double);
    const producer = await shop.producer<number, number>();
    const id = await producer.send(21);
    const outcome = { id, status: 'done', value: 42, attempts: 1 };
    expect(await producer.outcome(id)).toEqual(outcome);
    expect(await producer.outcome(id)).toEqual(outcome); // It is kept for a while.
  });

  test('many items by many workers, each once, and the numbers add up', async () => {
    await using shop = await startShop(where());
    for (const concurrency of [1, 2, 8]) await shop.work(double, { concurrency });
    const producer = await shop.producer<number, number>({ outcomes: true });
    const ids = await sendAll(producer, numbers(3000));
    const outcomes = await heard(producer, ids.length);
    expect(outcomes.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    const values = new Map(outcomes.map((each) => [each.id, each.status === 'done' && each.value]));
    expect(ids.map((id) => values.get(id))).toEqual(numbers(3000).map(double));
    await atRest(shop);
    const stats = shop.hub.stats();
    expect(stats).toMatchObject({ accepted: 3000, done: 3000, workers: 3, faults: 0, late: 0 });
    expect(sumOf(stats)).toBe(3000);
    expect(producer.stats()).toMatchObject({ sent: 3000, accepted: 3000, inFlight: 0, depth: 0 });
    const received = shop.workers.map((worker) => worker.stats().received);
    expect(received.reduce((sum, each) => sum + each)).toBe(3000);
  });
});

describe('a producer', () => {
  test('may leave before the first worker is there, and another asks how its items ended', async () => {
    await using shop = await startShop();
    const hasty = await connectProducer<number>(shop.hub.producers);
    const ids = await sendAll(hasty, numbers(100));
    await hasty.close();
    await until(() => shop.hub.stats().producers === 0, LONG);
    const other = await shop.producer();
    const asked = outcomesOf(other, ids);
    await shop.work(double);
    expect((await asked).map(({ status }) => status)).toEqual(numbers(100).map(() => 'done'));
    expect(shop.hub.stats()).toMatchObject({ accepted: 100, done: 100, dropped: 0 });
  });

  test('hears of all it sent, also if it begins to listen late', async () => {
    await using shop = await startShop();
    await shop.work(double);
    const producer = await shop.producer<number, number>({ outcomes: true });
    await sendAll(producer, numbers(10));
    await until(() => producer.stats().depth === 10, LONG);
    expect(await heard(producer, 10)).toHaveLength(10);
  });

  test('ends its iteration when it is closed', async () => {
    await using shop = await startShop();
    const producer = await shop.producer({ outcomes: true });
    const rest = listOf(producer);
    await producer.close();
    expect(await rest).toEqual([]);
  });

  test('hears what is lost of items nobody knows', async () => {
    await using shop = await startShop();
    const producer = await shop.producer();
    const id = await producer.send(1);
    const unknown = id.replace(/\d+$/u, '999');
    expect(await producer.outcome(unknown)).toEqual({ id: unknown, status: 'lost', attempts: 0 });
    const ofOthers = await producer.outcome('other-1');
    expect(ofOthers).toEqual({ id: 'other-1', status: 'lost', attempts: 0 });
  });

  test('waits for an outcome no longer than it says', async () => {
    await using shop = await startShop();
    const producer = await shop.producer();
    const id = await producer.send(1);
    await expect(producer.outcome(id, { timeoutMs: 1 })).rejects.toMatchObject({ code: 'TIMEOUT' });
    const signal = AbortSignal.abort();
    await expect(producer.outcome(id, { signal })).rejects.toMatchObject({ code: 'ABORTED' });
    await shop.work(double);
    expect(await producer.outcome(id)).toMatchObject({ status: 'done' });
  });

  test('sends what cannot travel nowhere', async () => {
    await using shop = await startShop();
    const producer = await shop.producer<unknown>({ maxMessageBytes: 1000 });
    const failing = producer.send(Symbol('no'));
    await expect(failing).rejects.toMatchObject({ code: 'BAD_VALUE' });
    const long = producer.send(Buffer.alloc(2000));
    await expect(long).rejects.toMatchObject({ code: 'TOO_LARGE' });
    expect(producer.stats()).toMatchObject({ sent: 0, unanswered: 0 });
  });

  test('that starts before its hub is served once that is there', async () => {
    const first = await startShop();
    const where = { producers: first.hub.producers, workers: first.hub.workers };
    await first[Symbol.asyncDispose]();
    await using producer = await connectProducer<number>(where.producers);
    const sent = later(producer.send(1));
    await using second = await startShop(where);
    await second.work(double);
    expect(await producer.outcome(await sent)).toMatchObject({ status: 'done', value: 2 });
  });
});

describe('an item that nobody wants any more', () => {
  test('is cancelled by its signal while it waits', async () => {
    await using shop = await startShop();
    const producer = await shop.producer();
    const cancelling = new AbortController();
    const id = await producer.send(1, { signal: cancelling.signal });
    cancelling.abort();
    expect(await producer.outcome(id)).toEqual({ id, status: 'cancelled', attempts: 0 });
    const worker = await shop.work(double);
    await producer.outcome(await producer.send(2));
    expect(worker.stats().received).toBe(1);
    expect(shop.hub.stats()).toMatchObject({ cancelled: 1, done: 1, depth: 0 });
  });

  test('tells its handler so while it runs, and its slot is free again', async () => {
    await using shop = await startShop();
    const reasons: unknown[] = [];
    const handler = (item: number, { signal }: { signal: AbortSignal }): Promise<number> =>
      new Promise((resolve) => {
        if (item > 1) resolve(item);
        signal.addEventListener('abort', () => {
          reasons.push(signal.reason);
          resolve(item);
        });
      });
    const worker = await shop.work(handler, { credit: 1 });
    const producer = await shop.producer();
    const cancelling = new AbortController();
    const id = await producer.send(1, { signal: cancelling.signal });
    await until(() => worker.stats().running === 1, LONG);
    cancelling.abort();
    expect(await producer.outcome(id)).toEqual({ id, status: 'cancelled', attempts: 1 });
    expect(await producer.outcome(await producer.send(2))).toMatchObject({ value: 2 });
    expect(reasons).toEqual([expect.any(Error)]);
    await atRest(shop);
    expect(shop.hub.stats()).toMatchObject({ cancelled: 1, done: 1, late: 0 });
  });

  test('is not sent if its signal has fired, and one that has ended stays as it is', async () => {
    await using shop = await startShop();
    await shop.work(double);
    const producer = await shop.producer();
    const fired = producer.send(1, { signal: AbortSignal.abort() });
    await expect(fired).rejects.toMatchObject({ code: 'ABORTED', mayHaveRun: 'no' });
    const id = await producer.send(2);
    await producer.outcome(id);
    producer.cancel(id);
    shop.hub.cancel(id);
    expect(await producer.outcome(id)).toMatchObject({ status: 'done', value: 4 });
    expect(shop.hub.stats()).toMatchObject({ accepted: 1, done: 1, cancelled: 0 });
  });

  test('is cancelled with all others by the hub, begun or not', async () => {
    await using shop = await startShop();
    const held = gate();
    const worker = await shop.work(() => held.opened, { credit: 5 });
    const producer = await shop.producer();
    const ids = await sendAll(producer, numbers(20));
    await until(() => worker.stats().inFlight === 5, LONG);
    shop.hub.cancel();
    const statuses = (await outcomesOf(producer, ids)).map(({ status }) => status);
    expect(statuses).toEqual(numbers(20).map(() => 'cancelled'));
    held.open();
    await atRest(shop);
    expect(shop.hub.stats()).toMatchObject({ accepted: 20, cancelled: 20, late: 0 });
  });
});
