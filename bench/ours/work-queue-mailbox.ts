/**
 * Mailbox: values that are put in when they are due, taken out by whoever iterates. A source for `fanOut`.
 */
import { Fifo } from 'brokerless/kit';

/** A source for one reader, as long as nobody ends it. */
export class Mailbox<T> implements AsyncIterable<T> {
  readonly #waiting = new Fifo<T>();
  #isOver = false;
  #wake: (() => void) | undefined;

  /** Puts a value in, and waits for nobody. */
  put(value: T): void {
    this.#waiting.push(value);
    this.#wake?.();
  }

  /** There will be no more. */
  end(): void {
    this.#isOver = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    for (;;) {
      const value = this.#waiting.shift();
      if (value !== undefined) yield value;
      else if (this.#isOver) return;
      else await this.#next();
    }
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
