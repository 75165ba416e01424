/**
 * Fifo: a queue that stays quick when it is long. `Array.shift` moves all that is left.
 */

/** First in, first out. */
export class Fifo<T> {
  #items: (T | undefined)[] = [];
  #head = 0; // Items before it have been taken and are left undefined until half the array is.

  /** How many items wait. */
  get length(): number {
    return this.#items.length - this.#head;
  }

  /** Puts an item at the end. */
  push(item: T): void {
    this.#items.push(item);
  }

  /** Puts an item before all others. */
  unshift(item: T): void {
    if (this.#head === 0) this.#items.unshift(item);
    else {
      this.#head -= 1;
      this.#items[this.#head] = item;
    }
  }

  /** The item at the front, which stays there. */
  peek(): T | undefined {
    return this.#items[this.#head];
  }

  /** Takes the item at the front. */
  shift(): T | undefined {
    const item = this.#items[this.#head];
    if (this.#head === this.#items.length) return undefined;
    this.#items[this.#head] = undefined;
    this.#head += 1;
    if (this.#head > 32 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Takes all out. */
  clear(): void {
    this.#items = [];
    this.#head = 0;
  }

  /** Takes `item` out, wherever it stands. Returns whether it was there. */
  remove(item: T): boolean {
    const at = this.#items.indexOf(item, this.#head);
    if (at < 0) return false;
    this.#items.splice(at, 1);
    return true;
  }

  /** The items, first to last; they stay. */
  [Symbol.iterator](): Iterator<T> {
    return (this.#items.slice(this.#head) as T[])[Symbol.iterator]();
  }
}
