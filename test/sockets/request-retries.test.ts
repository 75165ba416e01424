/**
 * Retries: asked for, after a backoff with full jitter, within a budget and a deadline; and the reply to
 * whichever attempt comes first is the answer.
 */
import { type AskOptions, Reply, Request, type RequestOptions } from 'brokerless';
import { describe, expect, test } from 'vitest';
import { rejects } from '../contracts/lifecycle.ts';
import { asking, Desk, signalling } from '../support/asking.ts';
import { numbers } from '../support/collect.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { turns } from '../support/turns.ts';
import { until } from '../support/until.ts';

const START = 1000;

/** A Request whose clock a test turns by hand, and a desk that answers nothing by itself. */
async function retrying(options: RequestOptions<string, string>, endpoint = 'inproc://retrying') {
  const clock = new ManualClock(START);
  const desk = new Desk<string, string>();
  const both = await asking(desk.handler, {
    endpoint,
    request: { backoff: { baseMs: 100, maxMs: 1000 }, random: () => 0.5, ...options, clock },
  });
  const { request } = both;
  return {
    clock,
    desk,
    request,
    /** Turns the hands and waits until so many attempts have been made, and no more. */
    async advance(ms: number, attempts: number): Promise<void> {
      clock.advance(ms);
      await until(() => desk.held.length >= attempts);
      await turns();
      expect(desk.held).toHaveLength(attempts);
    },
    [Symbol.asyncDispose]: () => both[Symbol.asyncDispose](),
  };
}

describe('a request without a reply is asked again', () => {
  test('never, unless that was asked for', async () => {
    await using it = await retrying({ timeoutMs: 100 });
    const call = rejects(it.request.request('once'), 'TIMEOUT');
    await it.advance(99, 1);
    expect(it.request.stats().inFlight).toBe(1);
    await it.advance(1, 1);
    expect(await call).toMatchObject({ mayHaveRun: 'maybe' });
    expect(it.request.stats()).toMatchObject({ retried: 0, sent: 1, inFlight: 0 });
  });

  test.for(['tcp://127.0.0.1:*', 'inproc://backoff'])(
    'after waits that double, half of their ceiling by these dice, over %s',
    async (endpoint) => {
      await using it = await retrying({ timeoutMs: 1000, retries: 4 }, endpoint);
      const call = rejects(it.request.request('again'), 'TIMEOUT');
      await it.advance(0, 1);
      for (const [attempt, waitMs] of [50, 100, 200, 400].entries()) {
        await it.advance(1000 + waitMs - 1, attempt + 1);
        expect(it.request.stats().retried).toBe(attempt);
        await it.advance(1, attempt + 2);
        expect(it.request.stats().retried).toBe(attempt + 1);
      }
      await it.advance(999, 5);
      expect(it.request.stats().inFlight).toBe(1);
      it.clock.advance(1);
      expect(await call).toMatchObject({ mayHaveRun: 'maybe' });
      expect(it.request.stats()).toMatchObject({ sent: 5, retried: 4, inFlight: 0 });
      expect(new Set(it.desk.requests)).toEqual(new Set(['again']));
    },
  );

  test('after a wait as long as the dice say, from nothing up to the ceiling', async () => {
    const dice = [0, 0.999, 0.25];
    const random = (): number => dice.shift() ?? 0;
    await using it = await retrying({ timeoutMs: 1000, retries: 3, random });
    const call = rejects(it.request.request('again'), 'TIMEOUT');
    await it.advance(0, 1);
    for (const [attempt, waitMs] of [5, 199, 100].entries()) {
      // The first rest is none at all; the one timer of all calls looks at most every 5 ms.
      await it.advance(1000 + waitMs - 1, attempt + 1);
      await it.advance(1, attempt + 2);
    }
    it.clock.advance(1000);
    await call;
  });

  test('as often as the call says, rather than the socket', async () => {
    await using it = await retrying({ timeoutMs: 1000, retries: 5 });
    const options: AskOptions = { retries: 1, timeoutMs: 200 };
    const call = rejects(it.request.request('twice', options), 'TIMEOUT');
    await it.advance(0, 1);
    await it.advance(250, 2);
    await it.advance(200, 2);
    await call;
    const once = rejects(it.request.request('once', { retries: 0 }), 'TIMEOUT');
    await it.advance(0, 3);
    await it.advance(1000, 3);
    await once;
  });

  test('not beyond its deadline, which is no later for the retries', async () => {
    await using it = await retrying({ timeoutMs: 1000, retries: 9 });
    const call = rejects(it.request.request('urgent', { deadlineMs: 1300 }), 'TIMEOUT');
    await it.advance(0, 1);
    await it.advance(1050, 2);
    await it.advance(249, 2);
    expect(it.request.stats().inFlight).toBe(1);
    it.clock.advance(1);
    await call;
    expect(it.request.stats()).toMatchObject({ retried: 1, sent: 2 });
  });

  test('not if the wait before it would reach the deadline: then it is over at once', async () => {
    await using it = await retrying({ timeoutMs: 1000, retries: 9 });
    const call = rejects(it.request.request('urgent', { deadlineMs: 1050 }), 'TIMEOUT');
    await it.advance(1000, 1);
    await call;
    expect(it.clock.now()).toBe(START + 1000);
  });

  test('not while no server is there: it only waits longer', async () => {
    const clock = new ManualClock();
    const options = { clock, timeoutMs: 100, retries: 3, random: () => 0 } as const;
    await using request = new Request<string, string>(options);
    const call = request.request('patient');
    for (const _ of numbers(3)) {
      await turns();
      clock.advance(100);
    }
    expect(request.stats()).toMatchObject({ retried: 0, sent: 0, inFlight: 1, depth: 1 });
    const ran: string[] = [];
    await using reply = await Reply.bind<string, string>('inproc://patient');
    void reply.serve((what) => {
      ran.push(what);
      return 'answer';
    });
    await request.connect(reply.endpoint);
    expect(await call).toBe('answer');
    await until(() => request.stats().depth === 0);
    expect(await request.request('other')).toBe('answer');
    expect(ran).toEqual(['patient', 'other']);
  });
});

