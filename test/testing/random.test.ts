/**
 * The generators of the simulator: the same for the same seed, and apart for others.
 */
import { expect, test } from 'vitest';
import { exponential, integerFrom, seededRandom } from '../../src/testing/random.ts';

const row = (seed: number | string, count = 1000): number[] => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, random);
};

test('a seed gives the same row each time, and another seed another', () => {
  expect(row(7)).toEqual(row(7));
  expect(row(7)).toEqual(row('7'));
  expect(row(7)).not.toEqual(row(8));
  expect(row('7/network')).not.toEqual(row('7/workload'));
});

test('the row of a seed is this one, so that a seed means the same tomorrow', () => {
  expect(row(1, 3)).toMatchInlineSnapshot(`
    [
      0.7442046571522951,
      0.4680214375257492,
      0.9142616298049688,
    ]
  `);
});

test('numbers are spread evenly from 0 up to 1', () => {
  const numbers = row(3, 100_000);
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
  for (let tenth = 0; tenth < 10; tenth += 1) {
    const within = numbers.filter((drawn) => Math.floor(drawn * 10) === tenth);
    expect(Math.abs(within.length - 10_000)).toBeLessThan(500);
  }
});

test('the first numbers of neighbouring seeds have nothing to do with each other', () => {
  const firsts = Array.from({ length: 10_000 }, (_, seed) => row(seed, 1)[0] ?? 0);
  expect(new Set(firsts).size).toBeGreaterThan(9_990);
  const below = firsts.filter((first) => first < 0.5).length;
  expect(Math.abs(below - 5000)).toBeLessThan(200);
});

test('whole numbers include both ends, and waits have the mean they are given', () => {
  const random = seededRandom(5);
  const drawn = new Set(Array.from({ length: 200 }, () => integerFrom(random, 2, 5)));
  expect([...drawn].toSorted()).toEqual([2, 3, 4, 5]);
  const waits = Array.from({ length: 50_000 }, () => exponential(random, 20));
  expect(waits.reduce((sum, wait) => sum + wait) / waits.length).toBeCloseTo(20, 0);
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(0);
});
