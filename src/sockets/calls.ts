/**
 * Calls: the requests that wait for their replies, found by number, and woken when their time has come.
 *
 * They stand in a table with a place for each number modulo its size, and a number whose place is taken
 * is passed over. Not in a `Map`: one that is filled and emptied all the time keeps what it held alive
 * through many a garbage collection, which cost a third of a request.
 *
 * One timer serves all of them. It looks at each call when it fires, and fires at most every
 * {@link SWEEP_MS}, so thousands of calls with thousands of deadlines cost little.
 */
import type { Clock } from '../run/clock.ts';

/** How late a call may be woken at most, besides what the event loop adds. */
export const SWEEP_MS = 5;

/** A request that waits. */
export interface Call {
  /** Its number among the calls of the socket. */
  readonly number: number;
  /** When it wants to be woken next. */
  wakeAt: number;
}

const SMALLEST_TABLE = 64;

/** The calls of one socket. */
export class Calls<Waiting extends Call> {
  /** How many wait. */
  size = 0;
  readonly #clock: Clock;
  readonly #wake: (call: Waiting) => void;
  #table: (Waiting | undefined)[] = emptyTable(SMALLEST_TABLE);
  #last = 0; // The number given last.
  #timerAt = Infinity;
  #cancelTimer: () => void = () => {};
  #lastSweep = -Infinity;

  /** @param wake Called with each call whose time has come; it must remove it or set a later time. */
  constructor(clock: Clock, wake: (call: Waiting) => void) {
    this.#clock = clock;
    this.#wake = wake;
  }

  /** A number that no call has, for the next one to be put: 32 bits, given again after four billion. */
  nextNumber(): number {
    if (this.size * 2 >= this.#table.length) this.#grow();
    do this.#last = (this.#last + 1) >>> 0;
    while (this.#table[this.#place(this.#last)] !== undefined);
    return this.#last;
  }

  /** Adds a call, or looks anew at when one wants to be woken. */
  put(call: Waiting): void {
    const place = this.#place(call.number);
    if (this.#table[place] === undefined) this.size += 1;
    this.#table[place] = call;
    this.#wakeBy(call.wakeAt);
  }

  /** The call of that number, if it still waits. */
  get(number: number): Waiting | undefined {
    const call = this.#table[this.#place(number)];
    return call?.number === number ? call : undefined;
  }

  /** Takes a call away. The timer stays: setting one for each call would cost more than the call. */
  remove(call: Waiting): void {
    const place = this.#place(call.number);
    if (this.#table[place] !== call) return;
    this.#table[place] = undefined;
    this.size -= 1;
  }

  /** Takes all calls away, stops the timer, and returns the calls. */
  clear(): Waiting[] {
    const all = this.#table.filter((call) => call !== undefined);
    this.#table = emptyTable(SMALLEST_TABLE);
    this.size = 0;
    this.#cancelTimer();
    this.#timerAt = Infinity;
    return all;
  }

  #place(number: number): number {
    return number & (this.#table.length - 1);
  }

  /** Who had places of their own in a table of half the size has them in this one. */
  #grow(): void {
    const calls = this.#table;
    this.#table = emptyTable(calls.length * 2);
    for (const call of calls) if (call !== undefined) this.#table[this.#place(call.number)] = call;
  }

  #wakeBy(time: number): void {
    const at = Math.max(time, this.#lastSweep + SWEEP_MS);
    if (at >= this.#timerAt) return;
    this.#cancelTimer();
    this.#timerAt = at;
    this.#cancelTimer = this.#clock.at(at, () => this.#sweep());
  }

  #sweep(): void {
    const now = this.#clock.now();
    this.#lastSweep = now;
    this.#timerAt = Infinity;
    for (const call of this.#table) if (call !== undefined && call.wakeAt <= now) this.#wake(call);
    let next = Infinity;
    for (const call of this.#table) next = Math.min(next, call?.wakeAt ?? Infinity);
    if (next < Infinity) this.#wakeBy(next);
  }
}

function emptyTable<T>(length: number): (T | undefined)[] {
  return Array.from({ length }, () => undefined);
}
