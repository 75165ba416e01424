/**
 * Results: how items have ended, kept for a while for those who ask later.
 *
 * Pure: time is an argument, in milliseconds.
 */
import { Fifo, NumberMap } from 'brokerless/kit';
import type { Status } from './messages.ts';

/** How much is kept. */
export interface ResultsOptions {
  /** For how long, in milliseconds. */
  readonly keepResultsMs: number;
  /** Of how many items. */
  readonly maxResults: number;
  /** How many bytes of results, of all together. */
  readonly maxResultBytes: number;
}

/** How an item has ended, and when. */
export interface Result {
  /** In which of the ways there are. */
  readonly status: Status;
  /** The result, or what went wrong; empty if there is neither. */
  readonly body: Uint8Array;
  /** How often it was given to a worker. */
  readonly attempts: number;
  /** When it ended. */
  readonly at: number;
}

/** The endings of the last items, the oldest first. */
export class Results {
  readonly #options: ResultsOptions;
  readonly #results = new NumberMap<Result>();
  readonly #order = new Fifo<number>(); // The oldest of a Map is found behind the holes of those before it.
  #bytes = 0;

  constructor(options: ResultsOptions) {
    this.#options = options;
  }

  /** How many there are. */
  get size(): number {
    return this.#results.size;
  }

  /** How the item of this number has ended, if that is known. */
  get(n: number, now: number): Result | undefined {
    this.forget(now);
    return this.#results.get(n);
  }

  /** An item has ended. */
  add(n: number, result: Result): void {
    this.#results.set(n, result);
    this.#order.push(n);
    this.#bytes += result.body.length;
    this.forget(result.at);
  }

  /** Forgets what is too old, or too much. */
  forget(now: number): void {
    const { keepResultsMs, maxResults, maxResultBytes } = this.#options;
    for (let n = this.#order.peek(); n !== undefined; n = this.#order.peek()) {
      const { at, body } = this.#results.get(n) as Result;
      const isTooMuch = this.#results.size > maxResults || this.#bytes > maxResultBytes;
      if (!isTooMuch && now - at < keepResultsMs) return;
      this.#order.shift();
      this.#results.delete(n);
      this.#bytes -= body.length;
    }
  }
}
