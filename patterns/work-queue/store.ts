/**
 * Store: where a queue keeps what it must not forget. An item is accepted when the store has it.
 */
import type { StoreRecord } from './item-rules.ts';

/**
 * A store. What it must do, and what `storeConformance` looks for:
 *
 * - `load` gives all records that were appended, the oldest first: in this life of the store and in all before.
 * - `append` resolves when all records of the batch are kept, as safely as the store promises. It is not called
 *   again before it has settled.
 * - A batch of which `append` has rejected, or that was under way when the process died, may have been kept in
 *   part: some records from its beginning, each of them whole. What is appended after that is kept as ever.
 * - Records are values of their own: a store neither changes them nor hands out what the queue may change. Bytes,
 *   a Buffer or not, come back as bytes, Infinity as Infinity. What is undefined may be left out.
 *
 * A store must not grow for ever. `load` may leave out what nobody asks for any more: all records of an item that
 * ended more than {@link FORGET_AFTER_MS} ago, if it did not fail, or if it was dropped since. It must give the
 * first record, which is the name of the queue, and one of the greatest number: the next item has the next.
 */
export interface Store {
  /** Whether it keeps nothing. Then it is not asked to, and nothing waits for it. Default false. */
  readonly isForgetful?: boolean;
  /** Gives what is kept, the oldest first. Called once, before all else. */
  load(): Iterable<StoreRecord> | AsyncIterable<StoreRecord>;
  /** Keeps a batch of records. Rejects if it cannot; then items on their way in are refused. */
  append(records: readonly StoreRecord[]): Promise<void>;
  /**
   * The queue is closed: nothing more will be appended, and what is would be refused. Also called when `load` has
   * rejected, or the queue could not start. A batch may be under way: it is kept, or refused, before this resolves.
   */
  close?(): Promise<void>;
}

/** How long after its end an item may still be asked for by a producer that was away, in milliseconds. */
export const FORGET_AFTER_MS = 3_600_000;

const DONE = Promise.resolve();

/**
 * The memory of this process, which is all that is needed while the queue lives: it keeps nothing of its own, so
 * what the queue held is lost with the process. It is not asked for anything, so there is nothing to be gained by
 * extending it.
 */
export class MemoryStore implements Store {
  readonly isForgetful = true;

  load(): Iterable<StoreRecord> {
    return [];
  }

  append(): Promise<void> {
    return DONE;
  }
}
