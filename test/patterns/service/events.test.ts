/**
 * Tests of events: what is told to one server, at most once, and answered by nobody.
 */
import { call, connectTo, contract, event } from 'brokerless/patterns/service';
import { describe, expect, test } from 'vitest';
import { rejects } from '../../contracts/lifecycle.ts';
import { signalling } from '../../support/asking.ts';
import { numbers } from '../../support/collect.ts';
import { reservedEndpoint } from '../../support/port.ts';
import { until } from '../../support/until.ts';
import { Desk, LONG, pair, transports } from './running.ts';

const log = contract('log', { noted: event<number>(), ping: call<void, string>() });

/** A log, and what it has heard. */
async function logging(bind?: string) {
  const heard: number[] = [];
  const handlers = { noted: (n: number) => void heard.push(n), ping: () => 'pong' };
  const both = await pair(log, handlers, bind === undefined ? {} : { bind });
  return Object.assign(both, { heard });
}

describe.each(Object.entries(transports))('events over %s', (_name, bind) => {
  test('are told once each, in their order', async () => {
    await using both = await logging(bind);
    const told = numbers(1000).map((n) => both.client.noted(n));
    expect(new Set(await Promise.all(told))).toEqual(new Set([undefined]));
    await until(() => both.heard.length >= 1000);
    expect(both.heard).toEqual(numbers(1000));
    expect(both.client.stats()).toMatchObject({ sent: 1000, received: 1000, inFlight: 0, late: 0 });
    expect(both.server.stats()).toMatchObject({ received: 1000, sent: 0, inFlight: 0 });
    expect(both.server.stats().methods['noted']).toMatchObject({ received: 1000, done: 1000 });
  });
});

describe('an event', () => {
  test('is sent when its promise is resolved, whatever becomes of it there', async () => {
    const desk = new Desk<number, undefined>();
    await using both = await pair(log, { noted: desk.handler, ping: () => 'pong' });
    await both.client.noted(1);
    expect(both.client.stats()).toMatchObject({ received: 1, inFlight: 0 });
    const { context, reject } = await desk.call(0);
    expect(context).toMatchObject({ method: 'noted', key: undefined });
    reject(new Error('nobody hears of it there'));
    await until(() => both.server.stats().methods['noted']?.failed === 1);
    expect(await both.client.ping()).toBe('pong');
  });

  test('may take its handler as long as it likes, unless it is within another call', async () => {
    const desk = new Desk<number, undefined>();
    const handlers = { noted: desk.handler, ping: () => 'pong' };
    await using both = await pair(log, handlers, { connect: { timeoutMs: 50 } });
    await both.client.noted(1);
    await both.client.noted(2, { timeoutMs: 50 });
    const within = { remainingMs: 60, signal: new AbortController().signal, headers: {} };
    await both.client.noted(3, { within });
    const [plain, timed, inner] = [await desk.call(0), await desk.call(1), await desk.call(2)];
    expect([plain, timed].map(({ context }) => context.remainingMs)).toEqual([Infinity, Infinity]);
    await until(() => inner.context.signal.aborted);
    expect([plain, timed].map(({ context }) => context.signal.aborted)).toEqual([false, false]);
    for (const { resolve } of desk.held) resolve(undefined);
    expect(both.client.stats()).toMatchObject({ received: 3 });
  });

  test('takes its turn among calls', async () => {
    const order: string[] = [];
    await using both = await pair(log, {
      noted: (n) => void order.push(`${n}`),
      ping: () => `${order.push('ping')}`,
    });
    await both.client.noted(1);
    const asked = both.client.ping();
    await both.client.noted(2);
    await asked;
    await both.client.ping();
    expect(order).toEqual(['1', 'ping', '2', 'ping']);
  });

  test('waits for a server as long as it may, and no longer', async () => {
    const to = await reservedEndpoint();
    await using client = await connectTo(log, { to, connectMs: 0 });
    const error = await rejects(client.noted(1, { timeoutMs: 30 }), 'TIMEOUT');
    expect(error).toMatchObject({ mayHaveRun: 'no', data: { progress: 'waiting' } });
    const { signal, abort, listeners } = signalling();
    const told = rejects(client.noted(1, { signal }), 'ABORTED');
    abort();
    await told;
    expect(listeners()).toBe(0);
    expect(client.stats()).toMatchObject({ sent: 0, inFlight: 0 });
    expect(client.stats().methods['noted']).toMatchObject({ asked: 2, done: 0, failed: 2 });
  });

  test('that waits leaves as soon as a server is there', async () => {
    const to = await reservedEndpoint();
    await using client = await connectTo(log, { to, connectMs: 0 });
    const told = client.noted(7, LONG);
    await using both = await logging(to);
    await told;
    await until(() => both.heard.length === 1);
    expect(both.heard).toEqual([7]);
  });

  test('carries headers', async () => {
    const desk = new Desk<number, undefined>();
    await using both = await pair(log, { noted: desk.handler, ping: () => 'pong' });
    await both.client.noted(1, { headers: { a: 'b' } });
    const { context, resolve } = await desk.call(0);
    expect(context.headers).toEqual({ a: 'b' });
    resolve(undefined);
  });

  test('that is too much for its server is counted there, and nobody is told', async () => {
    const desk = new Desk<number, undefined>();
    const handlers = { noted: desk.handler, ping: () => 'pong' };
    const serve = { concurrency: 1, maxQueued: 2 };
    await using both = await pair(log, handlers, { serve });
    await Promise.all(numbers(10).map((n) => both.client.noted(n)));
    await until(() => both.server.stats().refused === 7);
    expect(both.server.stats()).toMatchObject({ received: 10, inFlight: 1, depth: 2 });
    for (const n of numbers(3)) (await desk.call(n)).resolve(undefined);
    expect(await both.client.ping()).toBe('pong');
    expect(desk.inputs).toEqual([0, 1, 2]);
  });
});
