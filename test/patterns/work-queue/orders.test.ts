/**
 * Tests of what may be asked of an item, over real sockets: its priority, key and time, that it is the only one, and
 * how often it is tried; and of queues and producers that have no more room.
 */
import { describe, expect, test } from 'vitest';
import { numbers } from '../../support/collect.ts';
import { turns } from '../../support/turns.ts';
import { until } from '../../support/until.ts';
import { atRest, gate, LONG, later, outcomesOf, type Shop, sendAll, startShop } from './running.ts';

/** A worker with one item at a time that holds the first, and says in which order it has begun them. */
async function oneByOne(shop: Shop) {
  const held = gate();
  const begun: number[] = [];
  const handler = async (item: number): Promise<void> => {
    begun.push(item);
    await held.opened;
  };
  await shop.work(handler, { credit: 1 });
  return { begun, open: held.open };
}

describe('priority', () => {
  test('decides who goes first, and among equals their age', async () => {
    await using shop = await startShop();
    const { begun, open } = await oneByOne(shop);
    const producer = await shop.producer();
    await producer.send(0);
    const priorities = [0, 255, 1, 255, 0, 1];
    await Promise.all(priorities.map((priority, i) => producer.send(i + 1, { priority })));
    open();
    await atRest(shop);
    expect(begun).toEqual([0, 2, 4, 3, 6, 1, 5]);
  });
});

describe('items of the same key', () => {
  test('are done one after the other, in their order, and those of others meanwhile', async () => {
    await using shop = await startShop();
    const running = new Map<string, number>();
    const order = new Map<string, number[]>();
    let most = 0;
    const handler = async ({ key, at }: { key: string; at: number }): Promise<void> => {
      running.set(key, (running.get(key) ?? 0) + 1);
      expect(running.get(key)).toBe(1);
      most = Math.max(
        most,
        [...running.values()].reduce((sum, each) => sum + each),
      );
      order.set(key, [...(order.get(key) ?? []), at]);
      await turns();
      running.set(key, 0);
    };
    for (const _ of numbers(2)) await shop.work(handler, { concurrency: 4 });
    const producer = await shop.producer<{ key: string; at: number }>();
    const items = numbers(90).map((n) => ({ key: `key-${n % 3}`, at: n }));
    const sent = items.map((item) => producer.send(item, { key: item.key }));
    const outcomes = await outcomesOf(producer, await Promise.all(sent));
    expect(outcomes.every(({ status }) => status === 'done')).toBe(true);
    for (const k of numbers(3)) {
      expect(order.get(`key-${k}`)).toEqual(numbers(90).filter((n) => n % 3 === k));
    }
    expect(most).toBeGreaterThan(1);
  });

  test('wait for one that is tried again, and go on after one that is given up', async () => {
    await using shop = await startShop({ maxAttempts: 2 });
    const begun: string[] = [];
    await shop.work<string>((item, { attempt }) => {
      begun.push(`${item}${attempt}`);
      if (item === 'a') throw new Error('never');
    });
    const producer = await shop.producer<string>();
    const ids = await Promise.all(['a', 'b'].map((item) => producer.send(item, { key: 'k' })));
    const statuses = (await outcomesOf(producer, ids)).map(({ status }) => status);
    expect(statuses).toEqual(['failed', 'done']);
    expect(begun).toEqual(['a1', 'a2', 'b1']);
  });
});

describe('unique', () => {
  test('has an item be the one that came before it, whoever sent that', async () => {
    await using shop = await startShop({ uniqueMs: 60_000 });
    const [one, other] = [await shop.producer(), await shop.producer({ outcomes: true })];
    const options = { key: 'k', unique: true };
    const ids = await Promise.all([one.send(1, options), one.send(2, options)]);
    expect(ids[1]).toBe(ids[0]);
    expect(await other.send(3, options)).toBe(ids[0]);
    expect(await other.send(4, { key: 'l', unique: true })).not.toBe(ids[0]);
    await shop.work((x) => x);
    const [outcome] = await outcomesOf(one, ids);
    expect(outcome).toEqual({ id: ids[0], status: 'done', value: 1, attempts: 1 });
    expect(await one.send(5, options)).toBe(ids[0]); // Also after its end.
    const heard: string[] = [];
    for await (const { id } of other) {
      heard.push(id);
      if (heard.length === 2) break;
    }
    expect(heard).toContain(ids[0]);
    expect(shop.hub.stats()).toMatchObject({ accepted: 2, done: 2 });
  });

  test('is over after uniqueMs, once the item has ended', async () => {
    await using shop = await startShop({ uniqueMs: 1 });
    const producer = await shop.producer();
    const options = { key: 'k', unique: true };
    const first = await producer.send(1, options);
    await until(() => shop.hub.stats().oldestMs > 5, LONG);
    expect(await producer.send(2, options)).toBe(first); // It has not ended.
    await shop.work((x) => x);
    await producer.outcome(first);
    let again = first;
    while (again === first) again = await producer.send(3, options);
    expect(await producer.outcome(again)).toMatchObject({ value: 3 });
  });
});

