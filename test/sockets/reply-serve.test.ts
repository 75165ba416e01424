/**
 * Serving: so many handlers at a time, stopped by a signal, and closed so that what runs is answered.
 */
import { Reply, Request } from 'brokerless';
import { decode, encode } from 'cbor-x';
import { describe, expect, test } from 'vitest';
import * as zmq from 'zeromq';
import { rejects, transports } from '../contracts/lifecycle.ts';
import { asking, Desk, signalling } from '../support/asking.ts';
import { numbers } from '../support/collect.ts';
import { turns } from '../support/turns.ts';
import { until } from '../support/until.ts';

describe('concurrency', () => {
  test('is how many handlers run at a time, and no fewer', async () => {
    const desk = new Desk<number, number>();
    await using both = await asking(desk.handler, { serve: { concurrency: 3 } });
    const calls = numbers(30).map((n) => both.request.request(n));
    for (const n of numbers(30)) {
      const wanted = Math.min(30, n + 3);
      await until(() => desk.held.length === wanted);
      await turns();
      expect(desk.held).toHaveLength(wanted);
      expect(both.reply.stats().inFlight).toBe(Math.min(3, 30 - n));
      desk.held[n]?.resolve(n);
    }
    expect(await Promise.all(calls)).toEqual(numbers(30));
  });

  test('of one answers in the order of the requests', async () => {
    let running = 0;
    const handler = async (n: number): Promise<number> => {
      running += 1;
      expect(running).toBe(1);
      await turns(n % 3);
      running -= 1;
      return n;
    };
    await using both = await asking(handler, { serve: { concurrency: 1 } });
    const order: number[] = [];
    const calls = numbers(50).map(async (n) => order.push(await both.request.request(n)));
    await Promise.all(calls);
    expect(order).toEqual(numbers(50));
  });

  test('is a hundred by default', async () => {
    const desk = new Desk<number, number>();
    await using both = await asking(desk.handler);
    const calls = Promise.allSettled(numbers(150).map((n) => both.request.request(n)));
    await until(() => desk.held.length === 100);
    await turns(10);
    expect(desk.held).toHaveLength(100);
    await both.request.close({ drainMs: 0 });
    await calls;
  });

  test.for(['tcp://127.0.0.1:*', 'inproc://pressure'])(
    'presses back: what a busy server does not take waits at the client, over %s',
    async (endpoint) => {
      const desk = new Desk<Uint8Array, number>();
      const ends = { codec: cborAndRaw, highWaterMark: 2 };
      const request = { ...ends, maxQueueBytes: 1 << 26, timeoutMs: 15_000 };
      const serve = { concurrency: 2 };
      await using both = await asking(desk.handler, { endpoint, request, reply: ends, serve });
      const calls = numbers(100).map(() => both.request.request(new Uint8Array(1 << 18)));
      await until(() => desk.held.length === 2);
      await turns(20);
      expect(both.reply.stats()).toMatchObject({ inFlight: 2, received: 2 });
      expect(both.request.stats().depth).toBeGreaterThan(20);
      // One by one: a reply that finds a full pipe is dropped, and these are short.
      for (const [n, call] of calls.entries()) {
        await until(() => desk.held.length > n);
        desk.held[n]?.resolve(n);
        expect(await call).toBe(n);
      }
    },
  );

  test('holds up no other client than the one that asks too much', async () => {
    const desk = new Desk<string, string>();
    await using both = await asking(desk.handler, { serve: { concurrency: 2 } });
    await using other = await Request.connect<string, string>(both.reply.endpoint);
    await other.ready();
    const calls = numbers(200).map((n) => both.request.request(`flood ${n}`));
    await until(() => desk.held.length === 2);
    const call = other.request('other');
    for (let at = 0; at < 201; at += 1) {
      await until(() => desk.held.length > at);
      desk.held[at]?.resolve('answer');
    }
    expect(await call).toBe('answer');
    expect(desk.requests.indexOf('other')).toBeLessThan(100);
    await Promise.all(calls);
  });
});