describe('the reply', () => {
  test('to an earlier attempt is the answer, and the other one is late', async () => {
    await using it = await retrying({ timeoutMs: 1000, retries: 1 });
    const call = it.request.request('again');
    await it.advance(0, 1);
    await it.advance(1050, 2);
    it.desk.held[0]?.resolve('to the first');
    expect(await call).toBe('to the first');
    it.desk.held[1]?.resolve('to the second');
    await until(() => it.request.stats().late === 1);
    expect(it.request.stats()).toMatchObject({ received: 1, retried: 1, inFlight: 0 });
  });

  test('that comes during the wait before a retry is the answer, and there is no retry', async () => {
    await using it = await retrying({ timeoutMs: 1000, retries: 1 });
    const call = it.request.request('again');
    await it.advance(0, 1);
    await it.advance(1010, 1);
    it.desk.held[0]?.resolve('in time after all');
    expect(await call).toBe('in time after all');
    await it.advance(5000, 1);
    expect(it.request.stats()).toMatchObject({ retried: 0, late: 0, sent: 1 });
  });

  test('that is a failure ends the call: a server that answers is not asked again', async () => {
    await using it = await retrying({ timeoutMs: 1000, retries: 5 });
    const call = rejects(it.request.request('again'), 'HANDLER_FAILED');
    await it.advance(0, 1);
    it.desk.held[0]?.reject(new Error('no'));
    await call;
    await it.advance(5000, 1);
  });

  test('is waited for no longer when the signal fires during the wait before a retry', async () => {
    await using it = await retrying({ timeoutMs: 1000, retries: 5 });
    const { signal, abort, listeners } = signalling();
    const call = rejects(it.request.request('again', { signal }), 'ABORTED');
    await it.advance(0, 1);
    await it.advance(1010, 1);
    abort();
    expect(await call).toMatchObject({ mayHaveRun: 'maybe' });
    expect(listeners()).toBe(0);
    await it.advance(5000, 1);
  });

  test('is waited for no longer when the socket closes, and no timer is left', async () => {
    await using it = await retrying({ timeoutMs: 1000, retries: 5 });
    const calls = ['one', 'other'].map((what) => rejects(it.request.request(what), 'CLOSED'));
    await it.advance(0, 2);
    await it.advance(1010, 2);
    await it.request.close({ drainMs: 0 });
    for (const call of calls) expect(await call).toMatchObject({ mayHaveRun: 'maybe' });
    expect(it.clock.alarms).toEqual([]);
  });
});

describe('the budget', () => {
  const options = { timeoutMs: 1000, retries: 1, random: () => 0 } as const;

  test('lets no more requests be asked again than it holds', async () => {
    const retryBudget = { ratio: 0, max: 3 };
    await using it = await retrying({ ...options, retryBudget });
    const calls = numbers(10).map((n) => rejects(it.request.request(`${n}`), 'TIMEOUT'));
    await it.advance(0, 10);
    await it.advance(1005, 13);
    expect(it.request.stats().inFlight).toBe(3);
    it.clock.advance(1000);
    await Promise.all(calls);
    expect(it.request.stats()).toMatchObject({ retried: 3, sent: 13 });
  });

  test('grows with requests by its ratio', async () => {
    const retryBudget = { ratio: 0.5, max: 1 };
    await using it = await retrying({ ...options, retryBudget });
    const ask = async (attempts: number): Promise<void> => {
      const before = it.desk.held.length;
      const call = rejects(it.request.request('again'), 'TIMEOUT');
      await it.advance(0, before + 1);
      await it.advance(1005, before + attempts);
      it.clock.advance(1000);
      await call;
    };
    for (const attempts of [2, 1, 2, 1, 2, 1]) await ask(attempts);
    expect(it.request.stats()).toMatchObject({ retried: 3, sent: 9 });
  });

  test('is about one retry for five requests, with ten at the beginning, by default', async () => {
    await using it = await retrying(options);
    const calls = numbers(50).map((n) => rejects(it.request.request(`${n}`), 'TIMEOUT'));
    await it.advance(0, 50);
    await it.advance(1005, 60);
    it.clock.advance(1000);
    await Promise.all(calls);
    expect(it.request.stats()).toMatchObject({ retried: 10, sent: 60 });
  });
});
