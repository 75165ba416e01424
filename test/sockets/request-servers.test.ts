/**
 * Servers: several share the requests of one socket, one that goes takes only its own with it, and what
 * is too much is refused.
 */
import { Reply, Request } from 'brokerless';
import { describe, expect, test } from 'vitest';
import { rejects } from '../contracts/lifecycle.ts';
import { asking, Desk } from '../support/asking.ts';
import { numbers } from '../support/collect.ts';
import { until } from '../support/until.ts';

/**
 * For requests that follow a disconnection: libzmq may still take one for the connection that has just
 * ended, and loses it.
 */
const again = { retries: 5, timeoutMs: 300 };

/** So many servers, each answering with its own number, and a Request connected to all. */
async function serving(count: number, endpoint = 'tcp://127.0.0.1:*') {
  const servers = await Promise.all(
    numbers(count).map(async (n) => {
      const reply = await Reply.bind<number, number>(endpoint.replace('one', `one-${n}`));
      void reply.serve(() => n);
      return reply;
    }),
  );
  const request = new Request<number, number>({ reconnectMs: 10 });
  for (const server of servers) await request.connect(server.endpoint);
  if (!endpoint.startsWith('inproc')) await until(() => request.stats().connections === count);
  return {
    servers,
    request,
    async [Symbol.asyncDispose]() {
      await Promise.all([request, ...servers].map((each) => each.close({ drainMs: 0 })));
    },
  };
}

describe('several servers', () => {
  test.for(['tcp://127.0.0.1:*', 'ipc://*', 'inproc://one'])(
    'get equal shares of the requests, over %s',
    async (endpoint) => {
      await using all = await serving(3, endpoint);
      const answers = await Promise.all(numbers(300).map((n) => all.request.request(n)));
      for (const n of numbers(3)) expect(answers.filter((who) => who === n)).toHaveLength(100);
    },
  );

  test('of which one is gone: the others answer all that is asked from then on', async () => {
    await using all = await serving(3);
    await all.servers[1]?.close();
    await until(() => all.request.stats().connections === 2);
    // ZeroMQ itself lets go of a connection some milliseconds after it has told of its end; what it is given
    // meanwhile is lost, and asked again.
    const answers = new Set<number>();
    for (const group of numbers(10)) {
      const calls = numbers(10).map((n) => all.request.request(10 * group + n, again));
      for (const answer of await Promise.all(calls)) answers.add(answer);
    }
    expect(answers).toEqual(new Set([0, 2]));
    expect(all.request.stats()).toMatchObject({ faults: 0, inFlight: 0 });
  });

  test('of which one goes while it works: its requests fail in time, or are asked again', async () => {
    const desks = numbers(2).map(() => new Desk<number, string>());
    const servers = await Promise.all(numbers(2).map(() => Reply.bind<number, string>('ipc://*')));
    const [good, bad] = servers as [Reply<number, string>, Reply<number, string>];
    void good.serve(() => 'answer');
    void bad.serve(desks[1]?.handler ?? expect.fail());
    await using request = new Request<number, string>({ timeoutMs: 3000 });
    for (const server of servers) await request.connect(server.endpoint);
    await until(() => request.stats().connections === 2);
    const calls = numbers(20).map((n) => request.request(n, { retries: n < 10 ? 3 : 0 }));
    const outcomes = Promise.allSettled(calls);
    await until(() => desks[1]?.held.length === 10);
    await bad.close({ drainMs: 0 });
    const settled = await outcomes;
    const lost = new Set(desks[1]?.requests);
    for (const [n, outcome] of settled.entries()) {
      if (n < 10 || !lost.has(n)) expect(outcome).toMatchObject({ value: 'answer' });
      else expect(outcome).toMatchObject({ reason: { code: 'TIMEOUT', mayHaveRun: 'maybe' } });
    }
    expect(request.stats().retried).toBeGreaterThanOrEqual(5);
    await good.close();
  });

  test('of which one comes back is asked again', async () => {
    await using all = await serving(1);
    const { endpoint } = all.servers[0] ?? expect.fail();
    expect(await all.request.request(1)).toBe(0);
    await all.servers[0]?.close();
    await until(() => all.request.stats().connections === 0);
    const waiting = all.request.request(2, again);
    await using back = await Reply.bind<number, number>(endpoint);
    void back.serve(() => 7);
    expect(await waiting).toBe(7);
  });
});

describe('too many requests', () => {
  test('in flight are refused until there is room', async () => {
    const desk = new Desk<number, number>();
    await using both = await asking(desk.handler, { request: { maxInFlight: 3 } });
    const calls = numbers(3).map((n) => both.request.request(n));
    for (const _ of numbers(5)) {
      const error = await rejects(both.request.request(9), 'QUEUE_FULL');
      expect(error).toMatchObject({ mayHaveRun: 'no' });
    }
    expect(both.request.stats()).toMatchObject({ refused: 5, inFlight: 3 });
    await until(() => desk.held.length === 3);
    desk.held[1]?.resolve(1);
    expect(await calls[1]).toBe(1);
    const next = both.request.request(4);
    await rejects(both.request.request(5), 'QUEUE_FULL');
    await until(() => desk.held.length === 4);
    for (const { request, resolve } of desk.held) resolve(request);
    expect(await Promise.all([...calls, next])).toEqual([0, 1, 2, 4]);
    expect(desk.requests).toEqual([0, 1, 2, 4]);
  });

  test('bytes that wait to be sent are refused until there is room', async () => {
    const options = { codec: 'raw', maxQueueBytes: 10_000 } as const;
    await using request = new Request<Uint8Array, Uint8Array>(options);
    const calls = numbers(20).map((n) => request.request(new Uint8Array(1000).fill(n)));
    const outcomes = Promise.allSettled(calls);
    const { refused, depth, depthBytes } = request.stats();
    expect(depth).toBe(20 - refused);
    expect(depth).toBeGreaterThanOrEqual(7);
    expect(depth).toBeLessThanOrEqual(10);
    expect(depthBytes).toBeLessThan(12_000);
    await using reply = await Reply.bind<Uint8Array, Uint8Array>('ipc://*', { codec: 'raw' });
    void reply.serve((bytes) => bytes);
    await request.connect(reply.endpoint);
    for (const [n, outcome] of (await outcomes).entries()) {
      if (n < depth) expect(outcome).toMatchObject({ value: new Uint8Array(1000).fill(n) });
      else expect(outcome).toMatchObject({ reason: { code: 'QUEUE_FULL', mayHaveRun: 'no' } });
    }
    await until(() => request.stats().depthBytes === 0);
    expect(await request.request(new Uint8Array(1))).toHaveLength(1);
  });

  test('may be asked for: as many as the option allows, and no fewer', async () => {
    await using both = await asking((n: number) => n, {
      request: { maxInFlight: 5000, highWaterMark: 5000 },
      reply: { highWaterMark: 5000 },
    });
    const calls = numbers(5000).map((n) => both.request.request(n));
    await rejects(both.request.request(1), 'QUEUE_FULL');
    expect(await Promise.all(calls)).toEqual(numbers(5000));
  });
});
