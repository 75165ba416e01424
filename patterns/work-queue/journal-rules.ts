/**
 * Journal: what waits to be stored, and what is to happen once it is. One batch is on its way to the store at a
 * time, and what comes meanwhile goes with the next: the slower the store, the larger the batches.
 *
 * Pure.
 */
import type { Item, StoreRecord } from './item-rules.ts';

/** A record, and the item whose next step waits for it; none waits for some. */
export interface Entry {
  /** What is to be stored. */
  readonly record: StoreRecord;
  /** What waits for it. */
  readonly item: Item | undefined;
}

/** Records on their way to a store. */
export class Journal {
  #open: Entry[] = [];
  #stored: readonly Entry[] = []; // On its way; empty if none is.
  #retryAt: number | undefined;

  /** How many records wait or are on their way. */
  get length(): number {
    return this.#open.length + this.#stored.length;
  }

  /** When to try the store again that has failed; undefined if it has not. */
  get deadline(): number | undefined {
    return this.#retryAt;
  }

  /** Adds a record. */
  add(record: StoreRecord, item?: Item): void {
    this.#open.push({ record, item });
  }

  /** The batch that goes to the store now, if there is one and none is on its way. */
  next(now: number): readonly StoreRecord[] | undefined {
    if (this.#stored.length > 0 || this.#open.length === 0) return undefined;
    if (this.#retryAt !== undefined && now < this.#retryAt) return undefined;
    this.#retryAt = undefined;
    this.#stored = this.#open;
    this.#open = [];
    return this.#stored.map(({ record }) => record);
  }

  /** The batch has been stored. Answers with it. */
  stored(): readonly Entry[] {
    const entries = this.#stored;
    this.#stored = [];
    return entries;
  }

  /**
   * The batch could not be stored, and some of it may have been. Items on their way in are refused, and answered
   * with; all else is tried again at `retryAt`.
   */
  failed(retryAt: number): readonly Entry[] {
    const isRefused = ({ record }: Entry): boolean => record.kind === 'put';
    const refused = this.#stored.filter(isRefused);
    this.#open = [...this.#stored.filter((entry) => !isRefused(entry)), ...this.#open];
    this.#stored = [];
    this.#retryAt = retryAt;
    return refused;
  }
}
