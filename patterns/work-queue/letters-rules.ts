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

/** The dead letters, the oldest first; so many and so many bytes, and no more. */
export class Letters {
  /** How many bytes they take together. */
  bytes = 0;
  /** How many were thrown away because there were too many. */
  dropped = 0;
  readonly #most: number;
  readonly #mostBytes: number;
  readonly #letters = new Map<number, Letter>();

  /** @param most How many are kept, of up to `mostBytes` together. */
  constructor(most: number, mostBytes: number) {
    this.#most = most;
    this.#mostBytes = mostBytes;
  }

  /** How many there are. */
  get size(): number {
    return this.#letters.size;
  }

  /** All of them, the oldest first. */
  all(): IterableIterator<Letter> {
    return this.#letters.values();
  }

  /** Adds one. Answers with the numbers of those that had to go for it. */
  add(item: Item, failedAt: number): readonly number[] {
    this.#letters.set(item.n, { item, failedAt, sentAs: undefined });
    this.bytes += item.body.length;
    const gone: number[] = [];
    for (const n of this.#letters.keys()) {
      if (this.#letters.size <= this.#most && this.bytes <= this.#mostBytes) break;
      this.remove(n);
      gone.push(n);
    }
    this.dropped += gone.length;
    return gone;
  }

  /** The one of this number. */
  get(n: number): Letter | undefined {
    return this.#letters.get(n);
  }

  /** Takes one out. */
  remove(n: number): void {
    this.bytes -= this.#letters.get(n)?.item.body.length ?? 0;
    this.#letters.delete(n);
  }
}
