/**
 * Tests of handlers that fail: what their callers hear of it, and that nothing else suffers from it.
 */
import {
  type CallContext,
  call,
  connectTo,
  contract,
  event,
  isFailure,
  type ServeOptions,
  stream,
  type,
} from 'brokerless/patterns/service';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { failure, rejects } from '../../contracts/lifecycle.ts';
import { until } from '../../support/until.ts';
import { Desk, pair } from './running.ts';

const shop = contract('shop', {
  buy: call<string, number, { SOLD_OUT: { left: number }; CLOSED: undefined }>(),
  fine: call<void, string>(),
});

/** A shop whose `buy` does this. */
function selling(buy: (sku: string, context: CallContext<unknown>) => unknown, options = {}) {
  const handlers = { buy: buy as () => number, fine: (): string => 'fine' };
  return pair(shop, handlers, { serve: options });
}

/** What becomes of a call of `buy`, after which the server goes on as if nothing had happened. */
async function bought(
  buy: (sku: string, context: CallContext<unknown>) => unknown,
  options: Partial<ServeOptions> = {},
): Promise<unknown> {
  await using both = await selling(buy, options);
  const error = await rejects(both.client.buy('a'), 'HANDLER_FAILED');
  expect(error).toMatchObject({ mayHaveRun: 'maybe' });
  expect(await both.client.fine()).toBe('fine');
  expect(both.server.stats().methods['buy']).toMatchObject({ failed: 1, done: 0, inFlight: 0 });
  expect(both.client.stats().methods['buy']).toMatchObject({ failed: 1, done: 0, inFlight: 0 });
  return error;
}

const fail = (error: unknown) => (): never => {
  throw error;
};

describe('what a handler throws arrives', () => {
  const broken = Object.assign(new Error('the till is broken'), { code: 'TILL', data: { n: 1 } });

  test('with its code, its message and its data', async () => {
    const error = await bought(fail(broken));
    expect(error).toMatchObject({
      message: 'the till is broken',
      data: { code: 'TILL', data: { n: 1 } },
    });
  });

  test('just so if it is a rejection', async () => {
    const error = await bought(() => Promise.reject(broken));
    expect(error).toMatchObject({ message: 'the till is broken', data: { code: 'TILL' } });
  });

  test('without its stack, unless the server wants it to be known', async () => {
    const error = await bought(fail(broken));
    expect(JSON.stringify(error)).not.toContain('failures.test.ts');
    const told = await bought(fail(broken), { stack: true });
    const { data } = told as { data: { stack: string } };
    expect(data.stack).toBe(broken.stack);
  });

  test.each([
    ['an Error without a code', new Error('plain'), 'HANDLER_FAILED', 'plain'],
    ['text', 'just text', 'HANDLER_FAILED', 'just text'],
    ['undefined', undefined, 'HANDLER_FAILED', /without a message/],
    ['null', null, 'HANDLER_FAILED', /without a message/],
    ['a number', 42, 'HANDLER_FAILED', /without a message/],
    ['an object with a code', { code: 'ODD' }, 'ODD', /without a message/],
    ['a code that is no text', { code: 5, message: 'm' }, 'HANDLER_FAILED', /without a message/],
    ['an error with an empty message', new Error(''), 'HANDLER_FAILED', ''],
    ['a system error', Object.assign(new Error('x'), { code: 'ENOENT' }), 'ENOENT', 'x'],
  ])('whatever it is: %s', async (_what, thrown, code, message) => {
    for (const buy of [fail(thrown), async () => Promise.reject(thrown)]) {
      const error = (await bought(buy)) as Error & { data: { code: string } };
      expect(error.data.code).toBe(code);
      if (typeof message === 'string') expect(error.message).toBe(message);
      else expect(error.message).toMatch(message);
    }
  });

  test('without data that cannot be encoded, or that is too much', async () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    for (const data of [() => {}, cycle, 'x'.repeat(200_000), new Uint8Array(200_000)]) {
      const error = await bought(fail(Object.assign(new Error('m'), { code: 'C', data })));
      expect(error).toMatchObject({ message: 'm', data: { code: 'C' } });
    }
  });

  test('cut short if its message is endless, and readable if it is not well formed', async () => {
    const long = (await bought(fail(new Error('x'.repeat(1_000_000))))) as Error;
    expect(long.message.length).toBeGreaterThan(100);
    expect(long.message.length).toBeLessThan(100_000);
    const odd = (await bought(fail(new Error('a\ud800b')))) as Error;
    expect(odd.message).toBe('a\ufffdb');
  });

  test('and is heard by the server, unless it was declared', async () => {
    const heard: unknown[] = [];
    const onError = (error: unknown, method: string): void => {
      heard.push(error, method);
    };
    await bought(fail(broken), { onError });
    expect(heard).toEqual([broken, 'buy']);
    await bought(
      (_sku, context) => {
        throw (context as CallContext<{ CLOSED: undefined }>).failure('CLOSED', undefined);
      },
      { onError },
    );
    expect(heard).toHaveLength(2);
  });
});

