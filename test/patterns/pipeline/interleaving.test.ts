/**
 * Plays the pipeline's rules against each other in orders drawn by a seed, with workers that crash and
 * workers that join: whatever happens, every item has one end, and the run has one too.
 */
import { describe, expect, test } from 'vitest';
import { Net, randomFrom } from './net.ts';

const SEEDS = 400;
const ENOUGH_STEPS = 100_000;

interface Outcome {
  readonly items: number;
  readonly crashes: number;
  readonly net: Net;
  /** The numbers of the items that the application was given a result of. */
  readonly given: readonly number[];
  readonly ending: unknown;
}

function play(seed: number, mayCrash: boolean): Outcome {
  const random = randomFrom(seed);
  const upTo = (most: number): number => Math.floor(random() * (most + 1));
  const [items, workers] = [40 + upTo(40), 1 + upTo(3)];
  const [crashes, joins] = [mayCrash ? upTo(4) : 0, upTo(3)];
  const net = new Net({ random, items, workers, crashes, joins });
  for (let step = 0; step < ENOUGH_STEPS && !net.over; step += 1) net.step();
  const given = net.told.flatMap((told) => (typeof told === 'object' ? [told.id] : []));
  return { items, crashes, net, given, ending: net.told.at(-1) };
}

const sorted = (ids: readonly number[]): number[] => ids.toSorted((a, b) => a - b);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, id) => id);
const seeds = upTo(SEEDS).map((i) => i + 1);

describe(`in ${SEEDS} orders of events`, () => {
  test('every run without a crash gives each result once and ends as complete', () => {
    for (const seed of seeds) {
      const { items, net, given, ending } = play(seed, false);
      expect(sorted(given), `seed ${seed}`).toEqual(upTo(items));
      expect(ending, `seed ${seed}`).toBe('complete');
      expect(sorted(net.handled), `seed ${seed}`).toEqual(upTo(items));
    }
  });

  test('every run with crashes ends, and gives or names each item, never both', () => {
    let silent = 0;
    for (const seed of seeds) {
      const { net, given, ending } = play(seed, true);
      expect(['complete', 'silent'], `seed ${seed}`).toContain(ending);
      if (ending === 'silent') silent += 1;
      const missing = ending === 'silent' ? net.sink.missing : [];
      expect(sorted([...given, ...missing]), `seed ${seed}`).toEqual(upTo(net.ventilator.sent));
    }
    expect(silent, 'runs in which something was lost').toBeGreaterThan(SEEDS / 10);
    expect(silent, 'runs in which nothing was').toBeLessThan(SEEDS);
  });

  test('no item is worked on twice', () => {
    for (const seed of seeds) {
      const { handled } = play(seed, true).net;
      expect(new Set(handled).size, `seed ${seed}`).toBe(handled.length);
    }
  });

  test('the same seed always plays the same run', () => {
    expect(play(7, true)).toEqual(play(7, true));
  });
});
