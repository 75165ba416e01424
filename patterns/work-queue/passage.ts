/**
 * Passage: an iteration on its way from a source to whoever reads it.
 *
 *     source ──▶ passage ──▶ for await
 *
 * It asks its source for an item when its reader asks for one, and never before. An async generator would be
 * shorter, but one that waits cannot be left: its `return` waits in line behind its `next`.
 */
import { Fifo } from 'brokerless/kit';

/** What an iteration says at its end. */
export const OVER: IteratorReturnResult<undefined> = { value: undefined, done: true };

/** The next item of the source, or its end. */
export type Pull<In> = () => Promise<IteratorResult<In, undefined>>;

/** Makes the next item, of as many as it pulls; or the end, which must be the source's own. */
export type Step<In, Out> = (pull: Pull<In>) => Promise<IteratorResult<Out, undefined>>;

/**
 * An iteration of a source that makes one step at a time, and that can be left at any moment: while the
 * source is asked, and while the step waits for something else.
 */
export class Passage<In, Out> implements AsyncIterableIterator<Out, undefined> {
  readonly #source: SourceIterator<In>;
  readonly #step: Step<In, Out>;
  readonly #onEnd: () => void;
  readonly #line = new Fifo<Reader<Out>>(); // Who asked for an item.
  #isStepping = false;
  #isPulling = false;
  #isSourceOver = false;
  #isOver = false;
  #failure: { readonly error: unknown } | undefined; // What the next reader is told.

  /** @param onEnd Called once, however it ends; it takes back what a step still waits for. */
  constructor(
    source: Iterable<In> | AsyncIterable<In>,
    step: Step<In, Out>,
    onEnd: () => void = () => {},
  ) {
    this.#source = iteratorOf(source);
    this.#step = step;
    this.#onEnd = onEnd;
  }

  /** Itself: an iteration has one reader. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Out, undefined> {
    return this;
  }

  next(): Promise<IteratorResult<Out, undefined>> {
    return new Promise((resolve, reject) => {
      this.#line.push({ resolve, reject });
      this.#serve();
    });
  }

  /** Ends it: whoever waits is told so at once, and what the source still gives is thrown away. */
  async return(): Promise<IteratorResult<Out, undefined>> {
    const closed = this.#close();
    this.#dismiss();
    await closed;
    return OVER;
  }

  /** Ends it with an error, which the reader who waits gets, or else the next one. */
  fail(reason: unknown): void {
    if (this.#isOver) return;
    this.#failure = { error: reason };
    this.#close().catch(() => {}); // What went wrong first is what is told.
    this.#dismiss();
  }

  #serve(): void {
    if (this.#isOver) this.#dismiss();
    if (this.#isStepping || this.#line.length === 0) return;
    this.#isStepping = true;
    this.#step(this.#pull).then(
      (result) => this.#give(result),
      (error: unknown) => this.#refuse(error),
    );
  }

  #give(result: IteratorResult<Out, undefined>): void {
    if (this.#isOver) return;
    this.#isStepping = false;
    this.#line.shift()?.resolve(result);
    if (result.done === true) void this.#close(); // The source has ended, so there is nothing to fail.
    this.#serve();
  }

  async #refuse(reason: unknown): Promise<void> {
    if (this.#isOver) return;
    const asked = this.#line.shift();
    await this.#close().catch(() => {}); // What went wrong first is what is told.
    asked?.reject(reason);
    this.#dismiss();
  }

  readonly #pull: Pull<In> = async () => {
    const result = this.#isOver ? OVER : await this.#ask();
    if (this.#isOver) await new Promise(() => {}); // A step that nobody waits for goes no further.
    return result;
  };

  async #ask(): Promise<IteratorResult<In, undefined>> {
    this.#isPulling = true;
    try {
      const result = await this.#source.next();
      if (result.done !== true) return result;
      this.#isSourceOver = true;
      return OVER;
    } catch (error) {
      this.#isSourceOver = true;
      throw error;
    } finally {
      this.#isPulling = false;
    }
  }

  /** Leaves the source, and waits for it unless it has an item to give first: that may be never. */
  async #close(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onEnd();
    if (this.#isSourceOver) return;
    const left = leave(this.#source);
    if (this.#isPulling) left.catch(() => {});
    else await left;
  }

  #dismiss(): void {
    for (let asked = this.#line.shift(); asked !== undefined; asked = this.#line.shift()) {
      if (this.#failure === undefined) asked.resolve(OVER);
      else asked.reject(this.#failure.error);
      this.#failure = undefined;
    }
  }
}

interface Reader<T> {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(error: unknown): void;
}

interface SourceIterator<T> {
  next(): Promise<IteratorResult<T, unknown>>;
  return?(): Promise<unknown>;
}

async function leave(source: SourceIterator<unknown>): Promise<void> {
  await source.return?.();
}

/** The iterator of any source. Promises in a plain one are awaited, as `for await` does. */
function iteratorOf<T>(source: Iterable<T> | AsyncIterable<T>): SourceIterator<T> {
  const later = (source as Partial<AsyncIterable<T>>)[Symbol.asyncIterator]?.();
  if (later !== undefined) return later;
  const iterator = (source as Iterable<T>)[Symbol.iterator]();
  return {
    next: async () => {
      const result = iterator.next();
      if (result.done === true) return result;
      try {
        return { value: await result.value, done: false };
      } catch (error) {
        iterator.return?.(); // It does not know that its promise was the last one wanted.
        throw error;
      }
    },
    return: async () => iterator.return?.(),
  };
}
