/**
 * Reading: a stream as its reader has it. It is asked for when its first value is, and values come only while there is
 * room for them.
 */
import type { BrokerlessError } from 'brokerless';
import { Feed } from 'brokerless/kit';
import { type AskedMethod, type Caller, senseless } from './caller.ts';

/** What a reading is made of. */
export interface ReadingParts {
  /** What is asked. */
  readonly method: AskedMethod;
  /** How many values may be under way. */
  readonly credit: number;
  /** Asks for the stream. Throws or rejects if that cannot be. */
  readonly begin: (reading: Reading) => Promise<void>;
  /** There is room for so many values more. */
  readonly more: (count: number) => void;
  /** Nobody reads it any more. */
  readonly leave: () => void;
  /** It has ended, in whatever way. */
  readonly ended: () => void;
}

/** One stream. */
export class Reading implements AsyncIterableIterator<unknown, undefined>, Caller {
  readonly method: AskedMethod;
  readonly #parts: ReadingParts;
  readonly #feed: Feed<Uint8Array>;
  #stage: 'new' | 'asked' | 'over' = 'new';
  #taken = 0; // Values that were read and that no room has been made for.

  constructor(parts: ReadingParts) {
    this.#parts = parts;
    this.method = parts.method;
    this.#feed = new Feed(() => this.#take());
  }

  /** Itself: a stream has one reader. */
  [Symbol.asyncIterator](): AsyncIterableIterator<unknown, undefined> {
    return this;
  }

  /** Whether nothing more will come. */
  get isOver(): boolean {
    return this.#stage === 'over';
  }

  async next(): Promise<IteratorResult<unknown, undefined>> {
    const taken = this.#feed.next(); // First, as others may ask for the next before this one has begun.
    if (this.#stage === 'new') await this.#begin();
    const { value, done } = await taken;
    if (done === true) return { value: undefined, done: true };
    try {
      return { value: await this.#valueOf(value), done: false };
    } catch (cause) {
      await this.return();
      throw senseless(cause);
    }
  }

  /** Leaves it: its handler is told to stop. */
  async return(): Promise<IteratorResult<unknown, undefined>> {
    if (this.#stage === 'asked') this.#parts.leave();
    this.#end();
    return { value: undefined, done: true };
  }

  take(item: Uint8Array): void {
    if (this.#stage === 'asked') this.#feed.put(item);
  }

  end(): void {
    this.#end();
  }

  fail(error: BrokerlessError): void {
    this.#end({ error });
  }

  async #begin(): Promise<void> {
    this.#stage = 'asked';
    try {
      await this.#parts.begin(this);
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  #end(outcome: { readonly error?: unknown } = {}): void {
    this.#stage = 'over';
    this.#feed.end(outcome);
    this.#parts.ended();
  }

  #valueOf(item: Uint8Array): unknown {
    const { decode, arrival } = this.method;
    const value = decode(item);
    return arrival === undefined ? value : arrival(value);
  }

  /** Room is made for half of what may be under way at a time: a word for each value would cost too much. */
  #take(): void {
    this.#taken += 1;
    if (2 * this.#taken < this.#parts.credit || this.#stage !== 'asked') return;
    this.#parts.more(this.#taken);
    this.#taken = 0;
  }
}
