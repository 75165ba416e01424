/**
 * Values of requests and replies: every codec, schemas at both ends, and options that make no sense.
 */
import { type AskOptions, type Codec, Reply, Request } from 'brokerless';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { rejects, transports } from '../contracts/lifecycle.ts';
import { asking } from '../support/asking.ts';

/** A codec of one’s own: lines of text. */
const lines: Codec<readonly string[]> = {
  encode: (value) => value.join('\n'),
  decode: (bytes) => Buffer.from(bytes).toString().split('\n'),
};

describe.each(Object.entries(transports))('over %s', (_name, endpoint) => {
  test.for([
    {
      a: [1, 'two', null, undefined, 3n ** 50n],
      at: new Date(7),
      map: new Map([[1, new Set([2])]]),
    },
    new Uint8Array([1, 2, 3]),
    'ünï',
    undefined,
    null,
    2 ** 40,
  ])('a value comes back as it went, codec cbor: %o', async (value) => {
    await using both = await asking((asked: unknown) => asked, { endpoint });
    expect(await both.request.request(value)).toStrictEqual(value);
  });

  test.for([
    ['json', { a: [1, 'two', null] }],
    ['json', null],
    ['text', 'ünï'],
    ['text', ''],
    ['raw', new Uint8Array([1, 2, 3])],
    ['raw', new Uint8Array(0)],
    ['raw', new Uint8Array(100_000).fill(7)],
    [lines, ['one', 'two', '']],
  ] as const)('a value comes back as it went, codec %o', async ([codec, value]) => {
    const options = { codec: codec as Codec<unknown> };
    const ends = { endpoint, request: options, reply: options };
    await using both = await asking((asked: unknown) => asked, ends);
    expect(await both.request.request(value)).toStrictEqual(value);
    expect(both.reply.stats()).toMatchObject({ faults: 0, received: 1 });
  });
});

const throwing = {
  encode(): Uint8Array {
    throw new Error('no');
  },
  decode: (): number => 1,
};

const senseless = { encode: (): unknown => 7, decode: (): number => 1 };

describe('a value that cannot be sent', () => {
  test.for([
    ['cbor', () => 1],
    ['cbor', Promise.resolve(1)],
    ['json', undefined],
    ['text', 7],
    ['raw', 'text'],
    [throwing, 1],
    [senseless, 1],
  ] as const)('is refused with BAD_VALUE, codec %o', async ([codec, value]) => {
    const options = { codec: codec as Codec<unknown> };
    await using both = await asking((): unknown => 1, { request: options });
    expect(await rejects(both.request.request(value), 'BAD_VALUE')).toMatchObject({
      mayHaveRun: 'no',
    });
    expect(both.request.stats()).toMatchObject({ sent: 0, inFlight: 0, depth: 0 });
  });

  test('is refused with TOO_LARGE if it is, and one that just fits is sent', async () => {
    const options = { maxMessageBytes: 100, codec: 'raw' } as const;
    const ends = { request: options, reply: options };
    await using both = await asking((bytes: Uint8Array) => bytes, ends);
    await rejects(both.request.request(new Uint8Array(101)), 'TOO_LARGE');
    expect(await both.request.request(new Uint8Array(100))).toHaveLength(100);
  });

  test('may be changed as soon as it was asked with', async () => {
    for (const codec of ['cbor', 'raw'] as const) {
      await using both = await asking((bytes: Uint8Array) => bytes, {
        endpoint: 'inproc://changed',
        request: { codec },
        reply: { codec },
      });
      const bytes = new Uint8Array(1000).fill(1);
      const call = both.request.request(bytes);
      bytes.fill(2);
      expect(new Uint8Array(await call)).toEqual(new Uint8Array(1000).fill(1));
    }
  });
});

const Order = z.object({ sku: z.string(), count: z.coerce.number().int() });
const Receipt = z.object({ total: z.number() });
const takesItsTime = z
  .object({ sku: z.string() })
  .refine(async ({ sku }) => sku !== 'gone', 'gone');