describe('a failure that is declared', () => {
  const strict = contract('shop', {
    buy: call<string, number, { SOLD_OUT: { left: number }; CLOSED: undefined }>({
      errors: { SOLD_OUT: z.object({ left: z.number() }), CLOSED: type<undefined>() },
    }),
    fine: call<void, string>(),
  });

  test('is recognised by its code, with its data', async () => {
    await using both = await pair(shop, {
      buy: (sku, context) => {
        if (sku === 'rare') throw context.failure('SOLD_OUT', { left: 0 }, 'none left');
        throw context.failure('CLOSED', undefined);
      },
      fine: () => 'fine',
    });
    const { buy } = shop.methods;
    const rare = await failure(both.client.buy('rare'));
    expect(isFailure(rare, buy, 'CLOSED')).toBe(false);
    if (!isFailure(rare, buy, 'SOLD_OUT')) throw rare;
    expect(rare).toMatchObject({ code: 'HANDLER_FAILED', message: 'none left' });
    expect(rare.data.data.left).toBe(0);
    const closed = await failure(both.client.buy('a'));
    expect(isFailure(closed, buy, 'CLOSED')).toBe(true);
    expect(String(closed)).toContain('CLOSED');
    for (const other of [undefined, null, new Error('SOLD_OUT'), { code: 'SOLD_OUT' }]) {
      expect(isFailure(other, buy, 'SOLD_OUT')).toBe(false);
    }
  });

  test('is none if its data is not what the contract says', async () => {
    const thrown = Object.assign(new Error('m'), { code: 'SOLD_OUT', data: { left: 'many' } });
    const error = await bought(fail(thrown));
    expect(isFailure(error, shop.methods.buy, 'SOLD_OUT')).toBe(true);
    expect(isFailure(error, strict.methods.buy, 'SOLD_OUT')).toBe(false);
    const right = await bought(fail({ code: 'SOLD_OUT', message: 'm', data: { left: 3 } }));
    expect(isFailure(right, strict.methods.buy, 'SOLD_OUT')).toBe(true);
  });
});

