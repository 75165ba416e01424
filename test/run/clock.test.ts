/**
 * The computer's own clock: it wakes once, not too early, and not at all if cancelled.
 */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/run/clock.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { until } from '../support/until.ts';

describe('the system clock', () => {
  test('never runs backwards', () => {
    let last = systemClock.now();
    for (let i = 0; i < 1000; i += 1) {
      const now = systemClock.now();
      expect(now).toBeGreaterThanOrEqual(last);
      last = now;
    }
  });

  test('wakes once, and not before its time', async () => {
    let earliestMs = 0;
    let woken = 0;
    for (let i = 0; i < 200; i += 1) {
      const time = systemClock.now() + i * 0.137;
      systemClock.at(time, () => {
        woken += 1;
        earliestMs = Math.max(earliestMs, time - systemClock.now());
      });
    }
    await until(() => woken >= 200);
    expect(earliestMs).toBe(0);
  });

  test('wakes soon for a time that has passed, though never within the call', async () => {
    let woken = false;
    systemClock.at(systemClock.now() - 1000, () => {
      woken = true;
    });
    expect(woken).toBe(false);
    await until(() => woken);
  });

  test('does not wake when cancelled, however often', async () => {
    const woken: string[] = [];
    const now = systemClock.now();
    const cancel = systemClock.at(now + 1, () => woken.push('cancelled'));
    systemClock.at(now + 5, () => woken.push('kept'));
    cancel();
    cancel();
    await until(() => woken.includes('kept'));
    expect(woken).toEqual(['kept']);
  });
});

describe('the system clock, asked for more than a timer can count', () => {
  const DAY_MS = 86_400_000;

  beforeEach(
    () => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }),
  );
  afterEach(() => void vi.useRealTimers());

  test('waits for all of it', () => {
    const wake = vi.fn<() => void>();
    systemClock.at(systemClock.now() + 60 * DAY_MS, wake);
    vi.advanceTimersByTime(25 * DAY_MS);
    vi.advanceTimersByTime(34 * DAY_MS);
    expect(wake).not.toHaveBeenCalled();
    vi.advanceTimersByTime(DAY_MS + 1);
    expect(wake).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('can be cancelled at any time of it', () => {
    const wake = vi.fn<() => void>();
    const cancel = systemClock.at(systemClock.now() + 60 * DAY_MS, wake);
    vi.advanceTimersByTime(30 * DAY_MS);
    cancel();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(60 * DAY_MS);
    expect(wake).not.toHaveBeenCalled();
  });

  test('never wakes for a time that never comes', () => {
    const wake = vi.fn<() => void>();
    systemClock.at(Number.POSITIVE_INFINITY, wake);
    vi.advanceTimersByTime(200 * DAY_MS);
    expect(wake).not.toHaveBeenCalled();
  });
});

describe('the clock of tests', () => {
  test('wakes in order of time, with the hands at that time, also for what is set meanwhile', () => {
    const clock = new ManualClock(0);
    const seen: (readonly [string, number])[] = [];
    const note = (name: string): void => void seen.push([name, clock.now()]);
    clock.at(20, () => note('later'));
    clock.at(10, () => {
      note('first');
      clock.at(15, () => note('between'));
    });
    const cancel = clock.at(12, () => note('never'));
    cancel();
    clock.advance(19);
    expect(seen).toEqual([
      ['first', 10],
      ['between', 15],
    ]);
    clock.advance(1);
    expect(seen.at(-1)).toEqual(['later', 20]);
    expect([clock.now(), clock.alarms]).toEqual([20, []]);
  });
});
