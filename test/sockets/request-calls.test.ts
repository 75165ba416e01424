/**
 * Calls: many at a time over one socket, each meets its own reply, and what nobody waits for any more
 * is dropped and counted.
 */
import { Reply, Request } from 'brokerless';
import { decode, encode } from 'cbor-x';
import { describe, expect, test } from 'vitest';
import { rejects, transports } from '../contracts/lifecycle.ts';
import { asking, Desk, rawServer, signalling } from '../support/asking.ts';
import { numbers } from '../support/collect.ts';
import { turns } from '../support/turns.ts';
import { until } from '../support/until.ts';

describe.each(Object.entries(transports))('over %s', (_name, endpoint) => {
  test('a request is answered', async () => {
    await using both = await asking((n: number) => n * 2, { endpoint });
    expect(await both.request.request(21)).toBe(42);
    const common = { sent: 1, received: 1, faults: 0, dropped: 0, depth: 0, inFlight: 0 };
    expect(both.request.stats()).toMatchObject({ ...common, late: 0, retried: 0, refused: 0 });
    await until(() => both.reply.stats().sent === 1);
    expect(both.reply.stats()).toMatchObject(common);
  });

  test('a thousand in flight meet their own replies, given in any order', async () => {
    const desk = new Desk<number, string>();
    const serve = { concurrency: 1000 };
    await using both = await asking(desk.handler, { endpoint, serve });
    const calls = numbers(1000).map((n) => both.request.request(n));
    expect(both.request.stats().inFlight).toBe(1000);
    await until(() => desk.held.length === 1000);
    expect(desk.requests).toEqual(numbers(1000));
    const shuffled = desk.held.toSorted((a, b) => ((a.request * 7) % 11) - ((b.request * 7) % 11));
    for (const { request, resolve } of shuffled) resolve(`reply ${request}`);
    expect(await Promise.all(calls)).toEqual(numbers(1000).map((n) => `reply ${n}`));
    expect(both.request.stats()).toMatchObject({ inFlight: 0, received: 1000, late: 0 });
  });

  test('several clients of one server get their own replies only', async () => {
    await using reply = await Reply.bind<string, string>(endpoint);
    const serving = reply.serve(async (name) => {
      await turns(name.length % 3);
      return `hello ${name}`;
    });
    const clients = await Promise.all(
      numbers(5).map(() => Request.connect<string, string>(reply.endpoint)),
    );
    const all = numbers(200).map(async (n) => {
      const name = 'x'.repeat(n);
      expect(await clients[n % 5]?.request(name)).toBe(`hello ${name}`);
    });
    await Promise.all(all);
    expect(reply.stats()).toMatchObject({ received: 200, faults: 0 });
    await Promise.all(clients.map((client) => client.close()));
    await reply.close();
    await serving;
  });

  test('requests made before there is a server are answered when it comes', async () => {
    await using request = await Request.bind<number, number>(endpoint);
    const calls = numbers(50).map((n) => request.request(n));
    await using reply = await Reply.connect<number, number>(request.endpoint);
    const serving = reply.serve((n) => -n);
    expect(await Promise.all(calls)).toEqual(numbers(50).map((n) => 0 - n));
    await reply.close();
    await serving;
  });

  test('a reply that is late is dropped and counted, and the next call is answered', async () => {
    const desk = new Desk<string, string>();
    await using both = await asking(desk.handler, { endpoint });
    const { request } = both;
    await rejects(request.request('slow', { timeoutMs: 20 }), 'TIMEOUT');
    expect(request.stats()).toMatchObject({ inFlight: 0, late: 0 });
    await until(() => desk.held.length === 1);
    const next = request.request('next');
    await until(() => desk.held.length === 2);
    for (const held of desk.held) held.resolve(`to ${held.request}`);
    expect(await next).toBe('to next');
    expect(request.stats()).toMatchObject({ received: 1, late: 1, faults: 0 });
  });
});