describe('a handler that', () => {
  test.each([
    ['cannot be encoded', (): unknown => () => {}, 'BAD_VALUE'],
    ['cannot be encoded, later', async (): Promise<unknown> => Symbol('s'), 'BAD_VALUE'],
    ['is too large', (): unknown => 'x'.repeat(2000), 'TOO_LARGE'],
  ])('gives what %s has failed', async (_what, give, code) => {
    const heard: unknown[] = [];
    const onError = (error: unknown): void => void heard.push(error);
    const error = await bought(give, { maxMessageBytes: 1000, onError });
    expect(error).toMatchObject({ data: { code } });
    expect(heard).toMatchObject([{ code }]);
  });

  test('gives more than its client takes is an answer that makes no sense', async () => {
    await using both = await selling(() => 'x'.repeat(100_000));
    const to = both.server.endpoint;
    await using client = await connectTo(shop, { to, maxMessageBytes: 1000 });
    const error = await rejects(client.buy('a'), 'BAD_MESSAGE');
    expect(error).toMatchObject({ mayHaveRun: 'maybe' });
    expect(await client.fine()).toBe('fine');
    expect(client.stats()).toMatchObject({ inFlight: 0, connections: 1 });
  });

  test('is asked more than its server takes hears nothing of it', async () => {
    const desk = new Desk<string>();
    await using both = await selling(desk.handler, { maxMessageBytes: 1000 });
    const error = await failure(both.client.buy('x'.repeat(2000)));
    expect(error).toMatchObject({ code: 'BAD_VALUE', mayHaveRun: 'no' });
    expect(desk.inputs).toEqual([]);
    expect(await both.client.fine()).toBe('fine');
    expect(both.server.stats().methods['buy']).toMatchObject({ invalid: 1, failed: 0 });
  });

  test('hangs costs its caller no more than the time of the call, and its server nothing else', async () => {
    await using both = await selling(() => new Promise(() => {}));
    const error = await rejects(both.client.buy('a', { timeoutMs: 2500 }), 'TIMEOUT');
    expect(error).toMatchObject({ mayHaveRun: 'maybe', data: { progress: 'running' } });
    expect(await both.client.fine()).toBe('fine');
    expect(both.server.stats()).toMatchObject({ inFlight: 1 });
  });

  test('gives a promise of its own that settles twice has ended once', async () => {
    const then = (resolve: (value: number) => void, reject: (error: Error) => void): void => {
      resolve(1);
      reject(new Error('and it failed too'));
    };
    const twice = Object.fromEntries([[then.name, then]]); // Some databases give such.
    await using both = await selling(() => twice);
    expect(await both.client.buy('a')).toBe(1);
    const { inFlight, methods } = both.server.stats();
    expect([inFlight, methods['buy']?.done, methods['buy']?.failed]).toEqual([0, 1, 0]);
  });

  test('stops when it is told to has not failed', async () => {
    const heard: unknown[] = [];
    const buy = (_sku: string, { signal }: CallContext<unknown>): Promise<never> =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    await using both = await selling(buy, { onError: (error: unknown) => heard.push(error) });
    await rejects(both.client.buy('a', { timeoutMs: 30 }), 'TIMEOUT');
    await until(() => {
      const { inFlight, methods } = both.server.stats();
      const { expired = 0, cancelled = 0 } = methods['buy'] ?? {};
      return inFlight === 0 && expired + cancelled > 0;
    });
    const { failed, done, expired = 0, cancelled = 0 } = both.server.stats().methods['buy'] ?? {};
    expect([failed, done, expired + cancelled]).toEqual([0, 0, 1]);
    expect(heard).toEqual([]);
  });

  test('blocks its event loop is alive all the same when it is free again', async () => {
    const block = (): number => {
      const end = performance.now() + 700;
      while (performance.now() < end);
      return 7;
    };
    await using both = await selling(block, { heartbeatMs: 100 });
    expect(await both.client.buy('a')).toBe(7);
    expect(await both.client.fine()).toBe('fine');
    expect(both.client.stats()).toMatchObject({ retried: 0, inFlight: 0 });
  });
});

describe('of an event or a stream', () => {
  const both = contract('both', { told: event<number>(), given: stream<void, number>() });

  test('failures are heard by the server, and those of a stream by its reader', async () => {
    const heard: unknown[] = [];
    const handlers = { told: fail(new Error('told')), given: fail(new Error('given')) };
    const serve = { onError: (_error: unknown, method: string): void => void heard.push(method) };
    await using at = await pair(both, handlers, { serve });
    await at.client.told(1);
    await rejects(at.client.given().next(), 'HANDLER_FAILED');
    await until(() => heard.length === 2);
    expect(heard.toSorted()).toEqual(['given', 'told']);
    expect(at.server.stats().methods).toMatchObject({ told: { failed: 1 }, given: { failed: 1 } });
  });

  test('a listener that fails itself surfaces, and does not keep the answer back', async () => {
    const uncaught: unknown[] = [];
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', (error) => uncaught.push(error));
    try {
      const mistake = new Error('listener');
      await bought(fail(new Error('handler')), { onError: fail(mistake) });
      await until(() => uncaught.length > 0);
      expect(uncaught).toEqual([mistake]);
    } finally {
      process.removeAllListeners('uncaughtException');
      for (const listener of listeners) process.on('uncaughtException', listener);
    }
  });
});
