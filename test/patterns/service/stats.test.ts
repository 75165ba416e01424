/**
 * Tests of numbers: what is counted of all and of each method at both sides, so that it adds up; and what servers say
 * of themselves.
 */
import { call, contract, event, type Server, stream } from 'brokerless/patterns/service';
import { describe, expect, test } from 'vitest';
import { failure, rejects } from '../../contracts/lifecycle.ts';
import { signalling } from '../../support/asking.ts';
import { numbers } from '../../support/collect.ts';
import { until } from '../../support/until.ts';
import { clientOf, Desk, LONG, later, met, pair } from './running.ts';

const shop = contract(
  'shop',
  {
    buy: call<number, number>(),
    hold: call<number, number>(),
    list: stream<number, number>(),
    noted: event<number>(),
  },
  { version: '3' },
);

/** A shop that fails odd numbers. */
async function opened() {
  const desk = new Desk();
  const buy = (n: number): number => {
    if (n % 2 === 1) throw new Error('odd');
    return n;
  };
  const handlers = { buy, hold: desk.handler, list: numbers, noted: () => {} };
  return Object.assign(await pair(shop, handlers), { desk });
}

const none = { p50: 0, p95: 0, p99: 0, max: 0 };
const nothing = { received: 0, done: 0, failed: 0, invalid: 0, refused: 0, repeated: 0 };

describe('numbers', () => {
  test('are all there from the beginning', async () => {
    await using both = await opened();
    const methods = Object.keys(shop.methods);
    const asked = { asked: 0, done: 0, failed: 0, inFlight: 0, durations: none };
    expect(both.client.stats()).toEqual({
      sent: 0,
      received: 0,
      retried: 0,
      late: 0,
      refused: 0,
      dropped: 0,
      faults: 0,
      inFlight: 0,
      depth: 0,
      connections: 1,
      methods: Object.fromEntries(methods.map((name) => [name, asked])),
    });
    const served = { ...nothing, cancelled: 0, expired: 0, inFlight: 0, durations: none };
    expect(both.server.stats()).toEqual({
      received: 0,
      sent: 0,
      refused: 0,
      expired: 0,
      faults: 0,
      dropped: 0,
      inFlight: 0,
      depth: 0,
      replies: 0,
      clients: 1,
      methods: Object.fromEntries(methods.map((name) => [name, served])),
    });
  });

  test('add up on both sides when all is over', async () => {
    await using both = await opened();
    const { client, server, desk } = both;
    const bought = await Promise.allSettled(numbers(100).map((n) => client.buy(n)));
    expect(bought.filter(({ status }) => status === 'fulfilled')).toHaveLength(50);
    await Promise.all(numbers(10).map((n) => client.noted(n)));
    for await (const n of client.list(20)) expect(n).toBeLessThan(20);
    for await (const n of client.list(20, { credit: 4 })) if (n === 3) break;
    const { signal, abort } = signalling();
    const held = numbers(5).map((n) => later(client.hold(n, { signal })));
    await desk.call(4);
    expect(client.stats()).toMatchObject({ inFlight: 5, depth: 0 });
    expect(client.servers()).toMatchObject([{ inFlight: 5, asked: 117 }]);
    expect(server.stats()).toMatchObject({ inFlight: 5 });
    abort();
    await Promise.allSettled(held);
    await until(() => server.stats().methods['hold']?.cancelled === 5);
    for (const { reject } of desk.held) reject(new Error('stopped'));
    await until(() => server.stats().inFlight === 0);

    const asked = client.stats();
    expect(asked.methods).toMatchObject({
      buy: { asked: 100, done: 50, failed: 50, inFlight: 0 },
      hold: { asked: 5, done: 0, failed: 5, inFlight: 0 },
      list: { asked: 2, done: 1, failed: 1, inFlight: 0 },
      noted: { asked: 10, done: 10, failed: 0, inFlight: 0 },
    });
    expect(asked).toMatchObject({ sent: 117, received: 61, inFlight: 0, retried: 0, faults: 0 });
    const served = server.stats();
    expect(served.methods).toMatchObject({
      buy: { ...nothing, received: 100, done: 50, failed: 50, cancelled: 0 },
      hold: { ...nothing, received: 5, cancelled: 5 },
      list: { ...nothing, received: 2, done: 1, cancelled: 1 },
      noted: { ...nothing, received: 10, done: 10 },
    });
    expect(served).toMatchObject({ received: 117, inFlight: 0, depth: 0, faults: 0, dropped: 0 });
    expect(served.sent).toBeGreaterThanOrEqual(100 + 20 + 4);
  });

  test('tell how long methods take', async () => {
    await using both = await opened();
    const asked = both.client.hold(1);
    const { resolve } = await both.desk.call(0);
    const start = performance.now();
    await until(() => performance.now() > start + 30);
    resolve(1);
    await asked;
    await both.client.buy(2);
    const { hold, buy } = both.client.stats().methods;
    expect(hold?.durations.max).toBeGreaterThanOrEqual(29);
    expect(hold?.durations.p50).toBeGreaterThanOrEqual(29);
    expect(buy?.durations.max).toBeGreaterThan(0);
    expect(both.server.stats().methods['hold']?.durations.max).toBeGreaterThanOrEqual(29);
    expect(both.server.stats().methods['list']?.durations).toEqual(none);
  });
});

