/**
 * Tests of calls from one process to itself, by real sockets: thousands at a time, in time, given up, refused.
 */
import { getEventListeners } from 'node:events';
import { call, connectTo, contract } from 'brokerless/patterns/service';
import { describe, expect, test } from 'vitest';
import { failure, rejects } from '../../contracts/lifecycle.ts';
import { signalling } from '../../support/asking.ts';
import { numbers } from '../../support/collect.ts';
import { reservedEndpoint } from '../../support/port.ts';
import { until } from '../../support/until.ts';
import { Desk, LONG, later, PATIENT, pair, transports } from './running.ts';

const math = contract('math', {
  add: call<{ a: number; b: number }, number>(),
  slow: call<number, number>(),
  echo: call<unknown, unknown>(),
  now: call<void, string>(),
});

const handlers = {
  add: ({ a, b }: { a: number; b: number }): number => a + b,
  slow: new Desk().handler,
  echo: (value: unknown): unknown => value,
  now: (): string => 'now',
};

describe.each(Object.entries(transports))('calls over %s', (_name, bind) => {
  test(
    'five thousand at once on one connection each get an answer of their own',
    PATIENT,
    async () => {
      await using both = await pair(math, handlers, { bind });
      const { client, server } = both;
      const asked = numbers(5000).map((n) => client.add({ a: n, b: n }, LONG));
      expect(client.stats().inFlight).toBe(5000);
      expect(await Promise.all(asked)).toEqual(numbers(5000).map((n) => 2 * n));
      expect(client.stats()).toMatchObject({ sent: 5000, received: 5000, inFlight: 0, late: 0 });
      expect(server.stats()).toMatchObject({ received: 5000, sent: 5000, inFlight: 0, depth: 0 });
    },
  );

  test('that end in another order than they came in still get their own answers', async () => {
    const desk = new Desk();
    await using both = await pair(math, { ...handlers, slow: desk.handler }, { bind });
    const asked = numbers(200).map((n) => both.client.slow(n));
    await desk.call(199);
    for (const { input, resolve } of desk.held.toReversed()) resolve(3 * input);
    expect(await Promise.all(asked)).toEqual(numbers(200).map((n) => 3 * n));
  });

  test('given up by their caller abort the signal of the handler', async () => {
    const desk = new Desk();
    await using both = await pair(math, { ...handlers, slow: desk.handler }, { bind });
    const { signal, abort, reason, listeners } = signalling();
    const asked = rejects(both.client.slow(1, { signal }), 'ABORTED');
    const held = await desk.call(0);
    expect(held.context.signal.aborted).toBe(false);
    abort();
    expect(await asked).toMatchObject({ cause: reason, mayHaveRun: 'maybe' });
    expect(listeners()).toBe(0);
    await until(() => held.context.signal.aborted);
    expect(held.context.signal.reason).toMatchObject({ code: 'ABORTED' });
    held.resolve(0);
    await until(() => both.server.stats().inFlight === 0);
    expect(both.server.stats().methods['slow']).toMatchObject({ cancelled: 1 });
    expect(both.client.stats()).toMatchObject({ inFlight: 0, received: 0 });
  });
});

