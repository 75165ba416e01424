/**
 * Call table: what waits for an answer, found by number, and woken when its time has come.
 *
 * There is a place for each number modulo the size of the table, and a number whose place is taken is passed
 * over. Not a `Map`: one that is filled and emptied all the time keeps what it held alive through many a
 * garbage collection, which cost a third of a request.
 *
 * All are looked through when the first is due, and at most every {@link SWEEP_MS}: so thousands of calls with
 * thousands of deadlines cost little.
 *
 * Pure: time is an argument, in milliseconds.
 */

/** How late a call may be woken at most, besides what the event loop adds. */
export const SWEEP_MS = 5;

/** Something that waits. */
export interface TimedCall {
  /** Its number in the table. */
  readonly number: number;
  /** When it wants to be woken next. */
  wakeAt: number;
}

const SMALLEST_TABLE = 64;

/** Those that wait. */
export class CallTable<Waiting extends TimedCall> {
  /** How many wait. */
  size = 0;
  #table: (Waiting | undefined)[] = emptyTable(SMALLEST_TABLE);
  #last = 0; // The number given last.
  #nextAt = Infinity; // Nobody is due before.
  #lastSweep = -Infinity;

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
    if (call.wakeAt < this.#nextAt) this.#nextAt = call.wakeAt;
  }

  /** The call of that number, if it still waits. */
  get(number: number): Waiting | undefined {
    const call = this.#table[this.#place(number)];
    return call?.number === number ? call : undefined;
  }

  /** Takes a call away. */
  remove(call: Waiting): void {
    const place = this.#place(call.number);
    if (this.#table[place] !== call) return;
    this.#table[place] = undefined;
    this.size -= 1;
  }

  /** Takes all calls away, and returns them. */
  clear(): Waiting[] {
    const all = this.all();
    this.#table = emptyTable(SMALLEST_TABLE);
    this.size = 0;
    this.#nextAt = Infinity;
    return all;
  }

  /** Those that wait, in no order. */
  all(): Waiting[] {
    return this.#table.filter((call) => call !== undefined);
  }

  /** When to look next: at or before the time that the first is due, if that is not too soon. Infinity: never. */
  get deadline(): number {
    return Math.max(this.#nextAt, this.#lastSweep + SWEEP_MS);
  }

  /** Calls `wake` with each that is due by `now`; it must remove it, or put it for a later time. */
  wake(now: number, wake: (call: Waiting) => void): void {
    if (now < this.deadline) return;
    this.#lastSweep = now;
    for (const call of this.#table) if (call !== undefined && call.wakeAt <= now) wake(call);
    this.#nextAt = Infinity;
    for (const call of this.#table) {
      if (call !== undefined && call.wakeAt < this.#nextAt) this.#nextAt = call.wakeAt;
    }
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
}

function emptyTable<T>(length: number): (T | undefined)[] {
  return Array.from({ length }, () => undefined);
}
