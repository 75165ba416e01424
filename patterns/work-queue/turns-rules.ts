/**
 * Turns: items with the same key are done one after the other.
 *
 * Pure.
 */
import { Fifo } from 'brokerless/kit';
import type { Item } from './item-rules.ts';

/** Whose turn it is, among the items of each key. */
export class Turns {
  readonly #keys = new Map<string, { first: Item; readonly others: Fifo<Item> }>();

  /** How many keys there are. */
  get size(): number {
    return this.#keys.size;
  }

  /** An item lines up behind those of its key. Whether it is its turn. */
  enter(item: Item, key: string): boolean {
    const line = this.#keys.get(key);
    if (line === undefined) this.#keys.set(key, { first: item, others: new Fifo() });
    else if (line.first !== item) line.others.push(item);
    return line === undefined || line.first === item;
  }

  /** An item is over, or has left the line before its turn. Answers with the one whose turn it is now. */
  leave(item: Item, key: string): Item | undefined {
    const line = this.#keys.get(key);
    if (line?.first !== item) return undefined; // It is passed over when its turn comes.
    for (let next = line.others.shift(); next !== undefined; next = line.others.shift()) {
      if (next.stage !== 'keyed') continue;
      line.first = next;
      return next;
    }
    this.#keys.delete(key);
    return undefined;
  }
}