describe('what is asked and answered', () => {
  test('may be nothing, and nothing needs not be given', async () => {
    await using both = await pair(math, handlers);
    expect(await both.client.now()).toBe('now');
    expect(await both.client.now(undefined, LONG)).toBe('now');
    expect(await both.client.echo(undefined)).toBe(undefined);
    expect(await both.client.echo(null)).toBe(null);
  });

  test('may be all that CBOR carries', async () => {
    await using both = await pair(math, handlers);
    const value = {
      date: new Date(5),
      map: new Map([[1, 'one']]),
      set: new Set(['a']),
      big: 12_345_678_901_234_567_890n,
      bytes: Uint8Array.of(1, 2, 3),
      deep: [{ a: [null, undefined, true] }],
    };
    const echoed = (await both.client.echo(value)) as typeof value;
    expect({ ...echoed, bytes: Uint8Array.from(echoed.bytes) }).toEqual(value);
  });

  test('may be large, and many of those come back whole', async () => {
    await using both = await pair(math, handlers);
    const sizes = [0, 1, 4095, 4096, 65_535, 65_536, 1_000_000];
    const texts = sizes.map((size) => 'x'.repeat(size));
    expect(await Promise.all(texts.map((text) => both.client.echo(text)))).toEqual(texts);
  });

  test('is what it was when it was asked, whatever becomes of it then', async () => {
    await using both = await pair(math, handlers);
    const input = { a: 1, b: 2 };
    const asked = both.client.add(input);
    input.a = 100;
    expect(await asked).toBe(3);
  });

  test('is a message for both sides: what is asked in one turn leaves together', async () => {
    await using both = await pair(math, handlers);
    const answers = numbers(10).map(async (n) => both.client.add({ a: n, b: 1 }));
    expect(await Promise.all(answers)).toEqual(numbers(10).map((n) => n + 1));
  });
});

describe('the time of a call', () => {
  test('that is over while the handler is at work is an error that says so', async () => {
    const desk = new Desk();
    await using both = await pair(math, { ...handlers, slow: desk.handler });
    const asked = rejects(both.client.slow(1, { timeoutMs: 2000 }), 'TIMEOUT');
    const { context } = await desk.call(0);
    expect(context.remainingMs).toBeGreaterThan(0);
    expect(context.remainingMs).toBeLessThanOrEqual(2001);
    const error = await asked;
    const server = both.server.endpoint;
    expect(error).toMatchObject({
      mayHaveRun: 'maybe',
      data: { progress: 'running', server, attempts: 1 },
    });
    expect(String(error)).toContain('math.slow: no answer in time');
    await until(() => context.signal.aborted);
    await until(() => context.remainingMs === 0);
    await until(() => {
      const { cancelled = 0, expired = 0 } = both.server.stats().methods['slow'] ?? {};
      return cancelled + expired === 1; // Either side's clock may be the first to say so.
    });
  });

  test('is that of the call, or of its method, or of the client', async () => {
    const timed = contract('timed', {
      quick: call<void, number>({ timeoutMs: 4000 }),
      plain: call<void, number>(),
    });
    const look = (_input: unknown, { remainingMs }: { remainingMs: number }): number => remainingMs;
    await using both = await pair(
      timed,
      { quick: look, plain: look },
      { connect: { timeoutMs: 20_000 } },
    );
    const { client } = both;
    const within = async (asked: Promise<number>, most: number): Promise<void> => {
      const left = await asked;
      expect(left).toBeGreaterThan(most / 2);
      expect(left).toBeLessThanOrEqual(most + 1);
    };
    await within(client.quick(), 4000);
    await within(client.quick(undefined, { timeoutMs: 2000 }), 2000);
    await within(client.plain(), 20_000);
    await within(client.plain(undefined, { timeoutMs: 2000 }), 2000);
  });

  test('passes while no server is there, and nothing has been sent', async () => {
    await using both = await pair(math, handlers);
    await both.server.close();
    await until(() => both.client.stats().connections === 0, LONG);
    const error = await rejects(both.client.add({ a: 1, b: 1 }, { timeoutMs: 50 }), 'TIMEOUT');
    expect(error).toMatchObject({ mayHaveRun: 'no', data: { progress: 'waiting', attempts: 0 } });
    expect(both.client.stats()).toMatchObject({ inFlight: 0, depth: 0, sent: 0 });
  });

  test('that is over before its turn: the handler is never asked', async () => {
    const desk = new Desk();
    const serve = { concurrency: 1 };
    await using both = await pair(math, { ...handlers, slow: desk.handler }, { serve });
    const first = later(both.client.slow(1));
    const { resolve } = await desk.call(0);
    const error = await rejects(both.client.slow(2, { timeoutMs: 50 }), 'TIMEOUT');
    expect(error).toMatchObject({ data: { progress: 'sent' } });
    await until(() => both.server.stats().methods['slow']?.cancelled === 1);
    resolve(7);
    expect(await first).toBe(7);
    expect(await both.client.add({ a: 1, b: 1 })).toBe(2);
    expect(desk.inputs).toEqual([1]);
  });

  test('is over for an answer that was on its way already, which is dropped and counted', async () => {
    const { signal, abort } = signalling();
    const slow = (n: number): number => {
      abort(); // The server cannot know of it yet.
      return n;
    };
    await using both = await pair(math, { ...handlers, slow });
    const error = await rejects(both.client.slow(1, { signal }), 'ABORTED');
    expect(error).toMatchObject({ mayHaveRun: 'maybe' });
    await until(() => both.client.stats().late === 1);
    expect(await both.client.add({ a: 1, b: 1 })).toBe(2);
    expect(both.client.stats()).toMatchObject({ late: 1, inFlight: 0, received: 1 });
  });
});

