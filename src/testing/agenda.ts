/**
 * Agenda: what is still to happen in a simulated world, soonest first.
 *
 * Things due at one time happen in the order they were put down, so that nothing is left to chance. A time
 * is a whole number of ticks of 1/128 ms: such numbers add up exactly.
 */
import { Fifo } from '../rules/fifo.ts';

/** Something to be done at its time, unless it is called off. */
export interface Entry {
  /** When, in milliseconds. */
  readonly time: number;
  /** Which of all that were put down. */
  readonly order: number;
  /** What; undefined when it has been called off. */
  run: (() => void) | undefined;
}

const TICKS_PER_MS = 128;

/** The time of the next tick at or after `ms`. */
export function toTick(ms: number): number {
  return Math.ceil(ms * TICKS_PER_MS) / TICKS_PER_MS;
}

/** The entries, and the time that they have come to. */
export class Agenda {
  /** The time now, in milliseconds. */
  now = 0;
  readonly #soon = new Fifo<Entry>(); // What was put down for the time that it was then: nearly half of all.
  readonly #heap: Entry[] = [];
  #count = 0;

  /** Puts down what to do at `time`, or now if that is past. */
  at(time: number, run: () => void): Entry {
    const entry: Entry = { time: Math.max(this.now, toTick(time)), order: this.#count, run };
    this.#count += 1;
    if (entry.time === this.now) this.#soon.push(entry);
    else this.#enter(entry);
    return entry;
  }

  /** Goes on to what is next until `end`, and answers with it; undefined if that is nothing more. */
  next(end: number): (() => void) | undefined {
    for (let first = this.#first(); first !== undefined; first = this.#first()) {
      if (first.time > end) break;
      if (first === this.#heap[0]) this.#takeFirst();
      else this.#soon.shift();
      if (first.run === undefined) continue;
      this.now = first.time;
      return first.run;
    }
    this.now = end;
    return undefined;
  }

  #first(): Entry | undefined {
    const soon = this.#soon.peek();
    const later = this.#heap[0];
    if (soon === undefined || later === undefined) return soon ?? later;
    return isBefore(soon, later) ? soon : later;
  }

  #enter(entry: Entry): void {
    const heap = this.#heap;
    let place = heap.push(entry) - 1;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const other = heap[above] as Entry;
      if (isBefore(other, entry)) break;
      heap[place] = other;
      place = above;
    }
    heap[place] = entry;
  }

  #takeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && isBefore(heap[below + 1] as Entry, heap[below] as Entry)) {
        below += 1;
      }
      const other = heap[below] as Entry;
      if (isBefore(last, other)) break;
      heap[place] = other;
      place = below;
    }
    heap[place] = last;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.time < b.time || (a.time === b.time && a.order < b.order);
}
