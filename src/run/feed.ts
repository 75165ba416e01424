/**
 * Feed: hands what a pattern tells over to the application, as an async iterable.
 */
import { Fifo } from '../rules/fifo.ts';
import { iterate } from './iterate.ts';
import type { Waiter } from './wait.ts';

interface Reader<T> extends Waiter<IteratorResult<T, undefined>> {
  readonly iteration: object | undefined;
}

/**
 * A queue between one who puts and those who take. It does not bound itself: whoever puts must look at
 * {@link depth} and hold back.
 */
export class Feed<T> implements AsyncIterable<T, undefined> {
  readonly #items = new Fifo<T>();
  readonly #readers = new Fifo<Reader<T>>();
  readonly #onTake: () => void;
  #outcome: { readonly error?: unknown } | undefined; // How it ended, once it has.

  /** @param onTake Called after each item that the application has taken. */
  constructor(onTake: () => void = () => {}) {
    this.#onTake = onTake;
  }

  /** How many items wait to be taken. */
  get depth(): number {
    return this.#items.length;
  }

  /** Puts an item at the end. After the end nothing is added. */
  put(item: T): void {
    if (this.#outcome !== undefined) return;
    this.#items.push(item);
    this.#serve();
  }

  /** Ends the iteration after what is already in it; with an error if one is given. */
  end(outcome: { readonly error?: unknown } = {}): void {
    this.#outcome ??= outcome;
    this.#serve();
  }

  /** The items in order. Several iterations at once share them. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined> {
    return iterate(this);
  }

  /** The next item, or the end. Names the iteration that asks, if one does, so that it can leave. */
  next(iteration?: object): Promise<IteratorResult<T, undefined>> {
    if (this.#items.length > 0) {
      const taken = Promise.resolve({ value: this.#items.shift() as T, done: false as const });
      this.#onTake();
      return taken;
    }
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject, iteration });
      this.#serve();
    });
  }

  /** Ends the waits of an iteration that nobody follows any more: they would swallow items. */
  leave(iteration: object): void {
    for (const reader of this.#readers) {
      if (reader.iteration !== iteration) continue;
      this.#readers.remove(reader);
      reader.resolve({ value: undefined, done: true });
    }
  }

  #serve(): void {
    while (this.#readers.length > 0) {
      if (this.#items.length > 0) {
        const value = this.#items.shift() as T;
        this.#readers.shift()?.resolve({ value, done: false });
        this.#onTake();
      } else if (this.#outcome === undefined) {
        return;
      } else {
        this.#finish(this.#readers.shift(), this.#outcome);
      }
    }
  }

  // The error is given once, to the first who asks; after it the iteration is simply over.
  #finish(reader: Reader<T> | undefined, outcome: { readonly error?: unknown }): void {
    this.#outcome = {};
    if ('error' in outcome) reader?.reject(outcome.error);
    else reader?.resolve({ value: undefined, done: true });
  }
}