describe('time', () => {
  test.each([
    ['delayMs', () => ({ delayMs: 200 })],
    ['notBefore', () => ({ notBefore: new Date(Date.now() + 200) })],
  ])('%s keeps an item back, and others go before it', async (_, options) => {
    await using shop = await startShop();
    const begun: [number, number][] = [];
    await shop.work((item) => void begun.push([item, performance.now()]));
    const producer = await shop.producer();
    const sentAt = performance.now();
    const ids = await Promise.all([producer.send(1, options()), producer.send(2)]);
    const [late] = await outcomesOf(producer, ids);
    expect(late).toMatchObject({ status: 'done', attempts: 1 });
    expect(begun.map(([item]) => item)).toEqual([2, 1]);
    expect((begun[1]?.[1] ?? 0) - sentAt).toBeGreaterThanOrEqual(195);
  });

  test('that is over ends an item that waits', async () => {
    await using shop = await startShop();
    const producer = await shop.producer();
    const id = await producer.send(1, { deadlineMs: 20 });
    const outcome = await producer.outcome(id, LONG);
    expect(outcome).toEqual({ id, status: 'expired', attempts: 0 });
    expect(shop.hub.stats()).toMatchObject({ accepted: 1, expired: 1, depth: 0, unfinished: 0 });
  });

  test('that is over ends an item that runs, and its handler is told', async () => {
    await using shop = await startShop();
    let aborted = 0;
    const handler = (_: number, { signal }: { signal: AbortSignal }): Promise<void> =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          aborted += 1;
          resolve();
        });
      });
    await shop.work(handler);
    const producer = await shop.producer();
    const id = await producer.send(1, { deadlineMs: 50 });
    const outcome = await producer.outcome(id, LONG);
    expect(outcome).toEqual({ id, status: 'expired', attempts: 1 });
    await until(() => aborted === 1, LONG);
  });
});

describe('a queue that is full', () => {
  test("refuses more with overflow 'reject', and takes more when something has ended", async () => {
    await using shop = await startShop({ maxItems: 10, overflow: 'reject' });
    const producer = await shop.producer();
    const results = await Promise.allSettled(numbers(15).map((n) => producer.send(n)));
    const refused = results.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    expect(refused.map(({ code }: { code: string }) => code)).toEqual(
      numbers(5).map(() => 'QUEUE_FULL'),
    );
    expect(shop.hub.stats()).toMatchObject({ accepted: 10, unfinished: 10, refused: 5 });
    expect(producer.stats()).toMatchObject({ sent: 15, accepted: 10, refused: 5, unanswered: 0 });
    await shop.work((x) => x);
    await atRest(shop);
    expect(await producer.outcome(await producer.send(99))).toMatchObject({ value: 99 });
  });

  test("leaves the rest with its producers with overflow 'wait', until there is room", async () => {
    await using shop = await startShop({ maxItems: 10, overflow: 'wait' });
    const { open } = await oneByOne(shop);
    const producer = await shop.producer({ maxUnanswered: 50 });
    const sent = numbers(2000).map((n) => later(producer.send(n)));
    await until(() => shop.hub.stats().unfinished >= 10, LONG);
    await turns(20);
    // What has come with the last message is taken on.
    expect(shop.hub.stats().unfinished).toBeLessThanOrEqual(10 + 50);
    expect(producer.stats().unanswered).toBeLessThanOrEqual(50);
    open();
    expect(new Set(await Promise.all(sent)).size).toBe(2000);
    await atRest(shop);
    expect(shop.hub.stats()).toMatchObject({ accepted: 2000, done: 2000, refused: 0 });
  });

  test('is full by bytes too', async () => {
    await using shop = await startShop({ maxBytes: 1000, overflow: 'reject' });
    const producer = await shop.producer<Uint8Array>();
    await producer.send(Buffer.alloc(999));
    const more = producer.send(Buffer.alloc(1));
    await expect(more).rejects.toMatchObject({ code: 'QUEUE_FULL', mayHaveRun: 'no' });
  });
});

describe('a producer whose outcomes nobody reads', () => {
  test('rejects more than maxOutcomes, until somebody does', async () => {
    await using shop = await startShop();
    await shop.work((x) => x);
    const producer = await shop.producer({ outcomes: true, maxOutcomes: 5 });
    await sendAll(producer, numbers(5));
    await until(() => producer.stats().depth === 5, LONG);
    await expect(producer.send(6)).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    for await (const _ of producer) break;
    await producer.send(7);
    await until(() => producer.stats().depth === 5, LONG);
  });

  test('counts those too that are only on their way', async () => {
    await using shop = await startShop();
    const producer = await shop.producer({ outcomes: true, maxOutcomes: 5 });
    const results = await Promise.allSettled(numbers(8).map((n) => producer.send(n)));
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(3);
  });
});
