/**
 * Tests of keys: calls that name their effect, which happens once however often they are asked.
 */
import { call, contract } from 'brokerless/patterns/service';
import { describe, expect, test } from 'vitest';
import { rejects } from '../../contracts/lifecycle.ts';
import { numbers } from '../../support/collect.ts';
import { until } from '../../support/until.ts';
import { clientOf, Desk, later, type PairOptions, pair } from './running.ts';

const bank = contract('bank', { pay: call<number, number>(), give: call<number, number>() });

/** A bank where a test does the paying. */
async function banking(serve: PairOptions['serve'] = {}) {
  const desk = new Desk();
  const both = await pair(bank, { pay: desk.handler, give: (n) => n }, { serve });
  return Object.assign(both, { desk });
}

/** A bank that counts what it pays. */
async function counting(serve: PairOptions['serve'] = {}) {
  let paid = 0;
  const pay = (amount: number): number => {
    paid += 1;
    return amount + paid;
  };
  const both = await pair(bank, { pay, give: pay }, { serve });
  return Object.assign(both, { paid: () => paid });
}

describe('a call with a key', () => {
  test('that comes again is answered as the first was, by whomever it is asked', async () => {
    await using both = await counting();
    await using other = await clientOf(bank, both.server);
    expect(await both.client.pay(100, { key: 'a' })).toBe(101);
    expect(await both.client.pay(100, { key: 'a' })).toBe(101);
    expect(await other.pay(7, { key: 'a' })).toBe(101);
    expect(await both.client.pay(100, { key: 'b' })).toBe(102);
    expect(await both.client.pay(100)).toBe(103);
    expect(both.paid()).toBe(3);
    expect(both.server.stats()).toMatchObject({ received: 5, replies: 2 });
    expect(both.server.stats().methods['pay']).toMatchObject({ received: 3, done: 3, repeated: 2 });
  });

  test('is told apart from one of another method', async () => {
    await using both = await counting();
    expect(await both.client.pay(0, { key: 'a' })).toBe(1);
    expect(await both.client.give(0, { key: 'a' })).toBe(2);
  });

  test('is known to its handler by it', async () => {
    await using both = await banking();
    const asked = both.client.pay(1, { key: 'a' });
    const { context, resolve } = await both.desk.call(0);
    expect(context.key).toBe('a');
    resolve(1);
    await asked;
    const plain = both.client.pay(1);
    const next = await both.desk.call(1);
    expect(next.context.key).toBe(undefined);
    next.resolve(1);
    await plain;
  });

  test('that comes while the first is carried out waits for the same answer', async () => {
    await using both = await banking();
    await using other = await clientOf(bank, both.server);
    const asked = [both.client, both.client, other, other].map((client, n) =>
      client.pay(n, { key: 'a' }),
    );
    const { resolve } = await both.desk.call(0);
    await until(() => both.server.stats().depth === 3);
    await both.client.give(1);
    resolve(42);
    expect(await Promise.all(asked)).toEqual([42, 42, 42, 42]);
    expect(both.desk.inputs).toHaveLength(1);
    expect(both.server.stats()).toMatchObject({ inFlight: 0, depth: 0, replies: 1 });
  });

  test('a hundred at once have one effect', async () => {
    await using both = await counting();
    const asked = numbers(100).map((n) => both.client.pay(n, { key: 'a' }));
    expect(new Set(await Promise.all(asked)).size).toBe(1);
    expect(both.paid()).toBe(1);
  });

  test('that has failed is answered so again: its effect may have happened', async () => {
    await using both = await banking();
    const asked = [1, 2].map((n) => rejects(both.client.pay(n, { key: 'a' }), 'HANDLER_FAILED'));
    const { reject } = await both.desk.call(0);
    await until(() => both.server.stats().depth === 1);
    reject(Object.assign(new Error('refused'), { code: 'NO' }));
    await Promise.all(asked);
    const error = await rejects(both.client.pay(3, { key: 'a' }), 'HANDLER_FAILED');
    expect(error).toMatchObject({ message: 'refused', data: { code: 'NO' } });
    expect(both.desk.inputs).toEqual([1]);
  });

  test('may be asked again when its server is lost, as it has one effect there', async () => {
    const desks = [new Desk(), new Desk()];
    const give = (n: number): number => n;
    const [one, two] = await Promise.all(
      desks.map((desk) => pair(bank, { pay: desk.handler, give })),
    );
    if (one === undefined || two === undefined) throw new Error('there are two');
    await using client = await clientOf(bank, [one.server, two.server], { retries: 1 });
    await until(() => client.stats().connections === 2);
    const asked = client.pay(1, { key: 'a' });
    await until(() => desks.some(({ held }) => held.length === 1));
    const [lost, heir] = desks[0]?.held.length === 1 ? [one, desks[1]] : [two, desks[0]];
    await lost.server.close();
    const { context, resolve } = (await heir?.call(0)) ?? expect.fail();
    expect(context.key).toBe('a');
    resolve(5);
    expect(await asked).toBe(5);
    expect(client.stats()).toMatchObject({ retried: 1 });
    await Promise.all([one, two].map((each) => each[Symbol.asyncDispose]()));
  });
});

