/**
 * Pause: stops reading a source and goes on later, whoever reads it.
 */
import { checkArgument, type Deferred, deferred, iterable } from 'brokerless/kit';
import { Passage } from './passage.ts';

/** A source that can be told to wait. It is iterated once; all its iterations are the same one. */
export interface Pausable<T> extends AsyncIterable<T, undefined> {
  /** Whether it is paused. */
  readonly isPaused: boolean;
  /**
   * Stops asking the source; an item it has been asked for already is still given. Pausing what is paused
   * changes nothing: one `resume()` ends it.
   */
  pause(): void;
  /** Goes on. */
  resume(): void;
}

/**
 * Gives the items of `source`, and none while it is paused. It can be left at any time, paused or not.
 *
 * @throws BrokerlessError `BAD_OPTION` if `source` cannot be iterated.
 */
export function pausable<T>(source: Iterable<T> | AsyncIterable<T>): Pausable<T> {
  checkArgument('pausable', 'source', source, iterable);
  let paused: Deferred<void> | undefined; // Resolves when it goes on.
  const passage = new Passage<T, T>(source, async (pull) => {
    while (paused !== undefined) await paused.promise;
    return pull();
  });
  return {
    get isPaused() {
      return paused !== undefined;
    },
    pause: () => {
      paused ??= deferred();
    },
    resume: () => {
      paused?.resolve();
      paused = undefined;
    },
    [Symbol.asyncIterator]: () => passage,
  };
}
