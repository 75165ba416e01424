/**
 * Rate limit: so many items in any stretch of time and no more, and no alarm or listener that stays behind.
 */
import { getEventListeners } from 'node:events';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rateLimit, SlidingWindow } from '../../../patterns/work-queue/rate-limit.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { thrownBy } from '../../support/thrown.ts';
import { turns } from '../../support/turns.ts';
import { follow, listOf, Watched } from './watched.ts';

const over = { value: undefined, done: true };
const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('a limited rate', () => {
  test('gives as many as it may at once, and the next when the first is old enough', async () => {
    const clock = new ManualClock(1000);
    const source = new Watched([1, 2, 3, 4, 5, 6, 7]);
    const followed = follow(rateLimit(source, { limit: 3, perMs: 100, clock }));
    await turns();
    expect(followed.items).toEqual([1, 2, 3]);
    expect(source.asked).toBe(3);
    expect(clock.alarms).toEqual([1100]);
    clock.advance(99);
    await turns();
    expect(source.asked).toBe(3);
    clock.advance(1);
    await turns();
    expect(followed.items).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('has a window that slides, and no fixed rounds in which twice as many could meet', async () => {
    const clock = new ManualClock(0);
    const source = new Watched<string>();
    const followed = follow(rateLimit(source, { limit: 2, perMs: 100, clock }));
    source.give('at 0');
    await turns();
    clock.advance(90);
    source.give('at 90');
    await turns();
    expect(source.asked).toBe(2);
    clock.advance(10);
    await turns();
    source.give('at 100');
    await turns();
    expect(clock.alarms).toEqual([190]);
    clock.advance(89);
    await turns();
    expect(source.asked).toBe(3);
    clock.advance(1);
    await turns();
    expect(source.asked).toBe(4);
    expect(followed.items).toEqual(['at 0', 'at 90', 'at 100']);
  });

  test('counts an item from when it is given, not from when it was asked for', async () => {
    const clock = new ManualClock(0);
    const source = new Watched<number>();
    follow(rateLimit(source, { limit: 1, perMs: 100, clock }));
    clock.advance(80);
    source.give(1);
    await turns();
    expect(clock.alarms).toEqual([180]);
  });

  test('saves nothing up while nobody asks', async () => {
    const clock = new ManualClock(0);
    const source = new Watched([1, 2, 3, 4, 5, 6]);
    const iteration = rateLimit(source, { limit: 2, perMs: 100, clock });
    await iteration.next();
    clock.advance(3_600_000);
    await Promise.all([iteration.next(), iteration.next()]);
    void iteration.next();
    await turns();
    expect(source.asked).toBe(3);
    expect(clock.alarms).toEqual([3_600_100]);
    await iteration.return?.();
  });

  test('learns that the source has ended when there is room again', async () => {
    const clock = new ManualClock(0);
    const followed = follow(rateLimit([1, 2], { limit: 2, perMs: 100, clock }));
    await turns();
    expect(followed).toMatchObject({ items: [1, 2], isOver: false });
    clock.advance(100);
    await turns();
    expect(followed).toMatchObject({ isOver: true, error: undefined });
    expect(clock.alarms).toEqual([]);
  });

  test('can be left while it waits for the clock, and leaves no alarm behind', async () => {
    const clock = new ManualClock(0);
    const source = new Watched([1, 2, 3]);
    const iteration = rateLimit(source, { limit: 1, perMs: 100, clock });
    await iteration.next();
    const asked = iteration.next();
    await turns();
    expect(clock.alarms).toEqual([100]);
    expect(await iteration.return?.()).toEqual(over);
    expect(await asked).toEqual(over);
    expect(clock.alarms).toEqual([]);
    clock.advance(1000);
    await turns();
    expect(source).toMatchObject({ asked: 1, left: 1 });
  });

  test('goes by the clock of the computer if it is given none', async () => {
    const startedAt = performance.now();
    const items = await listOf(rateLimit([1, 2, 3], { limit: 2, perMs: 30 }));
    expect(items).toEqual([1, 2, 3]);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(30);
  });

  test.each([
    [{ perMs: 1 }, 'rateLimit: limit must be a whole number from 1 to 1000000, got undefined'],
    [{ limit: 0, perMs: 1 }, 'rateLimit: limit must be a whole number from 1 to 1000000, got 0'],
    [{ limit: 1 }, 'rateLimit: perMs must be a whole number from 1 up, got undefined'],
    [{ limit: 1, perMs: 0.5 }, 'rateLimit: perMs must be a whole number from 1 up, got 0.5'],
    [{ limit: 1, perMs: 1, clock: {} }, /^rateLimit: clock must be an object with now and at/],
    [{ limit: 1, perMs: 1, signal: 1 }, /^rateLimit: signal must be an AbortSignal, got 1/],
    [{ limit: 1, perMs: 1, burst: 1 }, /^rateLimit: unknown option "burst"/],
    [undefined, /^rateLimit: options must be an object, got undefined/],
  ])('refuses the options %j', (options, message) => {
    const wrong = options as { limit: number; perMs: number };
    expect(thrownBy(() => void rateLimit([], wrong), 'BAD_OPTION').message).toMatch(message);
  });
});

describe('a signal', () => {
  const reason = new Error('enough');
  const aborted = {
    code: 'ABORTED',
    message: 'aborted while waiting for an item',
    cause: reason,
  };

  test('ends the wait for the clock, leaves the source, and nothing stays behind', async () => {
    const clock = new ManualClock(0);
    const controller = new AbortController();
    const { signal } = controller;
    const source = new Watched([1, 2, 3]);
    const iteration = rateLimit(source, { limit: 1, perMs: 100, clock, signal });
    await iteration.next();
    const asked = [iteration.next(), iteration.next()];
    await turns();
    controller.abort(reason);
    await expect(asked[0]).rejects.toMatchObject(aborted);
    expect(await asked[1]).toEqual(over);
    expect(await iteration.next()).toEqual(over);
    await iteration.return?.();
    expect(source).toMatchObject({ asked: 1, left: 1 });
    expect([clock.alarms, listeners(signal)]).toEqual([[], 0]);
  });

  test('ends the wait for the source, even for one that cannot be left', async () => {
    const controller = new AbortController();
    const source = new Watched<number>();
    source.leaving = new Promise(() => {});
    const { signal } = controller;
    const followed = follow(rateLimit(source, { limit: 1, perMs: 100, signal }));
    await turns();
    controller.abort(reason);
    await turns();
    expect(followed).toMatchObject({ items: [], isOver: true, error: aborted });
    source.give(1);
    await turns();
    expect(source).toMatchObject({ asked: 1, left: 1 });
  });

  test('that fires between two items is told to whoever asks next', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const source = new Watched([1, 2, 3]);
    source.leaving = Promise.reject(new Error('no way out'));
    const iteration = rateLimit(source, { limit: 9, perMs: 100, signal });
    await iteration.next();
    controller.abort(reason);
    expect(source).toMatchObject({ asked: 1, left: 1 });
    await expect(iteration.next()).rejects.toMatchObject(aborted);
    expect(await iteration.next()).toEqual(over);
  });

  test('that has fired already ends it before the source is asked', async () => {
    const source = new Watched([1, 2, 3]);
    const signal = AbortSignal.abort(reason);
    const iteration = rateLimit(source, { limit: 9, perMs: 100, signal });
    await expect(iteration.next()).rejects.toMatchObject(aborted);
    expect(source).toMatchObject({ asked: 0, left: 1 });
    expect(listeners(signal)).toBe(0);
  });

  test('is let go of when the source has ended, and may then fire', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const source = new Watched([1, 2]);
    const iteration = rateLimit(source, { limit: 9, perMs: 100, signal });
    expect(await listOf(iteration)).toEqual([1, 2]);
    expect(listeners(signal)).toBe(0);
    controller.abort(reason);
    expect(await iteration.next()).toEqual(over);
    expect(source.left).toBe(0);
  });
});

