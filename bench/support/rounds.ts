/**
 * Rounds: contestants take turns within one run, so that whatever slows the machine slows all, and
 * what is compared is always two neighbours of the same round.
 */

import type { Counted } from './job.ts';

/** Somebody who is measured, by the name of its column. */
export interface Contestant<M> {
  readonly name: string;
  /** Round 0 is the warm-up; what it measures serves to find out how long a round should be. */
  readonly measure: (round: number) => Promise<M>;
}

/**
 * A contestant whose rounds take about `seconds`. The warm-up round does as many values as `expected`,
 * a rate, makes likely; those after it as many as the rate it had then.
 */
export function calibrated<M>(
  name: string,
  { expected, seconds }: { readonly expected: number; readonly seconds: number },
  { measure, rate }: Calibration<M>,
): Contestant<M> {
  let count = Math.round(expected * seconds);
  return {
    name,
    async measure(round) {
      const measured = await measure({ warm: Math.ceil(count * WARM_SHARE), count });
      if (round === 0) count = Math.round(rate(measured) * seconds);
      return measured;
    },
  };
}

/** How a {@link calibrated} contestant is measured. */
export interface Calibration<M> {
  readonly measure: (counted: Counted) => Promise<M>;
  /** Values a second of what was measured. */
  readonly rate: (measured: M) => number;
}

/** The warm-up of a round, as a share: for the compiler of JavaScript, and so that pipes are full. */
const WARM_SHARE = 0.5;

/** Each contestant's measurements, round by round. */
export type Series<M> = ReadonlyMap<string, readonly M[]>;

/** A number of ours beside the floor's. */
export interface Comparison {
  /** The medians of all rounds. */
  readonly floor: number;
  readonly ours: number;
  /** Ours over the floor's, round by round: their median, the smallest and the largest. */
  readonly ratio: number;
  readonly min: number;
  readonly max: number;
}

/** Measures a warm-up round, which is dropped, and `rounds` more; each begins with another one. */
export async function alternate<M>(
  contestants: readonly Contestant<M>[],
  rounds: number,
): Promise<Series<M>> {
  const series = new Map<string, M[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const { name, measure } of rotated(contestants, round)) {
      const measured = await measure(round);
      if (round > 0) series.get(name)?.push(measured);
    }
  }
  return series;
}

function rotated<T>(list: readonly T[], by: number): T[] {
  const first = by % list.length;
  return [...list.slice(first), ...list.slice(0, first)];
}

/** Compares two series of the same rounds. */
export function compare(ours: readonly number[], floor: readonly number[]): Comparison {
  const ratios = ours.map((value, round) => value / (floor[round] ?? NaN));
  return {
    floor: median(floor),
    ours: median(ours),
    ratio: median(ratios),
    min: Math.min(...ratios),
    max: Math.max(...ratios),
  };
}

/** The middle one, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
}