describe('a server, asked about itself', () => {
  test('says how long it takes to answer', async () => {
    await using both = await opened();
    const [answer, ...others] = await both.client.ask('ping', LONG);
    expect(others).toEqual([]);
    expect(answer?.server).toBe(both.server.endpoint);
    expect(answer?.value).toBeGreaterThan(0);
    expect(answer?.value).toBeLessThan(LONG.timeoutMs);
  });

  test('says what it is', async () => {
    await using both = await opened();
    const { name, version, hash } = shop;
    const methods = { buy: 'call', hold: 'call', list: 'stream', noted: 'event' };
    expect(await both.client.ask('info', LONG)).toEqual([
      { server: both.server.endpoint, value: { name, version, hash, methods } },
    ]);
  });

  test('gives its numbers', async () => {
    await using both = await opened();
    await both.client.buy(2);
    const [answer] = await both.client.ask('stats', LONG);
    expect(answer?.value).toEqual(both.server.stats());
    expect(answer?.value).toMatchObject({ received: 1, methods: { buy: { done: 1 } } });
    expect(both.server.stats()).toMatchObject({ received: 1 }); // What it is asked about itself is no call.
  });

  test('is one of all that are there; who does not answer in time is left out', async () => {
    await using one = await opened();
    await using two = await opened();
    await using client = await clientOf(shop, [one.server, two.server]);
    await met(client, 2);
    const servers = (await client.ask('ping', LONG)).map(({ server }) => server);
    expect(servers).toEqual([one.server.endpoint, two.server.endpoint]);
    await one.server.close();
    await met(client, 1);
    expect(await client.ask('info', LONG)).toMatchObject([{ server: two.server.endpoint }]);
    const blocked = client.ask('ping', { timeoutMs: 1 });
    const end = performance.now() + 50;
    while (performance.now() < end);
    expect((await blocked).length).toBeLessThanOrEqual(1);
  });

  test('is waited for no longer than a signal lets it', async () => {
    await using both = await opened();
    const { signal, abort, reason, listeners } = signalling();
    const asked = rejects(both.client.ask('ping', { signal }), 'ABORTED');
    abort();
    expect(await asked).toMatchObject({ cause: reason });
    expect(listeners()).toBe(0);
    expect(await failure(both.client.ask('ping', { signal }))).toMatchObject({ code: 'ABORTED' });
  });

  test('with more to say than its client takes is left out, and told of', async () => {
    await using both = await opened();
    const faults: unknown[] = [];
    const { server }: { server: Server } = both;
    const onFault = (fault: unknown): void => void faults.push(fault);
    await using client = await clientOf(shop, server, { maxMessageBytes: 100, onFault });
    expect(await client.ask('stats', LONG)).toEqual([]);
    expect(faults).toMatchObject([{ code: 'BAD_MESSAGE' }]);
    expect(client.stats()).toMatchObject({ faults: 1 });
    expect(await client.ask('ping', LONG)).toHaveLength(1);
  });
});

describe('listeners', () => {
  test('hear when servers come and go', async () => {
    await using both = await opened();
    const heard: unknown[] = [];
    const { endpoint } = both.server;
    await using client = await clientOf(shop, both.server, { connectMs: 0 });
    client.on('server:up', (event) => heard.push(['up', event]));
    client.on('server:down', (event) => heard.push(['down', event]));
    await met(client, 1);
    await both.server.drain();
    await until(() => heard.length === 2);
    expect(heard).toEqual([
      ['up', { server: endpoint }],
      ['down', { server: endpoint, reason: 'draining' }],
    ]);
  });

  test('that fail surface, and keep nobody from the next', async () => {
    const uncaught: unknown[] = [];
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', (error) => uncaught.push(error));
    try {
      await using both = await opened();
      const mistake = new Error('listener');
      both.server.on('client:join', () => {
        throw mistake;
      });
      await using client = await clientOf(shop, both.server);
      expect(await client.buy(2)).toBe(2);
      await until(() => uncaught.length === 1);
      expect(uncaught).toEqual([mistake]);
    } finally {
      process.removeAllListeners('uncaughtException');
      for (const listener of listeners) process.on('uncaughtException', listener);
    }
  });
});
