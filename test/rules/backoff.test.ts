/**
 * Backoff: the wait is drawn below a ceiling that doubles up to its limit.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backoffMs } from '../../src/rules/backoff.ts';

const ALMOST_ONE = 1 - Number.EPSILON;
const options = { baseMs: 100, maxMs: 5000 };

describe('the wait before a try', () => {
  test('is drawn below a ceiling that doubles with each try and stops at the limit', () => {
    const longest = [1, 2, 3, 4, 5, 6, 7, 8, 50].map((n) => backoffMs(n, options, ALMOST_ONE));
    expect(longest).toEqual([99, 199, 399, 799, 1599, 3199, 4999, 4999, 4999]);
  });

  test('may be nothing at all', () => {
    expect(backoffMs(1, options, 0)).toBe(0);
    expect(backoffMs(99, options, 0)).toBe(0);
  });

  test('is spread evenly below its ceiling', () => {
    const waits = Array.from({ length: 100 }, (_, i) => backoffMs(1, options, (i + 0.5) / 100));
    expect(waits).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  test('never exceeds a limit that is below the base', () => {
    expect(backoffMs(1, { baseMs: 100, maxMs: 10 }, ALMOST_ONE)).toBe(9);
  });

  test('is a whole number below both ceilings, however many tries there were', () => {
    const property = fc.property(
      fc.integer({ min: 1, max: 100_000 }),
      fc.record({ baseMs: fc.nat(10_000), maxMs: fc.nat(600_000) }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (attempt, ceilings, random) => {
        const wait = backoffMs(attempt, ceilings, random);
        expect(Number.isSafeInteger(wait)).toBe(true);
        expect(wait).toBeGreaterThanOrEqual(0);
        expect(wait).toBeLessThanOrEqual(
          Math.min(ceilings.maxMs, ceilings.baseMs * 2 ** Math.min(attempt - 1, 60)),
        );
      },
    );
    const examples: [number, { baseMs: number; maxMs: number }, number][] = [
      [2000, { baseMs: 0, maxMs: 5000 }, 0.5],
      [100_000, options, ALMOST_ONE],
    ];
    fc.assert(property, { examples });
  });
});
