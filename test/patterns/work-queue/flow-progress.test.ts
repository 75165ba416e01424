/**
 * Progress: counts that are right, told neither too often nor too late, and times one can plan with.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Pace, type Progress, progress } from '../../../patterns/work-queue/progress.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { thrownBy } from '../../support/thrown.ts';
import { turns } from '../../support/turns.ts';
import { follow, listOf, Watched } from './watched.ts';

/** A progress whose source and clock the test moves, and all that it has told. */
function watch(options: { total?: number; everyMs?: number } = {}) {
  const clock = new ManualClock(0);
  const source = new Watched<number>();
  const told: Progress[] = [];
  const onProgress = (each: Progress): unknown => told.push(each);
  const iteration = progress(source, { ...options, onProgress, clock });
  const give = async (): Promise<void> => {
    source.give(0);
    await turns(1);
  };
  return { clock, source, told, iteration, give };
}

describe('progress', () => {
  test('is told when time has passed since the start, with the counts and the rate so far', async () => {
    const { clock, told, iteration, give } = watch({ total: 10 });
    follow(iteration);
    clock.advance(100);
    await give();
    await give();
    expect(told).toEqual([]);
    clock.advance(150);
    expect(told).toEqual([{ done: 2, total: 10, perSecond: 8, etaMs: 1000, elapsedMs: 250 }]);
  });

  test('is told at most so often, and soon after each item', async () => {
    const { clock, told, iteration, give } = watch({ everyMs: 100 });
    follow(iteration);
    for (let i = 0; i < 50; i += 1) {
      clock.advance(10);
      await give();
    }
    expect(told.map(({ elapsedMs }) => elapsedMs)).toEqual([100, 200, 300, 400, 500]);
    // The tenth item came just after the alarm of its moment had gone off.
    expect(told.map(({ done }) => done)).toEqual([9, 19, 29, 39, 49]);
    clock.advance(1000);
    expect(told.slice(5)).toMatchObject([{ done: 50, elapsedMs: 600 }]);
    clock.advance(5000);
    expect(told).toHaveLength(6);
    clock.advance(1);
    await give();
    expect(told[6]).toMatchObject({ done: 51, elapsedMs: 6501 });
  });

  test('is told for every item if that is wanted', async () => {
    const { told, iteration, give } = watch({ everyMs: 0 });
    follow(iteration);
    for (let i = 0; i < 3; i += 1) await give();
    expect(told.map(({ done }) => done)).toEqual([1, 2, 3]);
  });

  test('is told once at the end, early or not, and nothing after it', async () => {
    const { clock, source, told, iteration, give } = watch({ total: 2 });
    const followed = follow(iteration);
    clock.advance(20);
    await give();
    await give();
    source.end();
    await turns();
    expect(followed.isOver).toBe(true);
    expect(told).toEqual([{ done: 2, total: 2, perSecond: 100, etaMs: 0, elapsedMs: 20 }]);
    expect(clock.alarms).toEqual([]);
  });

  test('is told of nothing at all', async () => {
    const told: Progress[] = [];
    const none = progress([], { onProgress: (each) => told.push(each), clock: new ManualClock() });
    expect(await listOf(none)).toEqual([]);
    expect(told).toEqual([
      { done: 0, total: undefined, perSecond: 0, etaMs: undefined, elapsedMs: 0 },
    ]);
  });

  test('counts time from when the first item is asked for', async () => {
    const { clock, source, told, iteration } = watch();
    clock.advance(5000);
    const followed = follow(iteration);
    clock.advance(10);
    source.end();
    await turns();
    expect(followed.isOver).toBe(true);
    expect(told).toMatchObject([{ elapsedMs: 10 }]);
  });

  test('leaves no alarm behind when it is left, and tells nothing more', async () => {
    const { clock, source, told, iteration, give } = watch();
    const asked = iteration.next();
    await give();
    await asked;
    const pending = iteration.next();
    expect(clock.alarms).toEqual([250]);
    await iteration.return?.();
    expect(clock.alarms).toEqual([]);
    source.give(1);
    await turns();
    expect(await pending).toEqual({ value: undefined, done: true });
    clock.advance(1000);
    expect([clock.alarms, told, source.left]).toEqual([[], [], 1]);
  });

  test('leaves no alarm behind when its source fails', async () => {
    const { clock, source, told, iteration, give } = watch();
    const followed = follow(iteration);
    await give();
    const fault = new Error('mine');
    source.fail(fault);
    await turns();
    expect(followed).toMatchObject({ items: [0], isOver: true, error: fault });
    expect([clock.alarms, told]).toEqual([[], []]);
  });

  test('goes by the clock of the computer if it is given none', async () => {
    const told: Progress[] = [];
    const onProgress = (each: Progress): void => void told.push(each);
    await listOf(progress([1, 2, 3], { total: 3, everyMs: 600_000, onProgress }));
    expect(told).toMatchObject([{ done: 3, total: 3, etaMs: 0 }]);
  });
});

