/**
 * Tests of servers that have more to do than they take on: what is too much is refused at once, and counted.
 */
import {
  type ConnectOptions,
  call,
  contract,
  type ServeOptions,
  stream,
} from 'brokerless/patterns/service';
import { describe, expect, test } from 'vitest';
import { rejects } from '../../contracts/lifecycle.ts';
import { numbers } from '../../support/collect.ts';
import { until } from '../../support/until.ts';
import { clientOf, Desk, later, pair, sorted } from './running.ts';

const work = contract('work', {
  hold: call<number, number>(),
  quick: call<number, number>({ idempotent: true }),
  ticks: stream<void, number>(),
});

async function working(serve: Partial<ServeOptions>, connect: Partial<ConnectOptions> = {}) {
  const desk = new Desk();
  const handlers = { hold: desk.handler, quick: (n: number) => n, ticks: () => [1, 2] };
  const both = await pair(work, handlers, { serve, connect });
  return Object.assign(both, { desk });
}

describe('a server that is busy', () => {
  test('carries out as many at a time as it may, the next in the order in which they came', async () => {
    await using both = await working({ concurrency: 3 });
    const asked = numbers(10).map((n) => both.client.hold(n));
    await both.desk.call(2);
    await until(() => both.server.stats().depth === 7);
    expect(both.server.stats()).toMatchObject({ inFlight: 3, depth: 7 });
    expect(both.desk.inputs).toEqual([0, 1, 2]);
    both.desk.held[1]?.resolve(1);
    expect((await both.desk.call(3)).input).toBe(3);
    both.desk.held[1]?.resolve(1);
    for (const n of numbers(10)) (await both.desk.call(n)).resolve(n);
    expect(await Promise.all(asked)).toEqual(numbers(10));
    expect(both.desk.inputs).toEqual(numbers(10));
  });

  test('refuses at once what there is no room for, and nothing of it has been done', async () => {
    await using both = await working({ concurrency: 1, maxQueued: 2 });
    const asked = numbers(3).map((n) => later(both.client.hold(n)));
    await until(() => both.server.stats().depth === 2);
    const error = await rejects(both.client.hold(3), 'OVERLOADED');
    expect(error).toMatchObject({ mayHaveRun: 'no' });
    const reading = both.client.ticks().next();
    await rejects(reading, 'OVERLOADED');
    expect(both.server.stats()).toMatchObject({ refused: 2, inFlight: 1, depth: 2 });
    expect(both.server.stats().methods).toMatchObject({
      hold: { received: 1, refused: 1 },
      ticks: { received: 0, refused: 1 },
    });
    for (const n of numbers(3)) (await both.desk.call(n)).resolve(n);
    expect(await Promise.all(asked)).toEqual([0, 1, 2]);
    expect(await both.client.quick(5)).toBe(5);
  });

  test('refuses by bytes too', async () => {
    const text = contract('text', { keep: call<string, number>() });
    const desk = new Desk<string>();
    const serve = { concurrency: 1, maxQueueBytes: 10_000 };
    await using both = await pair(text, { keep: desk.handler }, { serve });
    const asked = numbers(30).map(() => both.client.keep('x'.repeat(1000)));
    const outcomes = Promise.allSettled(asked);
    await until(() => {
      const { inFlight, depth, refused } = both.server.stats();
      return inFlight + depth + refused === 30; // They come in several messages.
    });
    for (const n of numbers(30 - both.server.stats().refused)) (await desk.call(n)).resolve(n);
    const { answers, failures } = sorted(await outcomes);
    expect(answers.length).toBeGreaterThan(9);
    expect(answers.length).toBeLessThan(14);
    expect(new Set(failures.map((each) => (each as { code: string }).code))).toEqual(
      new Set(['OVERLOADED']),
    );
    expect(both.server.stats()).toMatchObject({ refused: failures.length });
  });

  test('takes nobody on who has to wait, if it is told to', async () => {
    await using both = await working({ concurrency: 1, maxQueued: 0 });
    const asked = both.client.hold(1);
    const { resolve } = await both.desk.call(0);
    await rejects(both.client.hold(2), 'OVERLOADED');
    resolve(1);
    expect(await asked).toBe(1);
    expect(await both.client.quick(3)).toBe(3);
  });

  test('has room again for each call that was given up while it waited', async () => {
    await using both = await working({ concurrency: 1, maxQueued: 3 });
    const first = both.client.hold(0);
    const { resolve } = await both.desk.call(0);
    const aborting = new AbortController();
    const { signal } = aborting;
    const given = numbers(3).map((n) => later(both.client.hold(n + 1, { signal })));
    await until(() => both.server.stats().depth === 3);
    aborting.abort();
    await Promise.allSettled(given);
    await until(() => both.server.stats().depth === 0);
    const asked = numbers(3).map((n) => both.client.quick(n));
    await until(() => both.server.stats().depth === 3);
    resolve(0);
    await first;
    expect(await Promise.all(asked)).toEqual([0, 1, 2]);
    expect(both.desk.inputs).toEqual([0]);
    expect(both.server.stats()).toMatchObject({ refused: 0 });
  });
});

