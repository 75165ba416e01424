/**
 * A source that tests of functions over sources can look into: how often it was asked, and how it was left.
 */
import { type Deferred, deferred } from 'brokerless/kit';

type Answer<T> = Deferred<IteratorResult<T, undefined>>;

/** Gives what a test says, when it says so; or a list, at once. */
export class Watched<T> implements AsyncIterable<T, undefined>, AsyncIterator<T, undefined> {
  /** How often it was asked for an item. */
  asked = 0;
  /** How often it was left. */
  left = 0;
  /** How many asked at the same time, at most. */
  mostAtOnce = 0;
  /** What leaving it waits for. */
  leaving: Promise<unknown> = Promise.resolve();
  readonly #items: Iterator<T> | undefined;
  readonly #waiting: Answer<T>[] = [];

  /** @param items What it gives at once; left out, it gives what it is told to. */
  constructor(items?: Iterable<T>) {
    this.#items = items?.[Symbol.iterator]();
  }

  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return this;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    this.asked += 1;
    const answer: Answer<T> = deferred();
    this.#waiting.push(answer);
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#waiting.length);
    if (this.#items !== undefined) this.#answer(this.#items.next());
    return answer.promise;
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.left += 1;
    await this.leaving;
    return { value: undefined, done: true };
  }

  /** Answers whoever has asked with an item. */
  give(value: T): void {
    this.#answer({ value, done: false });
  }

  /** Answers whoever has asked that there is nothing more. */
  end(): void {
    this.#answer({ value: undefined, done: true });
  }

  /** Answers whoever has asked with an error. */
  fail(error: unknown): void {
    this.#first().reject(error);
  }

  #answer(result: IteratorResult<T, unknown>): void {
    const answer = this.#first();
    if (result.done === true) answer.resolve({ value: undefined, done: true });
    else answer.resolve(result);
  }

  #first(): Answer<T> {
    const answer = this.#waiting.shift();
    if (answer === undefined) throw new Error('nobody has asked');
    return answer;
  }
}

/** All that `source` gives, growing as it comes; `error` is what ended it, if it was one. */
export interface Followed<T> {
  readonly items: T[];
  readonly isOver: boolean;
  readonly error: unknown;
}

/** Reads a source to its end. */
export function follow<T>(source: AsyncIterable<T>): Followed<T> {
  const followed = { items: [] as T[], isOver: false, error: undefined as unknown };
  void (async () => {
    try {
      for await (const item of source) followed.items.push(item);
    } catch (error) {
      followed.error = error;
    }
    followed.isOver = true;
  })();
  return followed;
}

/** All that a source gives, as a list. */
export async function listOf<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}