describe('what the callback throws', () => {
  const fault = new Error('no screen');
  const onProgress = (): never => {
    throw fault;
  };

  test('ends the iteration and leaves the source', async () => {
    const source = new Watched([1, 2, 3]);
    await expect(listOf(progress(source, { onProgress, everyMs: 0 }))).rejects.toBe(fault);
    expect(source).toMatchObject({ asked: 1, left: 1 });
  });

  test('does so from an alarm as well, while the source is asked', async () => {
    const clock = new ManualClock(0);
    const source = new Watched<number>();
    const followed = follow(progress(source, { onProgress, clock }));
    source.give(1);
    await turns();
    clock.advance(250);
    await turns();
    expect(followed).toMatchObject({ items: [1], isOver: true, error: fault });
    expect(source).toMatchObject({ asked: 2, left: 1 });
  });

  test('is what the end of the source becomes', async () => {
    const source = new Watched<number>([]);
    await expect(listOf(progress(source, { onProgress }))).rejects.toBe(fault);
    expect(source.left).toBe(0);
  });

  test.each([
    [{}, 'progress: onProgress must be a function, got undefined'],
    [{ onProgress, total: -1 }, 'progress: total must be a whole number from 0 up, got -1'],
    [{ onProgress, everyMs: 1.5 }, 'progress: everyMs must be a whole number from 0 up, got 1.5'],
    [{ onProgress, clock: 1 }, /^progress: clock must be an object with now and at/],
    [{ onProgress, each: 1 }, /^progress: unknown option "each"/],
  ])('is not asked for with the options %j', (options, message) => {
    const wrong = options as { onProgress: () => void };
    expect(thrownBy(() => void progress([], wrong), 'BAD_OPTION').message).toMatch(message);
  });
});

describe('a pace', () => {
  test('is exact from the start if it is steady, and so is the time that is left', () => {
    const steady = fc.tuple(
      fc.integer({ min: 1, max: 1000 }), // Milliseconds an item takes.
      fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 50 }),
    );
    const property = fc.property(steady, ([ms, steps]) => {
      const pace = new Pace(0, 10_000);
      let done = 0;
      for (const step of steps) {
        done += step;
        const told = pace.reach(done, done * ms);
        expect(told).toMatchObject({ done, total: 10_000, elapsedMs: done * ms });
        expect(told.perSecond).toBeCloseTo(1000 / ms, 6);
        expect(told.etaMs).toBeCloseTo((10_000 - done) * ms, 3);
      }
    });
    fc.assert(property);
  });

  test('stays between the slowest and the quickest that was seen', () => {
    const step = fc.tuple(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 5000 }));
    const property = fc.property(fc.array(step, { minLength: 1, maxLength: 50 }), (steps) => {
      const pace = new Pace(0, undefined);
      const rates = steps.map(([items, ms]) => (1000 * items) / ms);
      let [done, now] = [0, 0];
      for (const [items, ms] of steps) {
        [done, now] = [done + items, now + ms];
        const { perSecond, etaMs } = pace.reach(done, now);
        expect(perSecond).toBeGreaterThanOrEqual(Math.min(...rates) * 0.999);
        expect(perSecond).toBeLessThanOrEqual(Math.max(...rates) * 1.001);
        expect(etaMs).toBeUndefined();
      }
    });
    fc.assert(property);
  });

  test('forgets how quick it once was, within some tens of seconds', () => {
    const pace = new Pace(0, undefined);
    let now = 0;
    let done = 0;
    const run = (perTick: number, ticks: number): number => {
      let perSecond = 0;
      for (let i = 0; i < ticks; i += 1) {
        [done, now] = [done + perTick, now + 250];
        ({ perSecond } = pace.reach(done, now));
      }
      return perSecond;
    };
    expect(run(250, 400)).toBeCloseTo(1000);
    expect(run(25, 4)).toBeGreaterThan(800); // A second of trouble is no new rate.
    expect(run(25, 160)).toBeLessThan(130);
  });

  test('is not turned over by one slow item among slow ones', () => {
    const pace = new Pace(0, 100);
    let now = 0;
    for (let done = 1; done <= 50; done += 1) {
      now += 60_000;
      pace.reach(done, now);
    }
    now += 180_000; // Three times as long as the others.
    const { etaMs } = pace.reach(51, now);
    expect(etaMs).toBeGreaterThan(49 * 60_000);
    expect(etaMs).toBeLessThan(49 * 60_000 * 1.15);
  });

  test('is slower the longer nothing comes', () => {
    const pace = new Pace(0, 20);
    expect(pace.reach(10, 1000)).toMatchObject({ perSecond: 10, etaMs: 1000 });
    expect(pace.reach(10, 3000).perSecond).toBeLessThan(5);
  });

  test('says nothing of what is left before any time has passed, or before anything has come', () => {
    expect(new Pace(5, 9).reach(3, 5)).toMatchObject({ perSecond: 0, etaMs: undefined });
    expect(new Pace(5, 9).reach(0, 50)).toMatchObject({ perSecond: 0, etaMs: undefined });
  });

  test('has nothing left when more has come than was expected', () => {
    expect(new Pace(0, 2).reach(3, 10)).toMatchObject({ done: 3, total: 2, etaMs: 0 });
    expect(new Pace(0, 0).reach(0, 0)).toMatchObject({ etaMs: 0 });
  });
});
