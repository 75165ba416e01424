/**
 * Tests of alarms: when somebody is told that more waits than should, with a clock that the test turns.
 */
import { describe, expect, test } from 'vitest';
import { Alarms, type Threshold } from '../../../patterns/work-queue/alarms.ts';
import { ManualClock } from '../../support/manual-clock.ts';

/** How much waits is what the test says; it is looked at ten times a second. */
function watchOf(...thresholds: readonly Threshold[]) {
  const clock = new ManualClock();
  const waits = { depth: 0, oldestMs: 0 };
  const heard: string[] = [];
  const alarms = new Alarms(() => ({ ...waits }), clock);
  const stops = thresholds.map((threshold, at) =>
    alarms.add(threshold, ({ depth, oldestMs }) => heard.push(`${at}: ${depth} ${oldestMs}`)),
  );
  const seenWith = (depth: number, oldestMs = 0): string[] => {
    Object.assign(waits, { depth, oldestMs });
    clock.advance(100);
    return heard.splice(0);
  };
  return { alarms, clock, seenWith, stops };
}

describe('an alarm', () => {
  test('is raised when as much waits as it says, and once', () => {
    const { seenWith } = watchOf({ depth: 10 });
    expect(seenWith(9)).toEqual([]);
    expect(seenWith(10)).toEqual(['0: 10 0']);
    expect([...seenWith(10), ...seenWith(1000)]).toEqual([]);
  });

  test('is raised when something waits as long as it says', () => {
    const { seenWith } = watchOf({ oldestMs: 500 });
    expect(seenWith(1_000_000, 499)).toEqual([]);
    expect(seenWith(1, 500)).toEqual(['0: 1 500']);
  });

  test('is raised again only after less than half had been waiting', () => {
    const { seenWith } = watchOf({ depth: 10 });
    seenWith(10);
    expect([...seenWith(5), ...seenWith(10)]).toEqual([]);
    expect(seenWith(4)).toEqual([]);
    expect(seenWith(9)).toEqual([]);
    expect(seenWith(10)).toEqual(['0: 10 0']);
  });

  test('of two thresholds is raised by either, and is over when both are', () => {
    const { seenWith } = watchOf({ depth: 10, oldestMs: 500 });
    expect(seenWith(1, 500)).toEqual(['0: 1 500']);
    expect([...seenWith(10, 0), ...seenWith(5, 0), ...seenWith(1, 500)]).toEqual([]);
    expect(seenWith(4, 249)).toEqual([]);
    expect(seenWith(10, 0)).toEqual(['0: 10 0']);
  });

  test('is raised for each who wants to know, at its own threshold', () => {
    const { seenWith } = watchOf({ depth: 1 }, { depth: 2 });
    expect(seenWith(1)).toEqual(['0: 1 0']);
    expect(seenWith(2)).toEqual(['1: 2 0']);
  });

  test('is raised no more when nobody wants to know; then nobody looks', () => {
    const { seenWith, stops, clock } = watchOf({ depth: 1 }, { depth: 1 });
    stops[0]?.();
    expect(seenWith(1)).toEqual(['1: 1 0']);
    stops[1]?.();
    stops[1]?.();
    expect(clock.alarms).toEqual([]);
    expect([...seenWith(0), ...seenWith(1)]).toEqual([]);
  });

  test('is no more raised after the end', () => {
    const { alarms, seenWith, clock } = watchOf({ depth: 1 });
    alarms.stop();
    expect(clock.alarms).toEqual([]);
    expect(seenWith(1)).toEqual([]);
  });

  test('may be taken back by whoever hears it', () => {
    const clock = new ManualClock();
    const alarms = new Alarms(() => ({ depth: 1, oldestMs: 0 }), clock);
    let heard = 0;
    const stop = alarms.add({ depth: 1 }, () => {
      heard += 1;
      stop();
    });
    clock.advance(1000);
    expect(heard).toBe(1);
    expect(clock.alarms).toEqual([]);
  });

  test.each([[{ depth: 0 }], [{ depth: 1.5 }], [{ oldestMs: '1' }], [{ deep: 1 }]])(
    'is not raised at %j, which is no threshold',
    (threshold) => {
      const alarms = new Alarms(() => ({ depth: 0, oldestMs: 0 }), new ManualClock());
      expect(() => alarms.add(threshold as Threshold, () => {})).toThrow(
        expect.objectContaining({ code: 'BAD_OPTION' }),
      );
    },
  );
});
