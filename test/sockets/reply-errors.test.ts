/**
 * What goes wrong at a server reaches who asked as code, message and data; and costs nobody else.
 */
import { Reply, Request } from 'brokerless';
import { describe, expect, test } from 'vitest';
import * as zmq from 'zeromq';
import { rejects } from '../contracts/lifecycle.ts';
import { asking, Desk } from '../support/asking.ts';
import { numbers } from '../support/collect.ts';
import { turns } from '../support/turns.ts';
import { until } from '../support/until.ts';

const failed = { code: 'HANDLER_FAILED', mayHaveRun: 'maybe' };

describe('a handler that fails', () => {
  const outcomes: readonly (readonly [string, unknown, object])[] = [
    ['an Error', new Error('out of paper'), { message: 'out of paper' }],
    ['an Error with a code', withFacts({ code: 'ENOPAPER' }), { data: { code: 'ENOPAPER' } }],
    [
      'an Error with data',
      withFacts({ code: 'ENOPAPER', data: { tray: 2, sizes: new Set(['A4']) } }),
      { data: { code: 'ENOPAPER', data: { tray: 2, sizes: new Set(['A4']) } } },
    ],
    ['a code that is no word', withFacts({ code: 7 }), { data: { code: 'HANDLER_FAILED' } }],
    ['an empty code', withFacts({ code: '' }), { data: { code: 'HANDLER_FAILED' } }],
    ['data that cannot travel', withFacts({ data: () => 1 }), { data: { code: 'HANDLER_FAILED' } }],
    ['data that is null', withFacts({ data: null }), { data: { data: null } }],
    ['a text', 'no paper', { message: 'no paper', data: { code: 'HANDLER_FAILED' } }],
    ['a plain object', { code: 'E', message: 'm', data: [1] }, { data: { code: 'E', data: [1] } }],
    ['undefined', undefined, { message: expect.any(String) }],
    ['null', null, { message: expect.any(String) }],
    ['an Error with a very long message', new Error('x'.repeat(1 << 20)), {}],
  ];

  test.for(outcomes)('by %s is heard of by who asked', async ([_what, thrown, heard]) => {
    const errors: unknown[] = [];
    const serve = { onError: (error: unknown) => errors.push(error) };
    const handler = (how: string): Promise<string> => {
      if (how === 'reject') return Promise.reject(thrown);
      if (how === 'throw') throw thrown;
      return Promise.resolve('fine');
    };
    await using both = await asking(handler, { serve });
    for (const how of ['throw', 'reject']) {
      const error = await rejects(both.request.request(how), 'HANDLER_FAILED');
      expect(error).toMatchObject({ ...failed, ...heard });
    }
    expect(errors).toEqual([thrown, thrown]);
    expect(await both.request.request('resolve')).toBe('fine');
    expect(both.request.stats()).toMatchObject({ received: 3, faults: 0 });
    expect(both.reply.stats()).toMatchObject({ received: 3, sent: 3, inFlight: 0, faults: 0 });
  });

  test('costs no other request anything', async () => {
    const handler = async (n: number): Promise<number> => {
      if (n % 3 === 0) throw new Error(`not ${n}`);
      return n;
    };
    await using both = await asking(handler);
    const outcomes = await Promise.allSettled(numbers(300).map((n) => both.request.request(n)));
    for (const [n, outcome] of outcomes.entries()) {
      if (n % 3 === 0) expect(outcome).toMatchObject({ reason: { message: `not ${n}` } });
      else expect(outcome).toMatchObject({ value: n });
    }
  });

  test.for(['json', 'text', 'raw'] as const)('is told in CBOR, codec %s', async (codec) => {
    const options = { request: { codec }, reply: { codec } };
    const error = withFacts({ code: 'E', data: { n: 1 } });
    await using both = await asking<never, never>(() => Promise.reject(error), options);
    const value = codec === 'raw' ? new Uint8Array(1) : 'text';
    const heard = await rejects(both.request.request(value as never), 'HANDLER_FAILED');
    expect(heard).toMatchObject({ message: 'facts', data: { code: 'E', data: { n: 1 } } });
  });
});

function withFacts(facts: object): Error {
  return Object.assign(new Error('facts'), facts);
}

describe('a result that cannot be sent', () => {
  test.for([
    ['a function', () => 1, 'BAD_VALUE'],
    ['a symbol', Symbol('s'), 'BAD_VALUE'],
    ['too large', 'x'.repeat(2000), 'TOO_LARGE'],
  ] as const)('is a failure with its reason: %s', async ([_what, result, code]) => {
    const errors: unknown[] = [];
    const options = {
      reply: { maxMessageBytes: 1000 },
      serve: { onError: (error: unknown) => errors.push(error) },
    };
    await using both = await asking(
      (how: string) => (how === 'fine' ? 1 : (result as never)),
      options,
    );
    const error = await rejects(both.request.request('not fine'), 'HANDLER_FAILED');
    expect(error).toMatchObject({ mayHaveRun: 'maybe', data: { code } });
    expect(errors).toMatchObject([{ code }]);
    expect(await both.request.request('fine')).toBe(1);
    expect(both.reply.stats()).toMatchObject({ sent: 2, inFlight: 0 });
  });

  test.for([undefined, null, 0, '', false])('is none of these: %o', async (result) => {
    await using both = await asking(() => result);
    expect(await both.request.request(1)).toBe(result);
  });
});

