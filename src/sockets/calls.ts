/**
 * Calls: the requests of a socket that wait for their replies, and the one timer that wakes them.
 */
import { CallTable, type TimedCall } from '../rules/call-table.ts';
import type { Clock } from '../run/clock.ts';

/** The calls of one socket. */
export class Calls<Waiting extends TimedCall> {
  readonly #clock: Clock;
  readonly #wake: (call: Waiting) => void;
  readonly #table = new CallTable<Waiting>();
  #timerAt = Infinity;
  #cancelTimer: () => void = () => {};

  /** @param wake Called with each call whose time has come; it must remove it or set a later time. */
  constructor(clock: Clock, wake: (call: Waiting) => void) {
    this.#clock = clock;
    this.#wake = wake;
  }

  /** How many wait. */
  get size(): number {
    return this.#table.size;
  }

  /** A number that no call has, for the next one to be put. */
  nextNumber(): number {
    return this.#table.nextNumber();
  }

  /** Adds a call, or looks anew at when one wants to be woken. */
  put(call: Waiting): void {
    this.#table.put(call);
    if (this.#table.deadline < this.#timerAt) this.#setTimer();
  }

  /** The call of that number, if it still waits. */
  get(number: number): Waiting | undefined {
    return this.#table.get(number);
  }

  /** Takes a call away. The timer stays: setting one for each call would cost more than the call. */
  remove(call: Waiting): void {
    this.#table.remove(call);
  }

  /** Takes all calls away, stops the timer, and returns the calls. */
  clear(): Waiting[] {
    const all = this.#table.clear();
    this.#cancelTimer();
    this.#timerAt = Infinity;
    return all;
  }

  #setTimer(): void {
    this.#cancelTimer();
    this.#timerAt = this.#table.deadline;
    if (this.#timerAt < Infinity) {
      this.#cancelTimer = this.#clock.at(this.#timerAt, () => this.#sweep());
    }
  }

  #sweep(): void {
    this.#timerAt = -Infinity; // Nobody sets it before all have been looked at.
    this.#table.wake(this.#clock.now(), this.#wake);
    this.#setTimer();
  }
}