describe('a sliding window', () => {
  const limits = fc.record({
    limit: fc.integer({ min: 1, max: 6 }),
    perMs: fc.integer({ min: 1, max: 50 }),
    pauses: fc.array(fc.nat(30), { maxLength: 60 }),
  });

  test('never has more than the limit in any stretch, and never waits longer than it must', () => {
    const property = fc.property(limits, ({ limit, perMs, pauses }) => {
      const window = new SlidingWindow(limit, perMs);
      const moments: number[] = [];
      let now = 0;
      for (const pause of pauses) {
        const soonest = Math.max(now + pause, window.roomAt);
        const before = moments.at(-limit);
        expect(soonest).toBe(Math.max(now + pause, before === undefined ? 0 : before + perMs));
        now = soonest;
        window.add(now);
        moments.push(now);
      }
      for (const from of moments) {
        const within = moments.filter((moment) => moment >= from && moment < from + perMs);
        expect(within.length).toBeLessThanOrEqual(limit);
      }
    });
    fc.assert(property);
  });

  test('holds for the whole function, however slow its source and its reader are', async () => {
    const property = fc.asyncProperty(limits, async ({ limit, perMs, pauses }) => {
      const clock = new ManualClock(0);
      const asked: number[] = [];
      async function* source(): AsyncGenerator<number> {
        for (const pause of pauses) {
          asked.push(clock.now());
          if (pause > 20) await new Promise<void>((wake) => clock.at(clock.now() + pause, wake));
          yield pause;
        }
      }
      const given: number[] = [];
      const reading = (async () => {
        for await (const pause of rateLimit(source(), { limit, perMs, clock })) {
          given.push(clock.now());
          if (pause < 5) await new Promise<void>((wake) => clock.at(clock.now() + pause, wake));
        }
      })();
      while (given.length < pauses.length) {
        await turns(1);
        clock.advance(1);
      }
      for (const moments of [asked, given]) {
        moments.forEach((moment, i) => {
          const later = moments[i + limit];
          if (later !== undefined) expect(later - moment).toBeGreaterThanOrEqual(perMs);
        });
      }
      for (let i = 0; i <= perMs + 5; i += 1) {
        clock.advance(1);
        await turns(1);
      }
      await reading;
    });
    await fc.assert(property, { numRuns: 30 });
  });
});
