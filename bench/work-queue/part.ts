/**
 * Part: what every process around a queue does alike: it waits for its cue, and tells what came back.
 */
import { once } from 'node:events';
import { createHistogram } from 'node:perf_hooks';
import { type Received, Tally, tell, type Usage } from '../support/child.ts';
import { now } from '../support/clock.ts';
import type { Counted, LatencyTask } from '../support/job.ts';

/** Waits for the bench's next line. Ends this process if the bench has died. */
export async function cue(): Promise<void> {
  const die = (): void => process.exit(1);
  process.stdin.resume().once('end', die);
  await once(process.stdin, 'data');
  process.stdin.off('end', die);
}

/** Counts what comes back, and says when the warm-up is over. */
export class Results {
  readonly #tally: Tally;
  readonly #warm: number;
  #seen = 0;

  constructor(counted: Counted) {
    this.#tally = new Tally(counted);
    this.#warm = counted.warm;
  }

  /** Takes one result, by what was read of its item. True of the last one. */
  take(touched: number): boolean {
    this.#seen += 1;
    if (this.#seen === this.#warm) tell({ warm: this.#warm });
    return this.#tally.take(touched);
  }

  /** What came of it. */
  report(): Received {
    return this.#tally.report();
  }
}

/** How long after an item was due its result was back, in microseconds. */
export interface Delays extends Usage {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

// The moment that an item was due, as `sendOnSchedule` stamps it.
const due = new Float64Array(1);
const stamp = new Uint8Array(due.buffer);

/** How many items of the warm-up may be under way: the schedule shall find nothing before it. */
const WARM_AHEAD = 500;

/** Records how late each result of a schedule is back, but for the first tenth: still warming up. */
export class LateResults {
  readonly #delays = createHistogram();
  readonly #task: LatencyTask;
  #seen = 0;
  #awaited = Number.POSITIVE_INFINITY;
  #wake: (() => void) | undefined;

  constructor(task: LatencyTask) {
    this.#task = task;
  }

  /**
   * Sends each item in memory of its own and waits for nobody, except in the warm-up: before there is a
   * worker it would pile up.
   */
  unawaited(send: (item: Uint8Array) => void): (item: Uint8Array) => Promise<void> {
    let sent = 0;
    return async (item) => {
      send(item.slice());
      sent += 1;
      if (sent <= this.#task.warm) await this.#reaches(sent - WARM_AHEAD);
    };
  }

  /** Takes one result. True of the last one. */
  take(item: Uint8Array): boolean {
    const { warm, count } = this.#task;
    stamp.set(item.subarray(0, stamp.length));
    this.#delays.record(Math.max(1, Math.round(now() - (due[0] ?? 0))));
    this.#seen += 1;
    if (this.#seen >= this.#awaited) this.#wake?.();
    if (this.#seen === warm) tell({ warm });
    if (this.#seen === warm + Math.floor(count / 10)) this.#delays.reset();
    return this.#seen === warm + count;
  }

  /** What came of it, with what the schedule used. */
  report(usage: Usage): Delays {
    const us = (percent: number): number => this.#delays.percentile(percent) / 1000;
    return { p50: us(50), p99: us(99), p999: us(99.9), ...usage };
  }

  /** Waits until there are so many results. */
  async #reaches(count: number): Promise<void> {
    if (this.#seen >= count) return;
    this.#awaited = count;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#awaited = Number.POSITIVE_INFINITY;
  }
}
