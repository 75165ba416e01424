/**
 * Waits: a signal or a deadline ends them, and nothing stays behind.
 */
import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { isBrokerlessError } from '../../src/errors.ts';
import { deferred } from '../../src/run/running.ts';
import { type Waiter, waitFor, waitInLine } from '../../src/run/wait.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { turns } from '../support/turns.ts';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('a wait', () => {
  test('without a signal or a deadline is the promise itself', () => {
    const { promise } = deferred<number>();
    expect(waitFor('it', promise, {})).toBe(promise);
  });

  test('gives what came in time, and leaves neither listener nor alarm behind', async () => {
    const clock = new ManualClock();
    const { signal } = new AbortController();
    const answer = deferred<string>();
    const wait = waitFor('it', answer.promise, { signal, timeoutMs: 50 }, clock);
    expect([listeners(signal), clock.alarms]).toEqual([1, [1050]]);
    answer.resolve('here');
    expect(await wait).toBe('here');
    await turns();
    expect([listeners(signal), clock.alarms]).toEqual([0, []]);
  });

  test('rejects as what it waited for does, and leaves nothing behind', async () => {
    const clock = new ManualClock();
    const { signal } = new AbortController();
    const answer = deferred<string>();
    const wait = waitFor('it', answer.promise, { signal, timeoutMs: 50 }, clock);
    const fault = new Error('mine');
    answer.reject(fault);
    await expect(wait).rejects.toBe(fault);
    await turns();
    expect([listeners(signal), clock.alarms]).toEqual([0, []]);
  });

  test('ends at its deadline and not before, and says what for and how long', async () => {
    const clock = new ManualClock();
    const { signal } = new AbortController();
    const wait = waitFor('answer', deferred().promise, { signal, timeoutMs: 50 }, clock);
    const outcome = wait.catch((error: unknown) => error);
    clock.advance(49);
    expect(listeners(signal)).toBe(1);
    clock.advance(1);
    const error = await outcome;
    expect(isBrokerlessError(error, 'TIMEOUT')).toBe(true);
    expect(error).toMatchObject({ message: 'no answer within 50 ms', mayHaveRun: 'no' });
    expect([listeners(signal), clock.alarms]).toEqual([0, []]);
  });

  test('ends when its signal fires, with the reason as the cause', async () => {
    const clock = new ManualClock();
    const controller = new AbortController();
    const { signal } = controller;
    const wait = waitFor('answer', deferred().promise, { signal, timeoutMs: 50 }, clock);
    const reason = new Error('enough');
    controller.abort(reason);
    const error = await wait.catch((thrown: unknown) => thrown);
    expect(isBrokerlessError(error, 'ABORTED')).toBe(true);
    expect(error).toMatchObject({ message: 'aborted while waiting for answer', cause: reason });
    expect([listeners(signal), clock.alarms]).toEqual([0, []]);
  });

  test('does not begin if its signal has fired already', async () => {
    const clock = new ManualClock();
    const signal = AbortSignal.abort('early');
    const wait = waitFor('answer', Promise.resolve(1), { signal, timeoutMs: 50 }, clock);
    await expect(wait).rejects.toMatchObject({ code: 'ABORTED', cause: 'early' });
    expect([listeners(signal), clock.alarms]).toEqual([0, []]);
  });

  test('that ended early does not make a later failure an unhandled one', async () => {
    const unhandled: unknown[] = [];
    const listen = (reason: unknown): unknown => unhandled.push(reason);
    process.on('unhandledRejection', listen);
    try {
      const controller = new AbortController();
      const { signal } = controller;
      const late = failing();
      const early = failing();
      const waits = [
        waitFor('one', late.promise, { signal }),
        waitFor('other', early.promise, { signal: AbortSignal.abort() }),
      ];
      controller.abort();
      await Promise.allSettled(waits);
      late.fail();
      early.fail();
      await turns(5);
      expect(unhandled).toEqual([]);
    } finally {
      process.off('unhandledRejection', listen);
    }
  });

  test('may be one of thousands on one signal', async () => {
    const { signal } = new AbortController();
    for (let i = 0; i < 2000; i += 1) await waitFor('it', Promise.resolve(i), { signal });
    await turns();
    expect(listeners(signal)).toBe(0);
  });

  test('of no time at all still takes what is there already', async () => {
    const clock = new ManualClock();
    const wait = waitFor('it', Promise.resolve('here'), { timeoutMs: 0 }, clock);
    await turns();
    clock.advance(0);
    expect(await wait).toBe('here');
  });
});

describe('a wait in line', () => {
  /** A line of waiters, as a queue would keep it. */
  function line(): {
    readonly waiters: Waiter<string>[];
    readonly wait: (signal?: AbortSignal) => Promise<string>;
  } {
    const waiters: Waiter<string>[] = [];
    return {
      waiters,
      wait: (signal) =>
        waitInLine<string>('its turn', signal, (waiter) => {
          waiters.push(waiter);
          return () => void waiters.splice(waiters.indexOf(waiter), 1);
        }),
    };
  }

  test('gives what the waiter is given, or rejects as it is told', async () => {
    const { waiters, wait } = line();
    const { signal } = new AbortController();
    const [plain, signalled, refused] = [wait(), wait(signal), wait(signal)];
    const fault = new Error('mine');
    waiters[0]?.resolve('first');
    waiters[1]?.resolve('second');
    waiters[2]?.reject(fault);
    expect([await plain, await signalled]).toEqual(['first', 'second']);
    await expect(refused).rejects.toBe(fault);
    expect(listeners(signal)).toBe(0);
  });

  test('ends when its signal fires: it leaves the line, and those behind it stay', async () => {
    const { waiters, wait } = line();
    const controller = new AbortController();
    const [leaving, staying] = [wait(controller.signal), wait()];
    controller.abort('enough');
    await expect(leaving).rejects.toMatchObject({
      code: 'ABORTED',
      message: 'aborted while waiting for its turn',
      cause: 'enough',
    });
    expect(waiters).toHaveLength(1);
    waiters[0]?.resolve('mine');
    expect(await staying).toBe('mine');
    expect(listeners(controller.signal)).toBe(0);
  });
});

/** A promise that fails when told to, and that nobody else listens to. */
function failing(): { readonly promise: Promise<never>; readonly fail: () => void } {
  let fail = (): void => {};
  const promise = new Promise<never>((_, reject) => {
    fail = () => reject(new Error('late'));
  });
  return { promise, fail };
}