describe('when the first caller gives up', () => {
  test('its handler goes on for the others', async () => {
    await using both = await banking();
    const aborting = new AbortController();
    const first = later(both.client.pay(1, { key: 'a', signal: aborting.signal }));
    const { context, resolve } = await both.desk.call(0);
    const second = both.client.pay(2, { key: 'a' });
    await until(() => both.server.stats().depth === 1);
    aborting.abort();
    await rejects(first, 'ABORTED');
    await both.client.give(1);
    expect(context.signal.aborted).toBe(false);
    resolve(9);
    expect(await second).toBe(9);
    expect(both.server.stats()).toMatchObject({ inFlight: 0, depth: 0 });
  });

  test('and nobody else waits, its handler is told to stop', async () => {
    await using both = await banking();
    const aborting = new AbortController();
    const { signal } = aborting;
    const asked = [1, 2].map((n) => later(both.client.pay(n, { key: 'a', signal })));
    const { context } = await both.desk.call(0);
    await until(() => both.server.stats().depth === 1);
    aborting.abort();
    await Promise.all(asked.map((each) => rejects(each, 'ABORTED')));
    await until(() => context.signal.aborted);
  });

  test('and its handler stops, another who waits has the effect brought about', async () => {
    await using both = await banking();
    const aborting = new AbortController();
    const first = later(both.client.pay(1, { key: 'a', signal: aborting.signal }));
    const held = await both.desk.call(0);
    aborting.abort();
    await rejects(first, 'ABORTED');
    await until(() => held.context.signal.aborted);
    const second = both.client.pay(2, { key: 'a' });
    await until(() => both.server.stats().depth === 1);
    held.reject(held.context.signal.reason);
    const { input, resolve } = await both.desk.call(1);
    resolve(10 * input);
    expect(await second).toBe(20);
  });
});

describe('answers are kept', () => {
  test('in a number that is bounded: the oldest are forgotten', async () => {
    await using both = await counting({ maxReplies: 2 });
    for (const key of ['a', 'b', 'c']) await both.client.pay(0, { key });
    expect(both.server.stats()).toMatchObject({ replies: 2 });
    expect(await both.client.pay(0, { key: 'c' })).toBe(3);
    expect(await both.client.pay(0, { key: 'a' })).toBe(4);
  });

  test('for a time that is bounded', async () => {
    await using both = await counting({ keepRepliesMs: 0 });
    expect(await both.client.pay(0, { key: 'a' })).toBe(1);
    expect(await both.client.pay(0, { key: 'a' })).toBe(2);
  });

  test('in bytes that are bounded', async () => {
    await using both = await counting({ maxReplyBytes: 1000 });
    for (const n of numbers(50)) await both.client.pay(0, { key: `${n}` });
    expect(both.server.stats().replies).toBeLessThan(5);
  });
});
