/**
 * Tests of streams: values in order, no more of them than there is room for, and every way in which one ends.
 */
import { type CallContext, call, contract, stream } from 'brokerless/patterns/service';
import { describe, expect, test } from 'vitest';
import { rejects } from '../../contracts/lifecycle.ts';
import { numbers } from '../../support/collect.ts';
import { until } from '../../support/until.ts';
import { gate, PATIENT, pair, transports } from './running.ts';

const counting = contract('counting', {
  upTo: stream<number, number>(),
  values: stream<unknown, unknown>(),
  ping: call<void, string>(),
});

/** Counts, and tells how far it has got. */
class Counter {
  given = 0;
  ended = 0;
  contexts: CallContext<unknown>[] = [];

  readonly handlers = {
    upTo: (most: number, context: CallContext<unknown>): AsyncIterable<number> =>
      this.#count(most, context),
    values: (value: unknown): Iterable<unknown> => value as Iterable<unknown>,
    ping: (): string => 'pong',
  };

  async *#count(most: number, context: CallContext<unknown>): AsyncGenerator<number> {
    this.contexts.push(context);
    try {
      for (let n = 0; n < most; n += 1) {
        this.given += 1;
        yield n;
      }
    } finally {
      this.ended += 1;
    }
  }
}

/** All values of a stream. */
async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const read: T[] = [];
  for await (const value of values) read.push(value);
  return read;
}

describe.each(Object.entries(transports))('streams over %s', (_name, bind) => {
  test('give all their values in order, and end', PATIENT, async () => {
    const counter = new Counter();
    await using both = await pair(counting, counter.handlers, { bind });
    expect(await all(both.client.upTo(10_000))).toEqual(numbers(10_000));
    expect(counter).toMatchObject({ given: 10_000, ended: 1 });
    expect(both.client.stats()).toMatchObject({ received: 1, inFlight: 0, late: 0 });
    expect(both.server.stats()).toMatchObject({ received: 1, sent: 10_000, inFlight: 0 });
  });

  test('go on side by side, with calls between them', async () => {
    const counter = new Counter();
    await using both = await pair(counting, counter.handlers, { bind });
    const read = numbers(50).map((n) => all(both.client.upTo(10 * n, { credit: 4 })));
    const asked = numbers(50).map(() => both.client.ping());
    expect(await Promise.all(read)).toEqual(numbers(50).map((n) => numbers(10 * n)));
    expect(await Promise.all(asked)).toEqual(numbers(50).map(() => 'pong'));
  });

  test('that are left stop their source, whose finally runs in the server', async () => {
    const counter = new Counter();
    await using both = await pair(counting, counter.handlers, { bind });
    for await (const n of both.client.upTo(Infinity)) if (n === 1000) break;
    await until(() => counter.ended === 1);
    const [context] = counter.contexts;
    expect(context?.signal.reason).toMatchObject({ code: 'ABORTED' });
    await until(() => both.server.stats().inFlight === 0);
    expect(both.server.stats().methods['upTo']).toMatchObject({ cancelled: 1 });
    expect(both.client.stats()).toMatchObject({ inFlight: 0 });
    expect(both.client.stats().methods['upTo']).toMatchObject({ asked: 1, done: 0, failed: 1 });
  });
});

describe('a reader', () => {
  test.each([1, 2, 3, 10, 256])(
    'that stops keeps the source no more than %i values ahead',
    async (credit) => {
      const counter = new Counter();
      await using both = await pair(counting, counter.handlers);
      const values = both.client.upTo(Infinity, { credit });
      for (const n of numbers(3 * credit)) {
        expect(await values.next()).toEqual({ value: n, done: false });
        expect(counter.given).toBeLessThanOrEqual(n + 1 + credit);
      }
      await both.client.ping(); // What it has been granted has arrived by then.
      await both.client.ping();
      expect(counter.given).toBeLessThanOrEqual(4 * credit);
      expect(counter.given).toBeGreaterThan(3 * credit - 1);
      await values.return?.();
      await until(() => counter.ended === 1);
    },
  );

  test('that asks for several values at once gets them in order', async () => {
    await using both = await pair(counting, new Counter().handlers);
    const values = both.client.upTo(4);
    const read = await Promise.all(numbers(6).map(() => values.next()));
    expect(read.map(({ value }) => value)).toEqual([0, 1, 2, 3, undefined, undefined]);
    expect(read.map(({ done }) => done)).toEqual([false, false, false, false, true, true]);
  });

  test('asks for nothing before it reads, and nothing more when it is done', async () => {
    const counter = new Counter();
    await using both = await pair(counting, counter.handlers);
    const values = both.client.upTo(1);
    await both.client.ping();
    expect(both.server.stats().methods['upTo']?.received).toBe(0);
    expect(await all(values)).toEqual([0]);
    expect(await all(values)).toEqual([]);
    expect(await values.next()).toEqual({ value: undefined, done: true });
    expect(both.server.stats().methods['upTo']?.received).toBe(1);
  });

  test('that has gone before it began asks for nothing at all', async () => {
    await using both = await pair(counting, new Counter().handlers);
    const values = both.client.upTo(5);
    await values.return?.();
    expect(await all(values)).toEqual([]);
    expect(both.client.stats()).toMatchObject({ sent: 0, inFlight: 0 });
  });

  test('that goes while it begins leaves nothing at work', async () => {
    const counter = new Counter();
    await using both = await pair(counting, counter.handlers);
    const values = both.client.upTo(Infinity);
    const first = values.next();
    await values.return?.();
    expect(await first).toEqual({ value: undefined, done: true });
    await both.client.ping();
    await until(() => both.server.stats().inFlight === 0);
    expect(counter.ended).toBe(counter.contexts.length);
    expect(both.client.stats()).toMatchObject({ inFlight: 0 });
  });
});

