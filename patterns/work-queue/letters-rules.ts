/**
 * Letters: the items that nobody could do, with what was tried, until somebody looks after them.
 *
 * Pure.
 */
import type { Item } from './item-rules.ts';

/** An item that nobody could do. */
export interface Letter {
  /** The item, which is over. */
  readonly item: Item;
  /** When it was given up, by the world's clock, in milliseconds. */
  readonly failedAt: number;
  /** The item that it has been put in again as, and that is not stored yet. */
  sentAs: Item | undefined;
}

/** The dead letters, the oldest first; so many and no more. */
export class Letters {
  /** How many were thrown away because there were too many. */
  dropped = 0;
  readonly #most: number;
  readonly #letters = new Map<number, Letter>();

  /** @param most How many are kept. */
  constructor(most: number) {
    this.#most = most;
  }

  /** How many there are. */
  get size(): number {
    return this.#letters.size;
  }

  /** All of them, the oldest first. */
  all(): IterableIterator<Letter> {
    return this.#letters.values();
  }

  /** Adds one. Answers with the number of the one that has to go for it. */
  add(item: Item, failedAt: number): number | undefined {
    this.#letters.set(item.n, { item, failedAt, sentAs: undefined });
    if (this.#letters.size <= this.#most) return undefined;
    this.dropped += 1;
    const [oldest] = this.#letters.keys();
    return oldest;
  }

  /** The one of this number. */
  get(n: number): Letter | undefined {
    return this.#letters.get(n);
  }

  /** Takes one out. */
  remove(n: number): void {
    this.#letters.delete(n);
  }
}
