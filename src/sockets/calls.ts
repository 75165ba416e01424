/**
 * Calls: the requests that wait for their replies, found by number, and woken when their time has come.
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

/** The calls of one socket. */
export class Calls<Waiting extends Call> {
  readonly #clock: Clock;
  readonly #wake: (call: Waiting) => void;
  readonly #calls = new Map<number, Waiting>();
  #timerAt = Infinity;
  #cancelTimer: () => void = () => {};
  #lastSweep = -Infinity;

  /** @param wake Called with each call whose time has come; it must remove it or set a later time. */
  constructor(clock: Clock, wake: (call: Waiting) => void) {
    this.#clock = clock;
    this.#wake = wake;
  }

  /** How many wait. */
  get size(): number {
    return this.#calls.size;
  }

  /** Adds a call, or looks anew at when one wants to be woken. */
  put(call: Waiting): void {
    this.#calls.set(call.number, call);
    this.#wakeBy(call.wakeAt);
  }

  /** The call of that number, if it still waits. */
  get(number: number): Waiting | undefined {
    return this.#calls.get(number);
  }

  /** Takes a call away. The timer stays: setting one for each call would cost more than the call. */
  remove(call: Waiting): void {
    this.#calls.delete(call.number);
  }

  /** Takes all calls away, stops the timer, and returns the calls. */
  clear(): Waiting[] {
    const all = [...this.#calls.values()];
    this.#calls.clear();
    this.#cancelTimer();
    this.#timerAt = Infinity;
    return all;
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
    for (const call of this.#calls.values()) if (call.wakeAt <= now) this.#wake(call);
    let next = Infinity;
    for (const { wakeAt } of this.#calls.values()) next = Math.min(next, wakeAt);
    if (next < Infinity) this.#wakeBy(next);
  }
}
