/**
 * Tests of calls that are made within others: what is left of the time, the end and the trace of the outer one go with
 * them, through two servers and more.
 */
import { getEventListeners } from 'node:events';
import { type CallContext, call, contract, event, stream } from 'brokerless/patterns/service';
import { describe, expect, test } from 'vitest';
import { rejects } from '../../contracts/lifecycle.ts';
import { signalling } from '../../support/asking.ts';
import { until } from '../../support/until.ts';
import { Desk, gate, later, pair } from './running.ts';

interface Seen {
  readonly remainingMs: number;
  readonly headers: object;
}

const inner = contract('inner', {
  look: call<void, Seen>(),
  hold: call<void, number>(),
  ticks: stream<void, number>(),
  noted: event<void>(),
});
const outer = contract('outer', {
  look: call<void, Seen>(),
  hold: call<void, number>(),
  told: call<void, void>(),
  ticks: stream<void, number>(),
});

const look = (_input: void, { remainingMs, headers }: CallContext<unknown>): Seen => {
  return { remainingMs, headers };
};

/** A server that asks another for all that it does. */
async function chain() {
  const desk = new Desk<void>();
  const noted: Seen[] = [];
  let pausing: CallContext<unknown> | undefined;
  async function* ticks(_input: void, context: CallContext<unknown>): AsyncGenerator<number> {
    pausing = context;
    yield 1;
    await gate().opened;
  }
  const second = await pair(inner, {
    look,
    hold: desk.handler,
    ticks,
    noted: (input, context) => void noted.push(look(input, context)),
  });
  const { client } = second;
  const first = await pair(outer, {
    look: (_input, context) => client.look(undefined, { within: context }),
    hold: (_input, context) => client.hold(undefined, { within: context }),
    told: (_input, context) => client.noted(undefined, { within: context }),
    ticks: (_input, context) => client.ticks(undefined, { within: context }),
  });
  return {
    first,
    second,
    desk,
    noted,
    pausing: () => pausing,
    async [Symbol.asyncDispose]() {
      await first[Symbol.asyncDispose]();
      await second[Symbol.asyncDispose]();
    },
  };
}

describe('a call within another', () => {
  test('has no more time than is left of it', async () => {
    await using both = await chain();
    const { remainingMs } = await both.first.client.look(undefined, { timeoutMs: 4000 });
    expect(remainingMs).toBeGreaterThan(500);
    expect(remainingMs).toBeLessThanOrEqual(4002);
    const plenty = await both.first.client.look(undefined, { timeoutMs: 60_000 });
    expect(plenty.remainingMs).toBeGreaterThan(4000); // What is its own counts if it is less.
    expect(plenty.remainingMs).toBeLessThanOrEqual(5001);
  });

  test('is over when that is', async () => {
    await using both = await chain();
    const asked = rejects(both.first.client.hold(undefined, { timeoutMs: 1000 }), 'TIMEOUT');
    const { context } = await both.desk.call(0);
    expect(context.remainingMs).toBeLessThanOrEqual(1002);
    await asked;
    await until(() => context.signal.aborted);
    await until(() => both.second.client.stats().inFlight === 0);
  });

  test('is not begun when no time is left', async () => {
    await using both = await chain();
    const over = { remainingMs: 0, signal: new AbortController().signal, headers: {} };
    const asked = both.second.client.look(undefined, { within: over });
    const error = await rejects(asked, 'TIMEOUT');
    expect(error).toMatchObject({ mayHaveRun: 'no', data: { progress: 'waiting', attempts: 0 } });
    expect(both.second.client.stats().sent).toBe(0);
  });

  test('is aborted with it, in every process it has reached', async () => {
    await using both = await chain();
    const { signal, abort } = signalling();
    const asked = rejects(both.first.client.hold(undefined, { signal }), 'ABORTED');
    const { context } = await both.desk.call(0);
    abort();
    await asked;
    await until(() => context.signal.aborted);
    expect(context.signal.reason).toMatchObject({ code: 'ABORTED' });
    await until(() => both.second.client.stats().inFlight === 0);
    await until(() => both.first.server.stats().inFlight === 0);
    expect(both.first.server.stats().methods['hold']).toMatchObject({ failed: 0, cancelled: 1 });
  });

  test('is not begun when it is aborted', async () => {
    await using both = await chain();
    const over = { remainingMs: 1000, signal: AbortSignal.abort(), headers: {} };
    const asked = both.second.client.look(undefined, { within: over });
    await rejects(asked, 'ABORTED');
    expect(both.second.client.stats().sent).toBe(0);
  });

  test('ends by its own signal too, and leaves no listener on either', async () => {
    await using both = await chain();
    const [own, its] = [signalling(), signalling()];
    const within = { remainingMs: 60_000, signal: its.signal, headers: {} };
    const asked = later(both.second.client.hold(undefined, { within, signal: own.signal }));
    await both.desk.call(0);
    own.abort();
    expect(await rejects(asked, 'ABORTED')).toMatchObject({ cause: own.reason });
    expect(getEventListeners(its.signal, 'abort')).toHaveLength(0);
    expect(own.listeners()).toBe(0);
  });

  test('is part of the same trace: its headers go with it, and no others', async () => {
    await using both = await chain();
    const trace = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' };
    const headers = { ...trace, tracestate: 'a=1', authorization: 'secret' };
    const { headers: seen } = await both.first.client.look(undefined, { headers });
    expect(seen).toEqual({ ...trace, tracestate: 'a=1' });
    expect((await both.first.client.look()).headers).toEqual({});
  });

  test('may say more, and say the trace otherwise', async () => {
    await using both = await chain();
    const { signal } = new AbortController();
    const within = { remainingMs: 60_000, signal, headers: { traceparent: 'a', tracestate: 'b' } };
    const headers = { traceparent: 'c', more: 'd' };
    const { headers: seen } = await both.second.client.look(undefined, { within, headers });
    expect(seen).toEqual({ traceparent: 'c', tracestate: 'b', more: 'd' });
  });
});

describe('an event and a stream within a call', () => {
  test('have its time and its trace', async () => {
    await using both = await chain();
    const headers = { traceparent: 'a' };
    await both.first.client.told(undefined, { timeoutMs: 5000, headers });
    await until(() => both.noted.length === 1);
    expect(both.noted[0]?.headers).toEqual(headers);
    expect(both.noted[0]?.remainingMs).toBeLessThanOrEqual(5002);
  });

  test('end with it', async () => {
    await using both = await chain();
    const values = both.first.client.ticks();
    expect(await values.next()).toEqual({ value: 1, done: false });
    await values.return?.();
    await until(() => both.pausing()?.signal.aborted === true);
    await until(() => both.second.client.stats().inFlight === 0);
  });
});