/** Bytes one way and numbers the other, told apart by their length. */
const cborAndRaw = {
  encode: (value: Uint8Array | number): Uint8Array =>
    typeof value === 'number' ? Uint8Array.of(value) : value,
  decode: (bytes: Uint8Array): never =>
    (bytes.length === 1 ? bytes[0] : new Uint8Array(bytes)) as never,
};

describe('a signal', () => {
  test('stops serving: handlers that run are answered, and only then it resolves', async () => {
    const desk = new Desk<string, string>();
    const { signal, abort, listeners } = signalling();
    await using both = await asking(desk.handler, { serve: { signal } });
    const first = both.request.request('first');
    await until(() => desk.held.length === 1);
    expect(listeners()).toBe(1);
    abort();
    let stopped = false;
    const stopping = both.serving.then(() => {
      stopped = true;
    });
    const second = both.request.request('second', { timeoutMs: 150 });
    await rejects(second, 'TIMEOUT');
    expect({ stopped, taken: desk.requests }).toEqual({ stopped: false, taken: ['first'] });
    expect(desk.held[0]?.signal.aborted).toBe(false);
    desk.held[0]?.resolve('answer');
    expect(await first).toBe('answer');
    await stopping;
    expect(listeners()).toBe(0);
    expect(both.reply.closed).toBe(false);
  });

  test('that has fired already serves nothing', async () => {
    const { signal, abort } = signalling();
    abort();
    await using reply = await Reply.bind('ipc://*');
    await reply.serve(() => expect.fail('served'), { signal });
    expect(reply.closed).toBe(false);
  });

  test('has no listener left when the socket closes first', async () => {
    const { signal, listeners } = signalling();
    const both = await asking((n: number) => n, { serve: { signal } });
    await both.request.request(1);
    await both[Symbol.asyncDispose]();
    await both.serving;
    expect(listeners()).toBe(0);
  });

  test('that stopped serving loses nothing: whoever serves next answers it', async () => {
    const { signal, abort } = signalling();
    await using both = await asking(() => 'first', { serve: { signal } });
    expect(await both.request.request(1)).toBe('first');
    abort();
    await both.serving;
    void both.reply.serve(() => 'second');
    expect(await both.request.request(2, { timeoutMs: 5000 })).toBe('second');
    expect(await both.request.request(3, { timeoutMs: 5000 })).toBe('second');
  });

  test('that stopped serving loses nothing, nor does a second one', async () => {
    const [one, other] = [signalling(), signalling()];
    await using both = await asking(() => 'first', { serve: { signal: one.signal } });
    expect(await both.request.request(1)).toBe('first');
    one.abort();
    await both.serving;
    void both.reply.serve(() => 'second', { signal: other.signal });
    expect(await both.request.request(2, { timeoutMs: 5000 })).toBe('second');
  });
});

describe('serving', () => {
  test('twice at a time is refused, and the first goes on', async () => {
    await using both = await asking(() => 'first');
    const again = both.reply.serve(() => 'second');
    await rejects(again, 'BAD_OPTION');
    expect(await both.request.request(1)).toBe('first');
  });

  test.for([
    { concurrency: 0 },
    { concurrency: 1.5 },
    { concurrency: '5' },
    { signal: 'stop' },
    { onError: 'log' },
    { timeoutMs: 1 },
  ])('with bad options is refused: %o', async (options) => {
    await using reply = new Reply();
    const error = await rejects(
      reply.serve(() => 1, options as object),
      'BAD_OPTION',
    );
    expect(String(error)).toContain(Object.keys(options)[0]);
  });

  test('begins before there is an endpoint', async () => {
    await using reply = new Reply<number, number>();
    const serving = reply.serve((n) => n + 1);
    await turns();
    await reply.bind('ipc://*');
    await using request = await Request.connect<number, number>(reply.endpoint);
    expect(await request.request(1)).toBe(2);
    await reply.close();
    await serving;
  });

  test('begins late: requests wait for it', async () => {
    await using reply = await Reply.bind<number, number>('ipc://*');
    await using request = await Request.connect<number, number>(reply.endpoint);
    const calls = numbers(20).map((n) => request.request(n));
    await until(() => request.stats().sent === 20);
    void reply.serve((n) => n + 1);
    expect(await Promise.all(calls)).toEqual(numbers(20).map((n) => n + 1));
  });
});

