/**
 * Limits: what bounds a queue, and what it is told at the start besides.
 */
import type { BackoffOptions } from 'brokerless/kit';

/** What the rules of a queue are told at the start. */
export interface QueueLimits {
  /** How many unfinished items there may be. */
  readonly maxItems: number;
  /** How many bytes they may take together. */
  readonly maxBytes: number;
  /** For how long it is remembered that an item was put in as the only one of its key, in milliseconds. */
  readonly uniqueMs: number;
  /** Of how many items. */
  readonly maxUnique: number;
  /** How often an item may be given to a worker, unless it says so itself. */
  readonly maxAttempts: number;
  /** How the waits between attempts grow. */
  readonly backoff: BackoffOptions;
  /** How many dead letters are kept. */
  readonly maxDeadLetters: number;
  /** Whether the store keeps nothing, so that nothing has to wait for it. Default false. */
  readonly isForgetful?: boolean | undefined;
  /** What is to be added to the time to get that of the world's clock, which is what stores are told. */
  readonly wallOffsetMs: number;
  /** Gives numbers from 0 up to but not including 1. */
  readonly random: () => number;
}