describe('a caller that is refused', () => {
  const backoff = { baseMs: 5, maxMs: 20 };

  test('asks again if the call may be carried out twice, after a while', async () => {
    await using both = await working({ concurrency: 1, maxQueued: 0 }, { backoff, retries: 50 });
    const first = both.client.hold(0);
    const { resolve } = await both.desk.call(0);
    const asked = both.client.quick(1);
    await until(() => both.client.stats().retried > 0);
    resolve(0);
    expect(await asked).toBe(1);
    await first;
    const { retried, sent, received } = both.client.stats();
    expect([sent - retried, received]).toEqual([2, 2]);
    expect(both.server.stats().refused).toBe(retried);
  });

  test('asks again whatever it is if it is told to: nothing has been done', async () => {
    await using both = await working({ concurrency: 1, maxQueued: 0 }, { backoff });
    const first = both.client.hold(0);
    const { resolve } = await both.desk.call(0);
    const asked = both.client.hold(1, { retries: 1000 });
    await until(() => both.client.stats().retried > 0);
    resolve(0);
    await first;
    (await both.desk.call(1)).resolve(1);
    expect(await asked).toBe(1);
  });

  test('asks no more often than it may', async () => {
    await using both = await working({ concurrency: 1, maxQueued: 0 }, { backoff, retries: 2 });
    void later(both.client.hold(0));
    await both.desk.call(0);
    const error = await rejects(both.client.quick(1), 'OVERLOADED');
    expect(error).toMatchObject({ mayHaveRun: 'no' });
    expect(both.client.stats()).toMatchObject({ retried: 2, sent: 4 });
    await rejects(both.client.quick(1, { retries: 0 }), 'OVERLOADED');
    expect(both.client.stats()).toMatchObject({ retried: 2, sent: 5 });
  });

  test('shares what may be asked again with all others', async () => {
    const retryBudget = { ratio: 0, max: 5 };
    const connect = { backoff, retries: 10, retryBudget };
    await using both = await working({ concurrency: 1, maxQueued: 0 }, connect);
    void later(both.client.hold(0));
    await both.desk.call(0);
    const outcomes = await Promise.allSettled(numbers(20).map((n) => both.client.quick(n)));
    expect(sorted(outcomes).failures).toHaveLength(20);
    expect(both.client.stats()).toMatchObject({ retried: 5 });
  });

  test('goes to another server that has room', async () => {
    await using busy = await working({ concurrency: 1, maxQueued: 0 });
    await using idle = await working({ concurrency: 10 });
    void later(busy.client.hold(0));
    await busy.desk.call(0);
    await using client = await clientOf(work, [busy.server, idle.server], { backoff });
    await until(() => client.stats().connections === 2);
    expect(await Promise.all(numbers(20).map((n) => client.quick(n)))).toEqual(numbers(20));
    expect(idle.server.stats().methods['quick']).toMatchObject({ done: 20 });
  });
});