describe.each(Object.entries(transports))('closing a Reply over %s', (_name, endpoint) => {
  test('tells the handlers, and their replies still leave', async () => {
    const desk = new Desk<number, string>();
    await using reply = await Reply.bind<number, string>(endpoint);
    const serving = reply.serve(desk.handler);
    const client = new zmq.Dealer({ linger: 0, receiveTimeout: 5000 });
    client.connect(reply.endpoint);
    for (const n of numbers(10)) await client.send([`${n}`, '', encode(n)]);
    await until(() => desk.held.length === 10);
    expect(desk.held.map(({ signal }) => signal.aborted)).toEqual(numbers(10).map(() => false));
    lastWords(desk);
    const start = performance.now();
    const report = await reply.close({ drainMs: 5000 });
    expect(performance.now() - start).toBeLessThan(2500);
    expect(report).toEqual({ unsent: 0, unread: 0, flushed: true });
    expect(desk.held[0]?.signal.reason).toMatchObject({ code: 'CLOSED' });
    await serving;
    expect(reply.stats()).toMatchObject({ inFlight: 0, sent: 10 });
    for (const n of numbers(10)) {
      const [number, , body] = await client.receive();
      const answer: unknown = decode(body ?? Buffer.alloc(0));
      expect([String(number), answer]).toEqual([`${n}`, `last words of ${n}`]);
    }
    client.close();
  });

  // libzmq throws away what a DEALER with ZMQ_IMMEDIATE has not read yet when its connection ends, so a
  // Reply gives its clients some time to read its last replies.
  test('tells the handlers, and their replies still reach a Request', async () => {
    const desk = new Desk<number, string>();
    await using both = await asking(desk.handler, { endpoint, request: { timeoutMs: 5000 } });
    const calls = numbers(10).map((n) => both.request.request(n));
    const outcomes = Promise.allSettled(calls);
    await until(() => desk.held.length === 10);
    lastWords(desk);
    expect(await both.reply.close({ drainMs: 5000 })).toMatchObject({ unsent: 0, flushed: true });
    expect(await outcomes).toMatchObject(numbers(10).map((n) => ({ value: `last words of ${n}` })));
  });

  test('waits for handlers that do not end no longer than drainMs', async () => {
    const desk = new Desk<number, string>();
    await using both = await asking(desk.handler, { endpoint });
    const call = rejects(both.request.request(1, { timeoutMs: 300 }), 'TIMEOUT');
    await until(() => desk.held.length === 1);
    const start = performance.now();
    await both.reply.close({ drainMs: 30 });
    expect(performance.now() - start).toBeLessThan(1500);
    desk.held[0]?.resolve('too late');
    await both.serving;
    expect(await call).toMatchObject({ mayHaveRun: 'maybe' });
    expect(both.reply.stats()).toMatchObject({ inFlight: 0, sent: 0 });
  });

  test('takes no request any more while its handlers end, and says so', async () => {
    const desk = new Desk<string, string>();
    await using both = await asking(desk.handler, { endpoint });
    const first = both.request.request('first');
    await until(() => desk.held.length === 1);
    const closing = both.reply.close({ drainMs: 5000 });
    await rejects(both.request.request('second', { timeoutMs: 150 }), 'TIMEOUT');
    desk.held[0]?.resolve('answer');
    expect(await first).toBe('answer');
    expect(await closing).toEqual({ unsent: 0, unread: 1, flushed: true });
    expect(desk.requests).toEqual(['first']);
  });
});

/** Each request is answered a little after its handler has heard that the socket is closing. */
function lastWords(desk: Desk<number, string>): void {
  for (const { signal, resolve, request } of desk.held) {
    signal.addEventListener('abort', () => {
      void turns(5).then(() => resolve(`last words of ${request}`));
    });
  }
}
