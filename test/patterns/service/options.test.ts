/**
 * Tests of options: one that is bad is refused by its name, at once, before anything is opened or sent.
 */
import {
  type ConnectOptions,
  call,
  closeOnSignal,
  connectTo,
  contract,
  event,
  type ServeOptions,
  serve,
  stream,
} from 'brokerless/patterns/service';
import { describe, expect, test } from 'vitest';
import { rejects } from '../../contracts/lifecycle.ts';
import { thrownBy } from '../../support/thrown.ts';
import { pair } from './running.ts';

const math = contract('math', {
  double: call<number, number>(),
  count: stream<number, number>(),
  noted: event<number>(),
});
const handlers = {
  double: (n: number): number => 2 * n,
  count: (n: number): number[] => [n],
  noted: (): void => {},
};
const bind = 'tcp://127.0.0.1:*';

describe('serve refuses', () => {
  const bad: readonly (readonly [string, unknown])[] = [
    ['bind', undefined],
    ['bind', []],
    ['bind', ['']],
    ['bind', 5555],
    ['concurrency', 0],
    ['concurrency', 1.5],
    ['maxQueued', -1],
    ['maxQueueBytes', '1'],
    ['maxUnreadBytes', 1023],
    ['maxMessageBytes', 0],
    ['maxMessageBytes', 2 ** 31],
    ['heartbeatMs', 0],
    ['heartbeatMs', Number.NaN],
    ['missesAllowed', 0],
    ['maxClients', 0],
    ['keepRepliesMs', -1],
    ['maxReplies', Infinity],
    ['maxReplyBytes', -1],
    ['drainMs', -1],
    ['use', () => {}],
    ['use', [5]],
    ['stack', 'yes'],
    ['insecure', 1],
    ['notifications', null],
    ['onError', 'log'],
    ['onFault', {}],
    ['clock', Date],
    ['port', 5555],
  ];

  test.for(bad)('the option %s: %o', async ([name, value]) => {
    const options = { bind, [name]: value } as unknown as ServeOptions;
    const error = await rejects(serve(math, handlers, options), 'BAD_OPTION');
    expect((error as Error).message).toMatch(new RegExp(`^serve: .*\\b${name}\\b`));
  });

  test('options that are none', async () => {
    await rejects(serve(math, handlers, undefined as never), 'BAD_OPTION');
    await rejects(serve(math, handlers, bind as never), 'BAD_OPTION');
  });
});

describe('connectTo refuses', () => {
  const bad: readonly (readonly [string, unknown])[] = [
    ['to', undefined],
    ['to', []],
    ['to', ''],
    ['to', [1]],
    ['to', {}],
    ['balance', 'random'],
    ['balance', {}],
    ['timeoutMs', 0],
    ['timeoutMs', Infinity],
    ['noServer', 'throw'],
    ['connectMs', -1],
    ['retries', -1],
    ['retries', 0.5],
    ['backoff', 100],
    ['backoff', { baseMs: 1 }],
    ['retryBudget', { ratio: 'all', max: 1 }],
    ['maxInFlight', 0],
    ['maxMessageBytes', 0],
    ['missesAllowed', 0],
    ['reconnectMs', 0],
    ['reconnectMaxMs', 0],
    ['use', [null]],
    ['notifications', 'on'],
    ['onFault', 5],
    ['clock', {}],
    ['random', 0.5],
    ['servers', bind],
  ];

  test.for(bad)('the option %s: %o', async ([name, value]) => {
    const options = { to: 'tcp://127.0.0.1:5555', [name]: value } as unknown as ConnectOptions;
    const error = await rejects(connectTo(math, options), 'BAD_OPTION');
    expect((error as Error).message).toMatch(new RegExp(`^connectTo: .*\\b${name}\\b`));
  });

  test('options that are none', async () => {
    await rejects(connectTo(math, undefined as never), 'BAD_OPTION');
  });
});

describe('whoever asks may not say', () => {
  const ofCalls: readonly (readonly [string, unknown])[] = [
    ['timeoutMs', 0],
    ['timeoutMs', '5s'],
    ['signal', {}],
    ['headers', ['a']],
    ['headers', { a: 1 }],
    ['headers', null],
    ['within', {}],
    ['retries', -1],
    ['key', ''],
    ['key', 'x'.repeat(513)],
    ['key', 5],
    ['credit', 5],
    ['retry', true],
  ];
  const ofStreams: readonly (readonly [string, unknown])[] = [
    ['credit', 0],
    ['credit', 1.5],
    ['credit', 1_000_001],
    ['key', 'a'],
    ['retries', 1],
    ['timeoutMs', -1],
  ];
  const ofEvents: readonly (readonly [string, unknown])[] = [
    ['key', 'a'],
    ['retries', 1],
    ['credit', 1],
  ];

  test('of a call, a stream or an event what it does not take', async () => {
    await using both = await pair(math, handlers);
    const { client } = both;
    const ways = [
      ['double', ofCalls, (options: never) => client.double(1, options)],
      ['count', ofStreams, (options: never) => client.count(1, options).next()],
      ['noted', ofEvents, (options: never) => client.noted(1, options)],
    ] as const;
    for (const [method, bad, ask] of ways) {
      for (const [name, value] of bad) {
        const asked = ask({ [name]: value } as never) as Promise<unknown>;
        const error = await rejects(asked, 'BAD_OPTION');
        expect((error as Error).message).toMatch(new RegExp(`^math\\.${method}: .*\\b${name}\\b`));
        expect(error).toMatchObject({ mayHaveRun: 'no' });
      }
    }
    expect(client.stats()).toMatchObject({ sent: 0, inFlight: 0 });
    expect(client.stats().methods['double']).toMatchObject({ asked: 0, failed: 0 });
  });

  test('more headers than a message has room for', async () => {
    await using both = await pair(math, handlers);
    const headers = { long: 'x'.repeat(40_000) };
    await rejects(both.client.double(1, { headers }), 'TOO_LARGE');
    expect(await both.client.double(1, { headers: { long: 'x'.repeat(30_000) } })).toBe(2);
  });

  test('but may leave out whatever it has to say, and say undefined', async () => {
    await using both = await pair(math, handlers);
    const { client } = both;
    const undefineds = { timeoutMs: undefined, signal: undefined, headers: undefined };
    expect(await client.double(1, { ...undefineds, key: undefined, within: undefined })).toBe(2);
    expect(await client.double(2, {})).toBe(4);
    await client.noted(1, undefineds);
    expect((await client.count(1, { ...undefineds, credit: undefined }).next()).value).toBe(1);
  });
});

test('closeOnSignal refuses what it cannot heed', () => {
  const running = { close: async () => {} };
  const before = process.listenerCount('SIGTERM');
  for (const signals of [[], 'SIGTERM', {}]) {
    expect(
      thrownBy(() => closeOnSignal(running, { signals } as never), 'BAD_OPTION').message,
    ).toMatch(/closeOnSignal: .*signals/);
  }
  thrownBy(() => closeOnSignal(running, { signal: 'SIGTERM' } as never), 'BAD_OPTION');
  expect(process.listenerCount('SIGTERM')).toBe(before);
  const forget = closeOnSignal(running, { signals: ['SIGTERM'] });
  expect(process.listenerCount('SIGTERM')).toBe(before + 1);
  forget();
  expect(process.listenerCount('SIGTERM')).toBe(before);
});