describe('a signal', () => {
  test('that has fired already asks nothing', async () => {
    await using both = await pair(math, handlers);
    const { signal, abort, reason } = signalling();
    abort();
    const error = await rejects(both.client.add({ a: 1, b: 1 }, { signal }), 'ABORTED');
    expect(error).toMatchObject({ cause: reason, mayHaveRun: 'no' });
    expect(both.client.stats()).toMatchObject({ sent: 0, inFlight: 0 });
  });

  test('keeps no listener when the call is over, however it ends', async () => {
    const desk = new Desk();
    await using both = await pair(math, { ...handlers, slow: desk.handler });
    const { signal } = new AbortController();
    await both.client.add({ a: 1, b: 1 }, { signal });
    const [answered, failed] = [1, 2].map((n) => later(both.client.slow(n, { signal })));
    await desk.call(1);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1); // One for all.
    desk.held[0]?.resolve(1);
    desk.held[1]?.reject(new Error('no'));
    await Promise.allSettled([answered, failed]);
    await failure(both.client.slow(3, { signal, timeoutMs: 20 }));
    await rejects(
      both.client.echo(() => {}, { signal }),
      'BAD_VALUE',
    );
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('that fires while a call waits for a server ends the wait', async () => {
    await using both = await pair(math, handlers);
    await both.server.close();
    await until(() => both.client.stats().connections === 0, LONG);
    const { signal, abort } = signalling();
    const asked = rejects(both.client.add({ a: 1, b: 1 }, { signal }), 'ABORTED');
    abort();
    expect(await asked).toMatchObject({ mayHaveRun: 'no' });
    expect(both.client.stats()).toMatchObject({ inFlight: 0, depth: 0 });
  });
});

describe('too much under way', () => {
  test('is refused here, before it leaves, and there is room when calls are over', async () => {
    const desk = new Desk();
    const connect = { maxInFlight: 3 };
    await using both = await pair(math, { ...handlers, slow: desk.handler }, { connect });
    const asked = numbers(3).map((n) => both.client.slow(n));
    const error = await rejects(both.client.slow(3), 'QUEUE_FULL');
    expect(error).toMatchObject({ mayHaveRun: 'no' });
    await desk.call(2);
    for (const { input, resolve } of desk.held) resolve(input);
    expect(await Promise.all(asked)).toEqual([0, 1, 2]);
    expect(await both.client.add({ a: 1, b: 1 })).toBe(2);
    expect(both.client.stats()).toMatchObject({ refused: 1, sent: 4, received: 4 });
  });

  test('is counted in bytes too', async () => {
    const to = await reservedEndpoint(); // Nobody is there.
    const most = { maxMessageBytes: 65 << 20 };
    await using client = await connectTo(math, { to, connectMs: 0, ...most });
    const { signal, abort } = signalling();
    const asked = rejects(client.echo(new Uint8Array(64 << 20), { signal }), 'ABORTED');
    expect(client.stats()).toMatchObject({ inFlight: 1, depth: 1 });
    await rejects(client.echo(1), 'QUEUE_FULL');
    abort();
    await asked;
    await rejects(client.echo(1, { timeoutMs: 10 }), 'TIMEOUT');
  });
});