describe('a raw server that answers as it likes', () => {
  test('meets the calls out of order, and what it says twice is late', async () => {
    using server = rawServer();
    await using request = await Request.connect<number, number>(server.endpoint);
    const calls = numbers(20).map((n) => request.request(n));
    const got: Buffer[][] = [];
    while (got.length < 20) got.push(await server.raw.receive());
    expect(got.map((frames) => frames.map(({ length }) => length))).toEqual(
      numbers(20).map(() => [5, 8, 0, 1]),
    );
    for (const frames of got.toReversed()) {
      await server.raw.send(frames);
      await server.raw.send(frames);
    }
    expect(await Promise.all(calls)).toEqual(numbers(20));
    const last = request.request(20);
    await server.raw.send(await server.raw.receive());
    expect(await last).toBe(20);
    expect(request.stats()).toMatchObject({ received: 21, late: 20, faults: 0 });
  });

  test('is not believed when the number is another socket’s, or none', async () => {
    using server = rawServer();
    const faults: unknown[] = [];
    const options = { onFault: (fault: unknown) => faults.push(fault) };
    await using request = await Request.connect<number, number>(server.endpoint, options);
    const call = request.request(1);
    const [client, id, empty, body] = (await server.raw.receive()) as [
      Buffer,
      Buffer,
      Buffer,
      Buffer,
    ];
    const foreign = Buffer.from(id);
    foreign[0] = (foreign[0] ?? 0) ^ 1;
    const strange: Buffer[][] = [
      [body],
      [empty, body],
      [id, body],
      [id, empty],
      [foreign, empty, body],
      [id.subarray(1), empty, body],
      [id, id, empty, body],
      [Buffer.concat([id, id]), empty, body],
    ];
    for (const frames of strange) await server.raw.send([client, ...frames]);
    await until(() => request.stats().faults === strange.length);
    expect(request.stats()).toMatchObject({ inFlight: 1, received: 0 });
    await server.raw.send([client, id, empty, encode(2)]);
    expect(await call).toBe(2);
    expect(faults).toHaveLength(strange.length);
    for (const fault of faults) expect(fault).toMatchObject({ code: 'BAD_MESSAGE' });
    expect(decode(body)).toBe(1);
  });
});

describe('a signal', () => {
  test('ends its own call only, and the reply is late', async () => {
    const desk = new Desk<string, string>();
    await using both = await asking(desk.handler);
    const { signal, abort, reason, listeners } = signalling();
    const ended = both.request.request('ended', { signal });
    const other = both.request.request('other');
    expect(listeners()).toBe(1);
    await until(() => desk.held.length === 2);
    abort();
    expect(await rejects(ended, 'ABORTED')).toMatchObject({ cause: reason, mayHaveRun: 'maybe' });
    expect(listeners()).toBe(0);
    for (const { resolve } of desk.held) resolve('answer');
    expect(await other).toBe('answer');
    expect(both.request.stats()).toMatchObject({ inFlight: 0, late: 1, received: 1 });
  });

  test('that has fired already lets nothing be sent', async () => {
    await using both = await asking((n: number) => n);
    const { signal, abort, reason, listeners } = signalling();
    abort();
    const error = await rejects(both.request.request(1, { signal }), 'ABORTED');
    expect(error).toMatchObject({ cause: reason, mayHaveRun: 'no' });
    expect(await both.request.request(2)).toBe(2);
    expect(both.request.stats()).toMatchObject({ sent: 1 });
    expect(listeners()).toBe(0);
  });

  test('has no listener left, however its call ended', async () => {
    const desk = new Desk<string, string>();
    await using both = await asking(desk.handler, { request: { maxInFlight: 4 } });
    const { request } = both;
    const { signal, listeners } = signalling();
    const answered = request.request('answered', { signal });
    const failed = request.request('failed', { signal });
    const late = request.request('late', { signal, timeoutMs: 20 });
    const open = request.request('open', { signal });
    await rejects(request.request('too many', { signal }), 'QUEUE_FULL');
    expect(listeners()).toBe(4);
    await until(() => desk.held.length === 4);
    desk.held[0]?.resolve('answer');
    desk.held[1]?.reject(new Error('failure'));
    expect(await answered).toBe('answer');
    await rejects(failed, 'HANDLER_FAILED');
    await rejects(late, 'TIMEOUT');
    await rejects(request.request(Symbol('none') as never, { signal }), 'BAD_VALUE');
    expect(listeners()).toBe(1);
    const closing = request.close({ drainMs: 0 });
    await rejects(open, 'CLOSED');
    expect(listeners()).toBe(0);
    await closing;
  });
});

describe('closing a Request', () => {
  test('ends all of its calls at once, and takes no longer than if there were none', async () => {
    const desk = new Desk<number, number>();
    await using both = await asking(desk.handler);
    const calls = numbers(10).map((n) => rejects(both.request.request(n), 'CLOSED'));
    await until(() => desk.held.length === 10);
    const start = performance.now();
    const closing = both.request.close({ drainMs: 20_000 });
    await Promise.all(calls);
    expect(await closing).toMatchObject({ unsent: 0, unread: 0 });
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(both.request.stats().inFlight).toBe(0);
    await rejects(both.request.request(1), 'CLOSED');
  });

  test('does not wait for servers that never came', async () => {
    const request = await Request.connect<number>('tcp://127.0.0.1:9');
    const calls = numbers(10).map((n) => rejects(request.request(n), 'CLOSED'));
    const start = performance.now();
    await request.close({ drainMs: 5000 });
    await Promise.all(calls);
    expect(performance.now() - start).toBeLessThan(4000);
  });
});
