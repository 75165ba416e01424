/**
 * Tests of a work queue whose processes are killed, frozen, replaced, or poisoned, and of workers that are not equally
 * quick.
 */
import { connectProducer } from 'brokerless/patterns/work-queue';
import { describe, expect, test } from 'vitest';
import { numbers } from '../../support/collect.ts';
import { reservedEndpoint } from '../../support/port.ts';
import { until } from '../../support/until.ts';
import { freeze, survive } from './ordeal.ts';
import { Fleet, Ledger, Process } from './processes.ts';
import { LONG, outcomesOf, PATIENT, sendAll, startShop } from './running.ts';

describe('eight worker processes', PATIENT, () => {
  test('that are killed one after the other do each item, which ends once', async () => {
    const strike = (victim: Process): void => victim.kill('SIGKILL');
    const { strikes, redelivered } = await survive({ count: 10_000, everyMs: 300, strike });
    expect(strikes).toBeGreaterThan(2);
    expect(redelivered).toBeGreaterThan(0);
  });

  test('that are frozen one after the other do each item, which ends once', async () => {
    const { strikes, redelivered } = await survive({
      count: 5000,
      everyMs: 400,
      strike: freeze,
      workers: 4,
    });
    expect(strikes).toBeGreaterThan(2);
    expect(redelivered).toBeGreaterThan(0);
  });
});

describe('workers that are told to end', PATIENT, () => {
  test('under load, one after the other, lose nothing and repeat nothing', async () => {
    // All are asked for at the end.
    await using shop = await startShop({ maxResults: 1_000_000, keepResultsMs: 600_000 });
    using ledger = new Ledger();
    const options = { queue: shop.hub.workers, concurrency: 4, pauseMs: 5, ledger: ledger.folder };
    using fleet = new Fleet(3, options);
    await fleet.ready();
    const producer = await shop.producer();
    const ids: string[] = [];
    let isOver = false;
    const load = (async () => {
      while (!isOver) {
        ids.push(
          ...(await sendAll(
            producer,
            numbers(50).map((n) => ids.length + n),
          )),
        );
        await until(() => shop.hub.stats().unfinished < 200, LONG);
      }
    })();
    for (const leaver of fleet.started) {
      const before = shop.hub.stats().done;
      leaver.kill('SIGTERM');
      await until(() => leaver.hasEnded, { ...LONG, what: 'a worker has left' });
      expect([leaver.child.exitCode, leaver.hasSaid('left')]).toEqual([0, true]);
      await until(() => shop.hub.stats().done > before + 50, LONG);
      await fleet.ready();
    }
    isOver = true;
    await load;
    const outcomes = await outcomesOf(producer, ids);
    const others = outcomes.filter(({ status, attempts }) => status !== 'done' || attempts > 1);
    expect(others).toEqual([]);
    expect(fleet.ended).toBe(3);
    expect(ledger.executions().size).toBe(ids.length);
    expect(ledger.lines()).toHaveLength(ids.length);
    expect(shop.hub.stats()).toMatchObject({ redelivered: 0, retried: 0, late: 0, faults: 0 });
  });
});

describe('an item that kills every worker', PATIENT, () => {
  test('is a dead letter soon, and all others are done', async () => {
    await using shop = await startShop({ maxAttempts: 3 });
    using fleet = new Fleet(3, { queue: shop.hub.workers, credit: 10 });
    await fleet.ready();
    const producer = await shop.producer<number | string>();
    const items = numbers(600).map((n) => (n === 100 ? 'poison' : n));
    const outcomes = await outcomesOf(producer, await sendAll(producer, items));
    const [poison] = outcomes.splice(100, 1);
    const error = { code: 'WORKER_LOST' };
    expect(poison).toMatchObject({ status: 'failed', attempts: 3, error });
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['done']));
    expect(outcomes.every(({ attempts }) => attempts <= 2)).toBe(true);
    expect(shop.hub.deadLetters()).toMatchObject([{ item: 'poison' }]);
    await until(() => fleet.ended === 3, LONG);
    expect(shop.hub.stats()).toMatchObject({ accepted: 600, done: 599, failed: 1 });
  });
});

describe('a quick and a slow worker', PATIENT, () => {
  test('share the work by their speed', async () => {
    await using shop = await startShop();
    using quick = new Process('worker', { queue: shop.hub.workers, pauseMs: 10 });
    using slow = new Process('worker', { queue: shop.hub.workers, pauseMs: 40 });
    await Promise.all([quick.hears('started'), slow.hears('started')]);
    await until(() => shop.hub.stats().workers === 2, LONG);
    const producer = await shop.producer();
    await outcomesOf(producer, await sendAll(producer, numbers(600)));
    const [one, other] = await Promise.all([quick.stats(), slow.stats()]);
    expect(one.received + other.received).toBe(600);
    // By how long each takes, which a machine that has much else to do changes.
    const fair = (600 * other.durations.p50) / (one.durations.p50 + other.durations.p50);
    expect(Math.abs(one.received - fair)).toBeLessThan(120); // Of some 480: evenly would be 300.
  });
});

describe('a hub process that is killed, with the memory store', PATIENT, () => {
  test('and started again: its producer learns what was not done, and nothing hangs', async () => {
    const where = { producers: await reservedEndpoint(), workers: await reservedEndpoint() };
    const options = { ...where, heartbeatMs: 100 };
    const quick = { reconnectMs: 10, reconnectMaxMs: 50 };
    const first = new Process('hub', options);
    await first.hears('bound');
    using fleet = new Fleet(2, { queue: where.workers, concurrency: 4, pauseMs: 20, ...quick });
    await using producer = await connectProducer<number, number>(where.producers, {
      outcomes: true,
      ...quick,
    });
    const sent = numbers(3000).map((n) => producer.send(n));
    const ended = new Map<string, string>();
    const reading = (async () => {
      for await (const { id, status } of producer) {
        expect(ended.has(id)).toBe(false);
        if (ended.set(id, status).size === 6000) break;
      }
    })();
    await until(() => ended.size > 500, LONG);
    first.kill('SIGKILL');
    await until(() => first.hasEnded, LONG);
    sent.push(...numbers(3000).map((n) => producer.send(n)));
    using second = new Process('hub', options);
    await second.hears('bound');
    await reading;
    const ids = await Promise.all(sent);
    expect(new Set(ids).size).toBe(6000);
    expect(ids.every((id) => ended.has(id))).toBe(true);
    const statuses = [...ended.values()];
    const lost = statuses.filter((status) => status === 'lost').length;
    expect(new Set(statuses)).toEqual(new Set(['done', 'lost']));
    expect(lost).toBeLessThan(2500);
    expect(producer.stats()).toMatchObject({ sent: 6000, accepted: 6000, inFlight: 0 });
    expect(fleet.ended).toBe(0);
  });
});
