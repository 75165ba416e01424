/**
 * Line: the items that are ready for a worker, the most urgent first, the older first among equals.
 *
 * Whoever leaves the line out of turn, because it was cancelled or has expired, is not looked for: it is passed
 * over when its turn comes, or swept out when such are the greater part.
 *
 * Pure.
 */
import { Fifo } from 'brokerless/kit';
import type { Item } from './item-rules.ts';

const SWEEP_FROM = 1024;

/** Items that wait for a worker. */
export class Line {
  readonly #lanes = new Map<number, Fifo<Item>>(); // By priority; an empty lane is kept while it is the only one.
  #highest = 0;
  #length = 0;
  #left = 0; // Out of turn, and still in a lane.

  /** How many wait. */
  get length(): number {
    return this.#length;
  }

  /** Puts an item at the end. */
  push(item: Item): void {
    this.#laneOf(item).push(item);
    this.#length += 1;
  }

  /** Puts an item before all others of its priority: it has had its turn before. */
  putBack(item: Item): void {
    this.#laneOf(item).unshift(item);
    this.#length += 1;
  }

  /** Takes the item whose turn it is. */
  shift(): Item | undefined {
    for (;;) {
      const lane = this.#lanes.get(this.#highest);
      const item = lane?.shift();
      if (item === undefined) {
        if (!this.#next()) return undefined;
      } else if (item.stage === 'ready') {
        this.#length -= 1;
        return item;
      } else this.#left -= 1;
    }
  }

  /** An item that waits here has left, out of turn: its stage says so. */
  leave(): void {
    this.#length -= 1;
    this.#left += 1;
    if (this.#left > SWEEP_FROM && this.#left > this.#length) this.#sweep();
  }

  /** When the one that waits longest became ready; undefined if nobody waits. */
  get oldestAt(): number | undefined {
    let oldest: number | undefined;
    for (const lane of this.#lanes.values()) {
      while (lane.length > 0 && lane.peek()?.stage !== 'ready') {
        lane.shift();
        this.#left -= 1;
      }
      const at = lane.peek()?.readyAt;
      if (at !== undefined && (oldest === undefined || at < oldest)) oldest = at;
    }
    return oldest;
  }

  #laneOf(item: Item): Fifo<Item> {
    const { priority } = item.order;
    let lane = this.#lanes.get(priority);
    if (lane === undefined) {
      lane = new Fifo();
      this.#lanes.set(priority, lane);
    }
    if (priority > this.#highest) this.#highest = priority;
    return lane;
  }

  /** Goes on to the next priority that has anybody; there may be nobody at all. */
  #next(): boolean {
    let next = -1;
    for (const [priority, lane] of this.#lanes) {
      if (lane.length === 0) this.#lanes.delete(priority);
      else if (priority > next) next = priority;
    }
    this.#highest = Math.max(0, next);
    return next >= 0;
  }

  #sweep(): void {
    this.#left = 0;
    for (const [priority, lane] of this.#lanes) {
      const kept = new Fifo<Item>();
      for (const item of lane) if (item.stage === 'ready') kept.push(item);
      this.#lanes.set(priority, kept);
    }
  }
}
