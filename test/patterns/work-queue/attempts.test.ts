/**
 * Tests of items that are not done at the first attempt, over real sockets: tried again, discarded, given up, and
 * sent again; of what cannot travel, and of who hears of it.
 */
import { Discard } from 'brokerless/patterns/work-queue';
import { describe, expect, test } from 'vitest';
import { numbers } from '../../support/collect.ts';
import { until } from '../../support/until.ts';
import { RawPeer } from './raw.ts';
import { atRest, gate, LONG, outcomesOf, type Shop, sendAll, startShop, sumOf } from './running.ts';

/** A worker whose handler throws always, and how often it has. */
async function failing(shop: Shop): Promise<number[]> {
  const attempts: number[] = [];
  await shop.work((item, { attempt }) => {
    attempts.push(attempt);
    throw Object.assign(new Error(`no ${item}`), { code: 'NO', data: { attempt } });
  });
  return attempts;
}

describe('a handler that throws', () => {
  test('has its item tried again, as the same, until it does not', async () => {
    await using shop = await startShop();
    const tried: [string, number][] = [];
    await shop.work((item, { id, attempt }) => {
      tried.push([id, attempt]);
      if (attempt < 3) throw new Error('not yet');
      return item;
    });
    const producer = await shop.producer();
    const id = await producer.send(1);
    const outcome = { id, status: 'done', value: 1, attempts: 3 };
    expect(await producer.outcome(id)).toEqual(outcome);
    expect(tried).toEqual([1, 2, 3].map((attempt) => [id, attempt]));
    expect(shop.hub.stats()).toMatchObject({ retried: 2, redelivered: 0, failed: 0, done: 1 });
  });

  test('always: the item is a dead letter with its history after maxAttempts', async () => {
    await using shop = await startShop();
    const attempts = await failing(shop);
    const producer = await shop.producer();
    const [id, once] = [await producer.send(7), await producer.send(8, { maxAttempts: 1 })];
    const [outcome, other] = await outcomesOf(producer, [id, once]);
    const error = { message: 'no 7', data: { attempt: 3 } };
    expect(outcome).toMatchObject({ id, status: 'failed', attempts: 3, error });
    expect(other).toMatchObject({ status: 'failed', attempts: 1 });
    expect(attempts.toSorted()).toEqual([1, 1, 2, 3]);
    const letters = shop.hub.deadLetters();
    expect(letters.map((letter) => letter.id)).toEqual([once, id]);
    expect(letters[1]).toMatchObject({
      id,
      item: 7,
      history: [1, 2, 3].map((attempt) => ({ attempt, reason: 'no 7' })),
    });
    expect(shop.hub.stats()).toMatchObject({ failed: 2, deadLetters: 2, retried: 2 });
  });

  test('is waited for longer after each attempt, and no longer than retryMaxMs', async () => {
    await using shop = await startShop({ retryMs: 40, retryMaxMs: 60, random: () => 0.999 });
    const begun: number[] = [];
    await shop.work(() => {
      begun.push(performance.now());
      throw new Error('no');
    });
    const producer = await shop.producer();
    await producer.outcome(await producer.send(1, { maxAttempts: 4 }));
    const waits = begun.slice(1).map((at, i) => at - (begun[i] ?? 0));
    expect(waits).toHaveLength(3);
    for (const [i, least] of [35, 55, 55].entries()) expect(waits[i]).toBeGreaterThan(least);
  });

  test.each([
    ['at once', () => Promise.reject(new Discard('nobody needs it'))],
    [
      'from another copy of the class',
      () => {
        throw Object.assign(new Error('nobody needs it'), { name: 'Discard' });
      },
    ],
  ])('Discard has its item not tried again, %s', async (_, handler) => {
    await using shop = await startShop();
    await shop.work(handler);
    const producer = await shop.producer();
    const id = await producer.send(1);
    const outcome = await producer.outcome(id);
    const discarded = { id, status: 'discarded', reason: 'nobody needs it', attempts: 1 };
    expect(outcome).toMatchObject(discarded);
    expect(shop.hub.stats()).toMatchObject({ discarded: 1, retried: 0, deadLetters: 0 });
  });

  test('is heard by onError too, whatever it throws', async () => {
    await using shop = await startShop({ maxAttempts: 1 });
    const thrown: unknown[] = ['text', 7, null, undefined, { odd: true }, new Error('last')];
    const heard: unknown[] = [];
    const handler = (item: number): never => {
      throw thrown[item];
    };
    await shop.work(handler, { onError: (error) => heard.push(error) });
    const producer = await shop.producer();
    const outcomes = await outcomesOf(producer, await sendAll(producer, numbers(6)));
    expect(outcomes.map(({ status }) => status)).toEqual(numbers(6).map(() => 'failed'));
    expect(heard).toEqual(thrown);
  });
});

