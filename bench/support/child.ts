/**
 * Child: what every contestant's process shares: how it speaks to the bench, and what it reports.
 */
import { once } from 'node:events';
import type { Counted } from './job.ts';

/** What a process used while its part was timed. */
export interface Usage {
  /** How many cores it kept busy: 1.4 is one core and two fifths of another. */
  readonly cpu: number;
  /** The most memory it ever had resident, in MB. */
  readonly rss: number;
}

/** What a receiver reports of its timed values. */
export interface Received extends Usage {
  readonly values: number;
  readonly seconds: number;
  /** All that it read of the values, of the warm-up too, added up. */
  readonly sum: number;
}

/** Tells the bench one thing, as a line of JSON on stdout. */
export function tell(what: object): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}

/** Waits until the bench closes stdin: it does so when whoever reports has got everything, or dies. */
export async function everythingArrived(): Promise<void> {
  await once(process.stdin.resume(), 'end');
}

/** Ends a process whose bench has died, so that it waits for nobody. Holds nothing open. */
export function endWithBench(): void {
  process.stdin.resume().once('end', () => process.exit(1));
  process.stdin.unref();
}

/** Begins to measure what this process uses; the result is asked for when the timed part ends. */
export function meter(): () => Usage {
  const cpu = process.cpuUsage();
  const start = performance.now();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    const elapsedUs = (performance.now() - start) * 1000;
    return { cpu: (user + system) / elapsedUs, rss: process.resourceUsage().maxRSS * 1.024e-3 };
  };
}

/**
 * Counts the values of a job. The clock runs from the last value of the warm-up to the
 * last value of all, so that there are as many gaps as timed values.
 */
export class Tally {
  readonly #warm: number;
  readonly #total: number;
  #seen = 0;
  #sum = 0;
  #startMs = 0;
  #usage = meter();

  constructor({ warm, count }: Counted) {
    this.#warm = warm;
    this.#total = warm + count;
  }

  /** Counts one value by what was read of it. True of the last one. */
  take(touched: number): boolean {
    this.#seen += 1;
    this.#sum += touched;
    if (this.#seen === this.#warm) this.#begin();
    return this.#seen === this.#total;
  }

  /** What came of it, when the last value is in. */
  report(): Received {
    const seconds = (performance.now() - this.#startMs) / 1000;
    return { values: this.#total - this.#warm, seconds, sum: this.#sum, ...this.#usage() };
  }

  #begin(): void {
    this.#usage = meter();
    this.#startMs = performance.now();
  }
}
