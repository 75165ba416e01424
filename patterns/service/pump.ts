/**
 * Pump: asks the source of a stream for one value after the other, for as long as its reader has room.
 */
import { nextTurn, overdue, workOf } from 'brokerless/kit';
import type { Served } from './served-rules.ts';

/** What becomes of what a source gives. */
export interface PumpEnds {
  /** Takes a value. What it throws ends the stream. */
  readonly give: (value: unknown) => Promise<void>;
  /** The source has ended, or was left. */
  readonly end: () => void;
  /** The source has failed. */
  readonly fail: (error: unknown) => void;
}

/** One stream at work. */
export class Pump {
  readonly #served: Served;
  readonly #source: AsyncIterator<unknown> | Iterator<unknown>;
  readonly #ends: PumpEnds;
  #isAsking = false;
  #isOver = false;

  constructor(served: Served, source: AsyncIterator<unknown> | Iterator<unknown>, ends: PumpEnds) {
    this.#served = served;
    this.#source = source;
    this.#ends = ends;
  }

  /** There is room for more. */
  resume(): void {
    if (!this.#isAsking && !this.#isOver && this.#served.isWanted) void this.#run();
  }

  /** Nobody reads it any more. The source is left, now or when it has given what it was asked for. */
  stop(): void {
    if (!this.#isAsking) this.#leave();
  }

  async #run(): Promise<void> {
    this.#isAsking = true;
    try {
      while (this.#served.isWanted && this.#served.credit > 0 && this.#served.hasRoom) {
        const { value, done } = await this.#source.next();
        if (done === true) return this.#end(this.#ends.end);
        await this.#ends.give(value);
        if (overdue(workOf(1, 0))) await nextTurn();
      }
      if (!this.#served.isWanted) this.#leave();
    } catch (error) {
      this.#end(() => this.#ends.fail(error));
      void this.#return(); // It has not thrown if what it gave could not be sent.
    } finally {
      this.#isAsking = false;
    }
  }

  #leave(): void {
    this.#end(this.#ends.end);
    void this.#return();
  }

  async #return(): Promise<void> {
    try {
      await this.#source.return?.();
    } catch {
      // Nobody reads it: that it cannot end well is nobody's trouble.
    }
  }

  #end(how: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    how();
  }
}

/** The iterator of what a stream's handler gives; undefined if there is none. */
export function iteratorOf(
  output: unknown,
): AsyncIterator<unknown> | Iterator<unknown> | undefined {
  const { [Symbol.asyncIterator]: later, [Symbol.iterator]: now } = Object(output) as Partial<
    AsyncIterable<unknown> & Iterable<unknown>
  >;
  return later?.call(output) ?? now?.call(output);
}
