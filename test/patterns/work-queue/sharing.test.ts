/**
 * Tests of how items are shared among workers, over real sockets: credit given and found out, concurrency, and what
 * a worker gives back that leaves.
 */
import type { QueueWorker } from 'brokerless/patterns/work-queue';
import { describe, expect, test } from 'vitest';
import { numbers } from '../../support/collect.ts';
import { turns } from '../../support/turns.ts';
import { until } from '../../support/until.ts';
import {
  atRest,
  gate,
  LONG,
  later,
  outcomesOf,
  type Shop,
  sendAll,
  startShop,
  sumOf,
} from './running.ts';

/** A worker that holds whatever it is given until `opened`. */
function holding(shop: Shop, opened: Promise<void>, options: object = {}): Promise<QueueWorker> {
  return shop.work((x) => opened.then(() => x), options);
}

describe('credit', () => {
  test('that is given is what a worker holds at most', async () => {
    await using shop = await startShop();
    const held = gate();
    const worker = await holding(shop, held.opened, { credit: 7, concurrency: 3 });
    const producer = await shop.producer();
    const ids = await sendAll(producer, numbers(50));
    await until(() => worker.stats().inFlight === 7, LONG);
    await turns(10);
    expect(worker.stats()).toMatchObject({ received: 7, inFlight: 7, running: 3 });
    expect(shop.hub.stats()).toMatchObject({ inFlight: 7, depth: 43, unfinished: 50 });
    held.open();
    await outcomesOf(producer, ids);
    expect(worker.stats()).toMatchObject({ received: 50, sent: 50, inFlight: 0, running: 0 });
  });

  test('is twice the concurrency to begin with, and grows when the work is quick', async () => {
    await using shop = await startShop();
    const held = gate();
    let isQuick = false;
    const handler = (x: number): number | Promise<number> =>
      isQuick ? x : held.opened.then(() => x);
    const worker = await shop.work(handler, { concurrency: 2 });
    const producer = await shop.producer();
    await sendAll(producer, numbers(2000));
    await until(() => worker.stats().inFlight === 4, LONG);
    await turns(10);
    expect(worker.stats()).toMatchObject({ inFlight: 4, running: 2 });
    isQuick = true;
    let most = 0;
    held.open();
    await until(() => {
      most = Math.max(most, shop.hub.stats().inFlight);
      return shop.hub.stats().unfinished === 0;
    }, LONG);
    expect(most).toBeGreaterThan(20);
  });

  test('of 0 takes nothing, and others do it all', async () => {
    await using shop = await startShop();
    const none = await shop.work((x) => x, { credit: 0 });
    const all = await shop.work((x) => x);
    const producer = await shop.producer();
    await outcomesOf(producer, await sendAll(producer, numbers(20)));
    expect([none.stats().received, all.stats().received]).toEqual([0, 20]);
  });
});

describe('items', () => {
  test('go to who has the least in hand', async () => {
    await using shop = await startShop();
    const held = gate();
    const workers: QueueWorker[] = [];
    for (const _ of numbers(4)) workers.push(await holding(shop, held.opened, { credit: 10 }));
    const producer = await shop.producer();
    await sendAll(producer, numbers(20));
    await until(() => workers.every((worker) => worker.stats().inFlight === 5), LONG);
    held.open();
    await atRest(shop);
  });

  test('that wait go to who comes late, at once', async () => {
    await using shop = await startShop();
    const held = gate();
    await holding(shop, held.opened, { credit: 4 });
    const producer = await shop.producer();
    const ids = await sendAll(producer, numbers(100));
    const late = await shop.work((x) => x);
    await until(() => late.stats().sent === 96, LONG);
    held.open();
    expect(await outcomesOf(producer, ids)).toHaveLength(100);
    expect(shop.hub.stats()).toMatchObject({ done: 100, redelivered: 0, retried: 0 });
  });
});

describe('a worker that leaves', () => {
  test('gives back what it has not begun, finishes the rest, and no attempt is counted', async () => {
    await using shop = await startShop();
    const held = gate();
    const leaver = await holding(shop, held.opened, { credit: 10, concurrency: 2 });
    const producer = await shop.producer();
    const ids = await sendAll(producer, numbers(10));
    await until(() => leaver.stats().inFlight === 10, LONG);
    const left = later(leaver.leave());
    const other = await shop.work((x) => -x);
    await until(() => other.stats().sent === 8, LONG);
    held.open();
    await Promise.all([left, leaver.finished]);
    const outcomes = await outcomesOf(producer, ids);
    const values = outcomes.map((each) => each.status === 'done' && each.value);
    expect(values).toEqual([0, 1, ...numbers(8).map((n) => -n - 2)]);
    expect(outcomes.map(({ attempts }) => attempts)).toEqual(numbers(10).map(() => 1));
    expect(leaver.stats()).toMatchObject({ sent: 2, inFlight: 0, connections: 0 });
    expect(shop.hub.stats()).toMatchObject({ done: 10, redelivered: 0, late: 0, workers: 1 });
  });

  test('and is closed meanwhile has its items done by others, as another attempt', async () => {
    await using shop = await startShop();
    const reasons: unknown[] = [];
    const closer = await shop.work(
      (_, { signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve(reasons.push(signal.reason)));
        }),
      { credit: 3 },
    );
    const producer = await shop.producer();
    const ids = await sendAll(producer, numbers(3));
    await until(() => closer.stats().inFlight === 3, LONG);
    const left = closer.leave();
    await closer.close();
    await left;
    expect(reasons).toEqual([new Error('the worker is closed')]);
    await shop.work((x) => x);
    const outcomes = await outcomesOf(producer, ids);
    expect(outcomes.map(({ status }) => status)).toEqual(['done', 'done', 'done']);
    await atRest(shop);
    const stats = shop.hub.stats();
    expect(stats).toMatchObject({ accepted: 3, done: 3, failed: 0 });
    expect(sumOf(stats)).toBe(3);
  });
});
