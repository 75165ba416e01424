/**
 * Round trips: questions and their answers, so many under way at any time, each answer timed.
 *
 * A closed loop: who gets an answer asks the next question. So the delays are those that the callers
 * of so many concurrent requests see, and say nothing about a rate that waits for nobody, as those of
 * `pacing.ts` do. The loop, its clock and its sums are the same for all contestants.
 */
import { type Received, Tally } from './child.ts';
import type { Counted, RoundTripTask } from './job.ts';
import { bytes, firstByte } from './values.ts';

/** What the asking process reports: delays in microseconds, besides the rest. */
export interface Trips extends Received {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

/** Sends a payload and resolves with what comes back. The lane tells which of the callers asks. */
export type Ask = (payload: Uint8Array, lane: number) => Promise<Uint8Array>;

/** Asks all questions of the task, from as many lanes as may be in flight. */
export async function askAll(
  { size, inFlight, warm, count }: Omit<RoundTripTask, 'address'>,
  ask: Ask,
): Promise<Trips> {
  const trips = new TripLog({ warm, count });
  const total = warm + count;
  let asked = 0;
  const run = async (lane: number): Promise<void> => {
    const payload = bytes(size); // One each, so that none changes while it waits to be sent.
    while (asked < total) {
      payload[0] = asked & 0xff;
      asked += 1;
      const start = performance.now();
      trips.take(firstByte(await ask(payload, lane)), start);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, (_, lane) => run(lane)));
  return trips.report();
}

/** Records answers; each delay has a place of its own, so that recording costs next to nothing. */
class TripLog {
  readonly #tally: Tally;
  readonly #warm: number;
  readonly #delays: Float64Array;
  #seen = 0;

  constructor(counted: Counted) {
    this.#tally = new Tally(counted);
    this.#warm = counted.warm;
    this.#delays = new Float64Array(counted.count);
  }

  take(touched: number, startMs: number): void {
    const place = this.#seen - this.#warm;
    if (place >= 0) this.#delays[place] = performance.now() - startMs;
    this.#seen += 1;
    this.#tally.take(touched);
  }

  report(): Trips {
    const received = this.#tally.report();
    const sorted = this.#delays.toSorted();
    const us = (share: number): number =>
      (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN) * 1000;
    return { ...received, p50: us(0.5), p99: us(0.99), p999: us(0.999) };
  }
}

/** Counts the questions of the task where they are answered. */
export class Answers {
  readonly #tally: Tally;
  #report: Received | undefined;

  constructor(counted: Counted) {
    this.#tally = new Tally(counted);
  }

  /** Touches one question. True of the last one. */
  take(question: Uint8Array): boolean {
    const isLast = this.#tally.take(firstByte(question));
    if (isLast) this.#report = this.#tally.report();
    return isLast;
  }

  /** What answering used. */
  report(): Received {
    return this.#report ?? this.#tally.report();
  }
}
