/**
 * Iterate: an async iterator over something that hands out values one by one to whoever asks.
 */

/** What can be iterated: it knows who asks, so that who has left gets nothing more. */
export interface Source<T> {
  /** The next value, or the end. */
  next(iteration: object): Promise<IteratorResult<T, undefined>>;
  /** Ends the waits of an iteration. */
  leave(iteration: object): void;
}

/** One iteration. Leaving it ends it and not the source: the next one goes on where it stopped. */
export function iterate<T>(source: Source<T>): AsyncIterableIterator<T, undefined> {
  const over = { value: undefined, done: true } as const;
  let left = false;
  const iteration: AsyncIterableIterator<T, undefined> = {
    next: () => (left ? Promise.resolve(over) : source.next(iteration)),
    return: () => {
      left = true;
      source.leave(iteration);
      return Promise.resolve(over);
    },
    [Symbol.asyncIterator]: () => iteration,
  };
  return iteration;
}
