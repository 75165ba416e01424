/**
 * Seats: those who are here, each of whom may leave at any time, at no cost that grows with their number.
 *
 * A `Map` or a `Set` that many come to and leave makes itself anew again and again, and each table that it leaves
 * behind keeps all that was in it from being collected young.
 *
 * Pure.
 */

/** Whoever can have a seat, in one place at a time. */
export interface Seated {
  /** Which seat it has. */
  seat: number;
}

/** Those who are here, in no order. */
export class Seats<T extends Seated> implements Iterable<T> {
  readonly #all: T[] = [];

  /** How many there are. */
  get size(): number {
    return this.#all.length;
  }

  /** One of them, if there is any. */
  get any(): T | undefined {
    return this.#all[0];
  }

  /** Somebody comes. */
  add(one: T): void {
    one.seat = this.#all.length;
    this.#all.push(one);
  }

  /** One of them leaves: the last has its seat now. */
  remove(one: T): void {
    const last = this.#all.pop() as T;
    if (last === one) return;
    this.#all[one.seat] = last;
    last.seat = one.seat;
  }

  /** All leave. */
  clear(): void {
    this.#all.length = 0;
  }

  /** Those who are here. Nobody comes or leaves meanwhile. */
  [Symbol.iterator](): Iterator<T> {
    return this.#all[Symbol.iterator]();
  }
}
