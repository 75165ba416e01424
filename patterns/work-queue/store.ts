/**
 * Store: where a queue keeps what it must not forget. An item is accepted when the store has it.
 */
import type { StoreRecord } from './item-rules.ts';

/**
 * A store. What it must do:
 *
 * - `load` gives all records that were appended, the oldest first; those of ended items may be left out.
 * - `append` resolves when all records of the batch are kept, as safely as the store promises. It is not called
 *   again before it has settled.
 * - A batch of which `append` has rejected, or that was under way when the process died, may have been kept in
 *   part: some records from its beginning, each of them whole.
 * - Records are values of their own: a store neither changes them nor hands out what the queue may change.
 */
export interface Store {
  /** Gives what is kept, the oldest first. Called once, before all else. */
  load(): Iterable<StoreRecord> | AsyncIterable<StoreRecord>;
  /** Keeps a batch of records. Rejects if it cannot; then items on their way in are refused. */
  append(records: readonly StoreRecord[]): Promise<void>;
  /** The queue is closed: nothing more will be appended. */
  close?(): Promise<void>;
}

const DONE = Promise.resolve();

/**
 * The memory of this process, which is all that is needed while the queue lives: it keeps nothing of its own, so
 * what the queue held is lost with the process.
 */
export class MemoryStore implements Store {
  load(): Iterable<StoreRecord> {
    return [];
  }

  append(): Promise<void> {
    return DONE;
  }
}
