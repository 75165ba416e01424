/**
 * Waiting: a bounded line of work that nobody has taken yet, the most urgent first, the older first among
 * equals. What has waited too long is taken out before anybody is given it.
 *
 * Pure: time is an argument, in milliseconds.
 */
import { Fifo } from './fifo.ts';

/** As much of a piece of work as the line looks at. */
export interface Queued {
  /** The greater goes first. */
  readonly priority: number;
  /** How much room it takes. */
  readonly bytes: number;
  /** When nobody wants it any more, in the clock's milliseconds; Infinity for never. */
  readonly expiresAt: number;
}

/** How much may wait. */
export interface WaitingOptions {
  /** How many. */
  readonly maxCount: number;
  /** How many bytes they may take together. One is let in while there is any room. */
  readonly maxBytes: number;
}

// A look takes out all that has expired by then, however many there are; but it goes through all that
// waits, so it is not done for each that expires a millisecond after another.
const LOOK_EVERY_MS = 50;

/** A line in which work waits. */
export class Waiting<Work extends Queued> {
  /** How many bytes wait. */
  bytes = 0;
  /** Whether it has been full and is not half empty yet. */
  isCrowded = false;
  readonly #options: WaitingOptions;
  readonly #lines = new Map<number, Fifo<Work>>(); // By priority; an empty line is taken away.
  #length = 0;
  #highest = Number.NEGATIVE_INFINITY;
  #noneBefore = Number.POSITIVE_INFINITY; // Nothing expires before this.
  #lookedAt = Number.NEGATIVE_INFINITY; // When all of it was last looked through.

  constructor(options: WaitingOptions) {
    this.#options = options;
  }

  /** How many wait. */
  get length(): number {
    return this.#length;
  }

  /** Whether there is no room for more. */
  get isFull(): boolean {
    return this.#length >= this.#options.maxCount || this.bytes >= this.#options.maxBytes;
  }

  /** When {@link expired} is next worth asking; undefined if nothing that waits can expire. */
  get deadline(): number | undefined {
    if (this.#noneBefore === Number.POSITIVE_INFINITY) return undefined;
    return Math.max(this.#noneBefore, this.#lookedAt + LOOK_EVERY_MS);
  }

  /** Puts work at the end of the line of its priority. Whoever calls has asked {@link isFull}. */
  push(work: Work): void {
    this.#lineOf(work).push(work);
  }

  /** Puts work that had its turn already before all others of its priority, full or not. */
  putBack(work: Work): void {
    this.#lineOf(work).unshift(work);
  }

  /** Takes the work that is next. It may have expired since {@link expired} was asked. */
  shift(): Work | undefined {
    const line = this.#lines.get(this.#highest);
    const work = line?.shift();
    if (work !== undefined) this.#gone(work);
    return work;
  }

  /** Takes out what has waited too long, if it is worth a look at all of it, and answers with it. */
  expired(now: number): readonly Work[] {
    if (now < (this.deadline ?? Number.POSITIVE_INFINITY)) return NOTHING;
    this.#lookedAt = now;
    return this.remove((work) => work.expiresAt <= now);
  }

  /** Takes out all that `isUnwanted`, and answers with it. */
  remove(isUnwanted: (work: Work) => boolean): readonly Work[] {
    const out: Work[] = [];
    const kept: Work[] = [];
    for (const line of this.#lines.values()) {
      for (const work of line) (isUnwanted(work) ? out : kept).push(work);
    }
    const wasCrowded = this.isCrowded;
    this.#clear();
    for (const work of kept) this.push(work);
    this.isCrowded ||= wasCrowded && !this.#isHalfEmpty();
    return out;
  }

  /** All that waits, in no particular order; it stays. */
  *[Symbol.iterator](): IterableIterator<Work> {
    for (const line of this.#lines.values()) yield* line;
  }

  #isHalfEmpty(): boolean {
    const { maxCount, maxBytes } = this.#options;
    return this.#length <= maxCount / 2 && this.bytes <= maxBytes / 2;
  }

  #clear(): void {
    this.isCrowded = false;
    this.#lines.clear();
    this.#length = 0;
    this.bytes = 0;
    this.#highest = Number.NEGATIVE_INFINITY;
    this.#noneBefore = Number.POSITIVE_INFINITY;
  }

  #lineOf(work: Work): Fifo<Work> {
    const line = this.#lines.get(work.priority);
    if (this.#length === 0 && line === undefined) this.#clear(); // Of the line of the last that waited.
    this.#length += 1;
    this.bytes += work.bytes;
    this.#noneBefore = Math.min(this.#noneBefore, work.expiresAt);
    if (this.isFull) this.isCrowded = true;
    if (line !== undefined) return line;
    const added = new Fifo<Work>();
    this.#lines.set(work.priority, added);
    this.#highest = Math.max(this.#highest, work.priority);
    return added;
  }

  #gone(work: Work): void {
    this.#length -= 1;
    this.bytes -= work.bytes;
    if (this.isCrowded && this.#isHalfEmpty()) this.isCrowded = false;
    if (this.#length === 0) {
      this.#noneBefore = Number.POSITIVE_INFINITY; // Its line stays, as the next is likely to be in it.
    } else if (this.#lines.get(work.priority)?.length === 0) {
      this.#lines.delete(work.priority);
      this.#highest = Math.max(...this.#lines.keys());
    }
  }
}

const NOTHING: readonly never[] = [];