describe('the source of a stream', () => {
  test.each([
    ['an array', [1, 'two', null, undefined]],
    ['a Set', new Set([1, 2])],
    ['nothing', []],
    ['text, letter by letter', 'abc'],
  ])('may be %s', async (_what, value) => {
    await using both = await pair(counting, {
      ...new Counter().handlers,
      values: () => value as Iterable<unknown>,
    });
    expect(await all(both.client.values(0))).toEqual([...(value as Iterable<unknown>)]);
    expect(both.client.stats()).toMatchObject({ received: 1, inFlight: 0 });
  });

  test('may be a generator, which is left when its reader is', async () => {
    let isLeft = false;
    function* forever(): Generator<number> {
      try {
        for (let n = 0; ; n += 1) yield n;
      } finally {
        isLeft = true;
      }
    }
    await using both = await pair(counting, { ...new Counter().handlers, values: forever });
    for await (const n of both.client.values(0)) if (n === 500) break;
    await until(() => isLeft);
    expect(await both.client.ping()).toBe('pong'); // It has not kept others from their turn.
  });

  test('may be promised', async () => {
    const later = (async () => [1, 2, 3]) as never;
    await using both = await pair(counting, { ...new Counter().handlers, values: later });
    expect(await all(both.client.values(0))).toEqual([1, 2, 3]);
  });

  test('that is none is an error of the handler', async () => {
    await using both = await pair(counting, new Counter().handlers);
    const error = await rejects(all(both.client.values(5)), 'HANDLER_FAILED');
    expect(error).toMatchObject({ data: { code: 'BAD_VALUE' } });
    expect(both.server.stats().methods['values']).toMatchObject({ failed: 1, inFlight: 0 });
  });

  test('that fails gives what it gave before, and then its error', async () => {
    async function* failing(): AsyncGenerator<number> {
      yield 1;
      yield 2;
      throw Object.assign(new Error('no more'), { code: 'DRY', data: { left: 0 } });
    }
    await using both = await pair(counting, { ...new Counter().handlers, values: failing });
    const read: unknown[] = [];
    const reading = (async () => {
      for await (const value of both.client.values(0)) read.push(value);
    })();
    const error = await rejects(reading, 'HANDLER_FAILED');
    expect(error).toMatchObject({ message: 'no more', data: { code: 'DRY', data: { left: 0 } } });
    expect(read).toEqual([1, 2]);
    expect(both.client.stats().methods['values']).toMatchObject({ done: 0, failed: 1 });
    expect(both.server.stats().methods['values']).toMatchObject({ done: 0, failed: 1 });
  });

  test.each([
    ['cannot be encoded', (): unknown => () => {}, 'BAD_VALUE'],
    ['is too large', (): unknown => 'x'.repeat(2000), 'TOO_LARGE'],
  ])('that gives what %s is left, and its reader hears why', async (_what, bad, code) => {
    let isLeft = false;
    async function* source(): AsyncGenerator {
      try {
        yield 1;
        yield bad();
        yield 3;
      } finally {
        isLeft = true;
      }
    }
    const handlers = { ...new Counter().handlers, values: source };
    await using both = await pair(counting, handlers, { serve: { maxMessageBytes: 1000 } });
    const values = both.client.values(0);
    expect(await values.next()).toEqual({ value: 1, done: false });
    expect(await rejects(values.next(), 'HANDLER_FAILED')).toMatchObject({ data: { code } });
    expect(await values.next()).toEqual({ value: undefined, done: true });
    await until(() => isLeft);
    expect(await both.client.ping()).toBe('pong');
  });

  test('that is stuck when its reader goes is left when it comes to itself', async () => {
    const held = gate();
    let isLeft = false;
    async function* stuck(): AsyncGenerator<number> {
      try {
        yield 1;
        await held.opened;
        yield 2;
      } finally {
        isLeft = true;
      }
    }
    await using both = await pair(counting, { ...new Counter().handlers, values: stuck });
    for await (const value of both.client.values(0)) if (value === 1) break;
    await until(() => both.server.stats().methods['values']?.cancelled === 1);
    expect(isLeft).toBe(false);
    held.open();
    await until(() => isLeft);
    expect(both.server.stats()).toMatchObject({ inFlight: 0 });
  });
});
