/**
 * Durations: how long things took, as percentiles, in memory that does not grow with their number.
 */
import { createHistogram } from 'node:perf_hooks';

/** Percentiles of durations, in milliseconds; all 0 if there have been none. */
export interface DurationStats {
  /** Half of them took no longer. */
  readonly p50: number;
  /** 95 of 100 took no longer. */
  readonly p95: number;
  /** 99 of 100 took no longer. */
  readonly p99: number;
  /** The longest. */
  readonly max: number;
}

// Kept in microseconds, up to an hour; longer ones count as an hour.
const PER_MS = 1000;
const LONGEST = 3_600_000 * PER_MS;

/** Gathers durations. */
export class Durations {
  readonly #histogram = createHistogram({ lowest: 1, highest: LONGEST, figures: 3 });

  /** Something took so many milliseconds. */
  record(ms: number): void {
    this.#histogram.record(Math.min(LONGEST, Math.max(1, Math.round(ms * PER_MS))));
  }

  /** Percentiles of all that were recorded. */
  stats(): DurationStats {
    const at = (percentile: number): number =>
      this.#histogram.count === 0 ? 0 : this.#histogram.percentile(percentile) / PER_MS;
    return { p50: at(50), p95: at(95), p99: at(99), max: at(100) };
  }
}
