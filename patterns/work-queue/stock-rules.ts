/**
 * Stock: the items that are here, and those that are the same as one that came not long ago.
 *
 * Pure: time is an argument, in milliseconds.
 */
import { NumberMap } from 'brokerless/kit';
import { Item, type Order } from './item-rules.ts';
import type { QueueLimits } from './limits-rules.ts';

/** The items that have not ended. */
export class Stock {
  /** Bytes of the items. */
  bytes = 0;
  readonly #limits: QueueLimits;
  readonly #items = new NumberMap<Item>();
  readonly #abandoned = new Map<number, Item>(); // They have ended, and somebody still holds them.
  readonly #uniques = new Map<string, Item>(); // Those that are to be the only ones of their key, by that.
  readonly #past = new Map<string, Item>(); // The same, of those that have ended; the first to end first.

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  /** How many there are. */
  get size(): number {
    return this.#items.size;
  }

  /** Whether there is no room for more. */
  get isFull(): boolean {
    return this.#items.size >= this.#limits.maxItems || this.bytes >= this.#limits.maxBytes;
  }

  /** The item of this number. */
  get(n: number): Item | undefined {
    return this.#items.get(n);
  }

  /** The item of this number that somebody holds, whether it has ended or not. */
  held(n: number): Item | undefined {
    return this.#items.get(n) ?? (this.#abandoned.size > 0 ? this.#abandoned.get(n) : undefined);
  }

  /** Nobody holds an item any more. */
  release(item: Item): void {
    item.hand = undefined;
    if (this.#abandoned.size > 0) this.#abandoned.delete(item.n);
  }

  /** All of them, in the order in which they came. */
  all(): readonly Item[] {
    return this.#items.values();
  }

  /** The item that is this one already, if it is to be the only one of its key. */
  same({ key, isUnique }: Order, now: number): Item | undefined {
    if (!isUnique || key === undefined) return undefined;
    const past = this.#past.get(key);
    if (past === undefined || now - past.since < this.#limits.uniqueMs) {
      return this.#uniques.get(key) ?? past;
    }
    this.#past.delete(key);
    return this.#uniques.get(key);
  }

  /** An item is here. */
  add(item: Item): void {
    this.#items.set(item.n, item);
    this.bytes += item.body.length;
    const { key, isUnique } = item.order;
    if (!isUnique || key === undefined) return;
    this.#uniques.set(key, item);
    this.#past.delete(key);
  }

  /** An item has ended. For a while it is still known that it was here. */
  remove(item: Item): void {
    this.reject(item);
    const { key, isUnique } = item.order;
    if (!isUnique || key === undefined || this.#uniques.has(key)) return;
    this.#past.set(key, bodiless(item));
    if (this.#past.size <= this.#limits.maxUnique) return;
    const [first = key] = this.#past.keys();
    this.#past.delete(first);
  }

  /** An item was not taken on: the next one of its key is not the same. */
  reject(item: Item): void {
    const { key } = item.order;
    this.#items.delete(item.n);
    if (item.hand !== undefined) this.#abandoned.set(item.n, item);
    this.bytes -= item.body.length;
    if (key !== undefined && this.#uniques.get(key) === item) this.#uniques.delete(key);
  }
}

/** What is remembered of an item that has ended: nothing that could be large. */
function bodiless({ n, order, since }: Item): Item {
  const past = new Item(n, NOTHING, order, undefined, since);
  past.stage = 'over';
  return past;
}

const NOTHING = new Uint8Array(0);
