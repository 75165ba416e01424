/**
 * Tests of maps by numbers: whatever is done to one, it answers as a `Map` would.
 */
import { NumberMap } from 'brokerless/kit';
import { seededRandom } from 'brokerless/testing';
import { describe, expect, test } from 'vitest';
import { numbers } from '../support/collect.ts';

const sorted = (map: Map<number, string>): [number, string][] =>
  [...map].toSorted(([one], [other]) => one - other);

/** A map, and one that is known to be right. */
class Both {
  readonly map = new NumberMap<string>();
  readonly model = new Map<number, string>();

  set(n: number, value = `value ${n}`): void {
    this.map.set(n, value);
    this.model.set(n, value);
  }

  delete(n: number): void {
    expect(this.map.delete(n)).toBe(this.model.delete(n));
  }

  agree(): void {
    expect(this.map.size).toBe(this.model.size);
    expect(this.map.entries()).toEqual(sorted(this.model));
  }
}

describe('a map by numbers', () => {
  test('has what it was given, and nothing else', () => {
    const both = new Both();
    for (const n of [5, 0, 3]) both.set(n);
    expect([both.map.get(3), both.map.get(4), both.map.get(67)]).toEqual([
      'value 3',
      undefined,
      undefined,
    ]);
    expect(both.map.values()).toEqual(['value 0', 'value 3', 'value 5']);
    both.set(3, 'another');
    both.delete(5);
    both.delete(5);
    both.agree();
  });

  test('keeps those that stay while thousands come and go', () => {
    const both = new Both();
    for (const n of numbers(10_000)) {
      both.set(n);
      if (n >= 20 && n % 500 !== 20) both.delete(n - 20);
    }
    both.agree();
    expect(both.map.size).toBeGreaterThan(20);
    both.set(0, 'one that has stayed');
    both.delete(500);
    both.agree();
  });

  test('holds a crowd, and is as good as new when that has gone', () => {
    const both = new Both();
    for (const n of numbers(40_000)) both.set(n);
    both.agree();
    for (const n of numbers(39_000)) both.delete(n); // So few are left that it makes itself smaller.
    both.agree();
    for (const n of numbers(100)) both.set(n);
    both.agree();
  });

  test('takes numbers that would all have the same place, and the greatest that are safe', () => {
    const both = new Both();
    for (const n of numbers(1000)) both.set(n * 2 ** 20);
    for (const n of numbers(100)) both.set(Number.MAX_SAFE_INTEGER - n);
    both.agree();
    for (const n of numbers(1000)) if (n % 3 > 0) both.delete(n * 2 ** 20);
    both.agree();
  });

  test.each(numbers(50))('answers as a Map does, whatever is done (seed %i)', (seed) => {
    const random = seededRandom(seed);
    const both = new Both();
    const width = 10 ** (1 + Math.floor(random() * 4));
    let next = 0;
    for (let step = 0; step < 2000; step += 1) {
      const n = Math.floor(random() * width) + Math.max(0, next - width);
      if (random() < 0.5) both.set((next += 1));
      else if (random() < 0.1) both.set(n, `again at ${step}`);
      else both.delete(n);
      expect(both.map.get(n)).toBe(both.model.get(n));
    }
    both.agree();
  });
});