describe('what cannot travel', () => {
  test('as a result discards the item, which was done and is not done again', async () => {
    await using shop = await startShop();
    let runs = 0;
    const handler = (item: number): unknown => {
      runs += 1;
      return item === 0 ? () => {} : Buffer.alloc(5000);
    };
    await shop.work(handler, { maxMessageBytes: 1000, onError: () => {} });
    const producer = await shop.producer();
    for (const outcome of await outcomesOf(producer, await sendAll(producer, [0, 1]))) {
      const reason = expect.stringContaining('the result cannot travel');
      expect(outcome).toMatchObject({ status: 'discarded', attempts: 1, reason });
    }
    expect(runs).toBe(2);
  });

  test('to a worker that takes less fails there, and elsewhere it is done', async () => {
    await using shop = await startShop({ maxAttempts: 2 });
    const small = await shop.work<Uint8Array>(({ length }) => length, {
      maxMessageBytes: 1000,
      onError: () => {},
    });
    const producer = await shop.producer<Uint8Array>();
    const id = await producer.send(Buffer.alloc(5000));
    expect(await producer.outcome(id)).toMatchObject({ status: 'failed', attempts: 2 });
    await producer.outcome(await producer.send(Buffer.alloc(500)));
    expect(small.stats()).toMatchObject({ received: 3, reconnects: 0 });
  });

  test('and came all the same, from who does not speak CBOR: it fails, and the worker goes on', async () => {
    await using shop = await startShop({ maxAttempts: 1 });
    const errors: unknown[] = [];
    await shop.work((x) => x, { onError: (error) => errors.push(error) });
    using raw = new RawPeer(shop.hub.producers);
    await raw.say('hello', 1, 'session');
    await raw.say('put', 1, 1, Buffer.of(0xff), null); // A break alone is no item.
    await until(() => shop.hub.stats().failed === 1, LONG);
    const producer = await shop.producer();
    expect(await producer.outcome(await producer.send(5))).toMatchObject({ value: 5 });
    expect(errors).toHaveLength(1);
    expect(shop.hub.stats()).toMatchObject({ failed: 1, done: 1, workers: 1, faults: 0 });
    expect(() => shop.hub.deadLetters()).not.toThrow();
  });
});

describe('dead letters', () => {
  test('are kept up to maxDeadLetters, the newest', async () => {
    await using shop = await startShop({ maxAttempts: 1, maxDeadLetters: 3 });
    await failing(shop);
    const producer = await shop.producer();
    for (const n of numbers(5)) await producer.outcome(await producer.send(n));
    expect(shop.hub.deadLetters().map(({ item }) => item)).toEqual([2, 3, 4]);
    expect(shop.hub.stats()).toMatchObject({ failed: 5, deadLetters: 3 });
  });

  test('can be sent again, under a new name, of which their producer hears', async () => {
    await using shop = await startShop({ maxAttempts: 1 });
    let isBroken = true;
    await shop.work((item) => {
      if (isBroken) throw new Error('broken');
      return -item;
    });
    const producer = await shop.producer();
    const id = await producer.send(1);
    expect(await producer.outcome(id)).toMatchObject({ status: 'failed' });
    isBroken = false;
    const again = await shop.hub.resend(id);
    expect(again).not.toBe(id);
    expect(await producer.outcome(again)).toMatchObject({ status: 'done', value: -1, attempts: 1 });
    expect(shop.hub.deadLetters()).toEqual([]);
    await expect(shop.hub.resend(id)).rejects.toMatchObject({ code: 'BAD_VALUE' });
    await expect(shop.hub.resend('nonsense')).rejects.toMatchObject({ code: 'BAD_VALUE' });
    await atRest(shop);
    const stats = shop.hub.stats();
    expect(stats).toMatchObject({ accepted: 2, failed: 1, done: 1, deadLettered: 1 });
    expect(sumOf(stats)).toBe(2);
  });
});

describe('onThreshold', () => {
  test('tells of each time that too much waits, until nobody listens', async () => {
    await using shop = await startShop();
    const alarms: number[] = [];
    const stop = shop.hub.onThreshold({ depth: 10 }, ({ depth }) => alarms.push(depth));
    const producer = await shop.producer();
    await sendAll(producer, numbers(9));
    const held = gate();
    await sendAll(producer, numbers(1));
    await until(() => alarms.length === 1, LONG);
    const worker = await shop.work(() => held.opened, { credit: 1 });
    held.open();
    await atRest(shop);
    const ages: number[] = [];
    shop.hub.onThreshold({ oldestMs: 50 }, ({ oldestMs }) => ages.push(oldestMs));
    await worker.leave();
    await producer.send(1);
    await until(() => ages.length === 1, LONG); // By then all have looked at an empty queue.
    await sendAll(producer, numbers(20));
    await until(() => alarms.length === 2, LONG);
    stop();
    expect(alarms).toEqual([10, 21]);
    expect(ages[0]).toBeGreaterThanOrEqual(50);
    expect(() => shop.hub.onThreshold({ depth: 0 }, () => {})).toThrow(/depth/u);
  });
});