/** A raw Dealer, connected, that speaks the envelope of REQ or whatever a test says. */
function rawClient(endpoint: string) {
  const raw = new zmq.Dealer({ receiveTimeout: 5000, linger: 0 });
  raw.connect(endpoint);
  return { raw, [Symbol.dispose]: () => raw.close() };
}

const empty = Buffer.alloc(0);

describe('a request that makes no sense', () => {
  test.for([
    ['no CBOR', Buffer.from([0xff])],
    ['an empty body', empty],
    ['two values', Buffer.from('d9b10c9f0102ff', 'hex')],
    ['bytes after the value', Buffer.from('0102', 'hex')],
    ['a value that is too large', Buffer.from(`7a000003e8${'61'.repeat(1000)}`, 'hex')],
  ] as const)('is answered and counted, and never handled: %s', async ([_what, body]) => {
    const faults: unknown[] = [];
    const options = { maxMessageBytes: 100, onFault: (fault: unknown) => faults.push(fault) };
    await using both = await asking((n: number) => n, { reply: options });
    using client = rawClient(both.reply.endpoint);
    await client.raw.send(['mine', empty, body]);
    const [mine, delimiter, sign, failure, ...more] = await client.raw.receive();
    expect([mine?.toString(), delimiter?.length, sign?.length, more]).toEqual(['mine', 0, 0, []]);
    expect(failure?.toString('latin1')).toContain('BAD_MESSAGE');
    expect(faults).toMatchObject([{ code: 'BAD_MESSAGE' }]);
    expect(await both.request.request(7)).toBe(7);
    expect(both.reply.stats()).toMatchObject({ received: 1, faults: 1, inFlight: 0, sent: 2 });
  });

  test('is an error of code HANDLER_FAILED for a Request, and data tells that code', async () => {
    const options = { reply: { codec: 'json' }, request: { codec: 'text' } } as const;
    await using both = await asking<string, string>(() => 'answer', options);
    const error = await rejects(both.request.request('{'), 'HANDLER_FAILED');
    expect(error).toMatchObject({ data: { code: 'BAD_MESSAGE' } });
  });

  test.for([
    ['no empty frame', ['a', 'b']],
    ['one frame', ['a']],
    ['nothing after the empty frame', ['a', empty]],
    ['an address without end', [...Array.from({ length: 500 }, () => 'a'), empty, 'b']],
  ] as const)('and has no address to answer to is dropped and counted: %s', async ([, frames]) => {
    await using both = await asking((n: number) => n);
    using client = rawClient(both.reply.endpoint);
    await client.raw.send([...frames]);
    await until(() => both.reply.stats().faults === 1);
    expect(await both.request.request(7)).toBe(7);
    expect(both.reply.stats()).toMatchObject({ received: 1, sent: 1, inFlight: 0 });
  });

  test('is answered if it has several bodies', async () => {
    await using both = await asking((n: number) => n);
    using client = rawClient(both.reply.endpoint);
    await client.raw.send(['mine', empty, Buffer.from([1]), Buffer.from([2])]);
    await until(() => both.reply.stats().faults === 1);
    const [, , , failure] = await client.raw.receive();
    expect(failure?.toString('latin1')).toContain('BAD_MESSAGE');
  });
});

describe('a client that', () => {
  test('is gone when its replies come costs those replies, and nothing else', async () => {
    const desk = new Desk<number, number>();
    await using both = await asking(desk.handler);
    const gone = await Request.connect<number, number>(both.reply.endpoint);
    const calls = numbers(30).map((n) => rejects(gone.request(n), 'CLOSED'));
    await until(() => desk.held.length === 30);
    await gone.close({ drainMs: 0 });
    await Promise.all(calls);
    await until(() => both.reply.stats().connections === 1);
    for (const { resolve } of desk.held) {
      resolve(0);
      await turns();
    }
    // The first may still go to a connection that libzmq has not let go of yet.
    await until(() => both.reply.stats().dropped > 0);
    const call = both.request.request(30);
    await until(() => desk.held.length === 31);
    desk.held[30]?.resolve(30);
    expect(await call).toBe(30);
    const { sent, dropped, ...others } = both.reply.stats();
    expect({ all: sent + dropped, ...others }).toMatchObject({ all: 31, inFlight: 0, depth: 0 });
  });

  test('does not read its replies holds up no other', async () => {
    const reply = await Reply.bind<number, Uint8Array>('tcp://127.0.0.1:*', {
      highWaterMark: 2,
      kernelBufferBytes: 4096,
    });
    const serving = reply.serve(() => new Uint8Array(1 << 16));
    const stuck = new zmq.Dealer({ linger: 0, receiveHighWaterMark: 1, receiveBufferSize: 4096 });
    stuck.connect(reply.endpoint);
    for (const _ of numbers(400)) await stuck.send(['x', empty, Buffer.from([1])]);
    await using request = await Request.connect<number, Uint8Array>(reply.endpoint);
    for (const n of numbers(20)) expect(await request.request(n)).toHaveLength(1 << 16);
    await until(() => reply.stats().dropped > 0);
    expect(reply.stats()).toMatchObject({ inFlight: 0, depth: 0 });
    stuck.close();
    await reply.close({ drainMs: 0 });
    await serving;
  });
});
