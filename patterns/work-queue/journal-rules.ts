/**
 * Journal: what waits to be stored, and what is to happen once it is. One batch is on its way to the store at a
 * time, and what comes meanwhile goes with the next: the slower the store, the larger the batches.
 *
 * Pure.
 */
import { Item, type StoreRecord } from './item-rules.ts';

/**
 * What is to be stored: an item whose next step waits for that, which is coming in or has ended as its stage says,
 * or a record that nothing waits for.
 */
export type Entry = Item | StoreRecord;

/** What is on its way to a store. */
export class Journal {
  #open: Entry[] = [];
  #batch: readonly Entry[] = []; // On its way; empty if none is.
  #retryAt: number | undefined;

  /** How much waits or is on its way. */
  get length(): number {
    return this.#open.length + this.#batch.length;
  }

  /** When to try the store again that has failed; undefined if it has not. */
  get deadline(): number | undefined {
    return this.#retryAt;
  }

  /** Adds what is to be stored. */
  add(entry: Entry): void {
    this.#open.push(entry);
  }

  /** The batch that goes to the store now, if there is one and none is on its way. */
  next(now: number): readonly Entry[] | undefined {
    if (this.#retryAt !== undefined && now < this.#retryAt) return undefined;
    this.#retryAt = undefined;
    if (this.#batch.length > 0 || this.#open.length === 0) return undefined;
    this.#batch = this.#open;
    this.#open = [];
    return this.#batch;
  }

  /** The batch has been stored. Answers with it: items in it have waited for that. */
  stored(): readonly Entry[] {
    const entries = this.#batch;
    this.#batch = [];
    return entries;
  }

  /**
   * The batch could not be stored, and some of it may have been. Items on their way in are refused, and answered
   * with; all else is tried again at `retryAt`.
   */
  failed(retryAt: number): readonly Item[] {
    const refused: Item[] = [];
    const again: Entry[] = [];
    for (const entry of this.#batch) {
      if (entry instanceof Item && entry.stage === 'storing') refused.push(entry);
      else again.push(entry);
    }
    this.#open = [...again, ...this.#open];
    this.#batch = [];
    this.#retryAt = retryAt;
    return refused;
  }
}