describe('a schema', () => {
  test('at the server makes the request what the handler sees, or refuses it', async () => {
    const faults: unknown[] = [];
    const handled: unknown[] = [];
    const handler = (order: z.output<typeof Order>): number => handled.push(order);
    const reply = { schema: Order, onFault: (fault: unknown) => faults.push(fault) };
    await using both = await asking(handler, { reply });
    expect(await both.request.request({ sku: 'a', count: '3' } as never)).toBe(1);
    const refused = await rejects(both.request.request({ sku: 1 } as never), 'HANDLER_FAILED');
    expect(refused).toMatchObject({ mayHaveRun: 'maybe', data: { code: 'BAD_MESSAGE' } });
    expect(String(refused)).toContain('refused by the schema');
    expect(handled).toEqual([{ sku: 'a', count: 3 }]);
    expect(faults).toMatchObject([{ code: 'BAD_MESSAGE' }]);
    expect(both.reply.stats()).toMatchObject({ received: 1, faults: 1, inFlight: 0 });
  });

  test('at the client makes the reply what the caller sees, or refuses it', async () => {
    const faults: unknown[] = [];
    const request = { schema: Receipt, onFault: (fault: unknown) => faults.push(fault) };
    const handler = (good: boolean): { total: number } =>
      (good ? { total: 7, more: 'left out' } : { total: 'seven' }) as never;
    await using both = await asking(handler, { request });
    expect(await both.request.request(true)).toEqual({ total: 7 });
    const refused = await rejects(both.request.request(false), 'BAD_MESSAGE');
    expect(refused).toMatchObject({ mayHaveRun: 'maybe', cause: expect.any(Error) });
    expect(String(refused)).toContain('refused by the schema');
    expect(faults).toMatchObject([{ code: 'BAD_MESSAGE' }]);
    expect(both.request.stats()).toMatchObject({ faults: 1, inFlight: 0 });
  });

  test('may take its time at either end', async () => {
    const ends = { request: { schema: takesItsTime }, reply: { schema: takesItsTime } };
    const handler = ({ sku }: { sku: string }) => ({ sku: sku === 'sold' ? 'gone' : sku });
    await using both = await asking(handler, ends);
    expect(await both.request.request({ sku: 'a' })).toEqual({ sku: 'a' });
    const atServer = await rejects(both.request.request({ sku: 'gone' }), 'HANDLER_FAILED');
    expect(atServer).toMatchObject({ data: { code: 'BAD_MESSAGE' } });
    const atClient = await rejects(both.request.request({ sku: 'sold' }), 'BAD_MESSAGE');
    expect(atClient).toMatchObject({ mayHaveRun: 'maybe' });
    expect(both.request.stats()).toMatchObject({ faults: 1, inFlight: 0 });
    expect(both.reply.stats()).toMatchObject({ faults: 1, inFlight: 0, received: 2 });
  });

  test('that throws has refused', async () => {
    const validate = (): never => {
      throw new Error('thrown');
    };
    const schema = { '~standard': { version: 1, vendor: 'test', validate } } as const;
    await using server = await asking((n: number) => n, { reply: { schema } });
    await rejects(server.request.request(1), 'HANDLER_FAILED');
    await using client = await asking((n: number) => n, { request: { schema } });
    await rejects(client.request.request(1), 'BAD_MESSAGE');
  });
});

describe('options', () => {
  const shared: readonly (readonly [string, unknown])[] = [
    ['codec', 'frames'],
    ['codec', 'xml'],
    ['batch', true],
    ['overflow', 'wait'],
    ['schema', {}],
    ['copy', 1],
  ];
  const ofRequest: readonly (readonly [string, unknown])[] = [
    ['timeoutMs', 0],
    ['timeoutMs', Infinity],
    ['retries', -1],
    ['retries', 0.5],
    ['backoff', 100],
    ['backoff', {}],
    ['backoff', { baseMs: 1 }],
    ['backoff', { baseMs: -1, maxMs: 1 }],
    ['retryBudget', { ratio: 0.1 }],
    ['retryBudget', { ratio: Number.NaN, max: 1 }],
    ['retryBudget', null],
    ['maxInFlight', 0],
    ['maxQueueBytes', '1'],
    ['clock', {}],
    ['random', 0.5],
    ['deadlineMs', 5],
    ['signal', AbortSignal.abort()],
  ];

  test.for([...shared, ...ofRequest])('of a Request are refused: %s, %o', ([name, value]) => {
    const named = expect.objectContaining({
      code: 'BAD_OPTION',
      message: expect.stringMatching(new RegExp(`^Request: .*\\b${name}\\b`)),
    });
    expect(() => new Request({ [name]: value })).toThrow(named);
  });

  test.for([...shared, ['timeoutMs', 5], ['concurrency', 5]] as const)(
    'of a Reply are refused: %s, %o',
    ([name, value]) => {
      const named = expect.objectContaining({
        code: 'BAD_OPTION',
        message: expect.stringMatching(new RegExp(`^Reply: .*\\b${name}\\b`)),
      });
      expect(() => new Reply({ [name]: value })).toThrow(named);
    },
  );

  test.for([
    { timeoutMs: 0 },
    { timeoutMs: '5' },
    { deadlineMs: -1 },
    { retries: 1.5 },
    { signal: {} },
    { timeout: 5 },
  ])('of one request are refused, and nothing is sent: %o', async (options) => {
    await using request = await Request.bind('ipc://*');
    const error = await rejects(request.request(1, options as AskOptions), 'BAD_OPTION');
    expect(String(error)).toContain(Object.keys(options)[0]);
    expect(error).toMatchObject({ mayHaveRun: 'no' });
    expect(request.stats()).toMatchObject({ inFlight: 0, depth: 0 });
  });

  test('of one request that are none are refused', async () => {
    await using request = new Request();
    for (const options of [null, 'soon', 5]) {
      await rejects(request.request(1, options as never), 'BAD_OPTION');
    }
  });

  test('that are undefined count as left out', async () => {
    const options = { timeoutMs: undefined, retries: undefined };
    const request = { ...options, backoff: undefined, maxInFlight: undefined, random: undefined };
    await using both = await asking((n: number) => n, { request });
    expect(
      await both.request.request(1, { ...options, signal: undefined, deadlineMs: undefined }),
    ).toBe(1);
  });
});
