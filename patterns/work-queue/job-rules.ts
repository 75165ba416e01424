/**
 * Job: an item in the hands of a worker, and what is told of it.
 */
import type { Action, Frames } from 'brokerless/kit';

/** An item in hand. */
export interface Job {
  /** Its number. */
  readonly n: number;
  /** Which attempt this is, from 1. */
  readonly attempt: number;
  /** What is to be done. */
  readonly body: Uint8Array;
  /** The name of the queue that has given it. */
  readonly epoch: string;
  /** Whether the queue waits for it. */
  isWanted: boolean;
  /** Whether it has been begun. */
  isBegun: boolean;
  /** When, if it has. */
  begunAt: number;
  /** Where it stands among those that have been begun. */
  seat: number;
}

/** How a worker answers for an item. */
export type Answer = 'done' | 'failed' | 'discard';

/** What the rules tell: begin these, nobody waits for these any more, or that the worker is over. */
export type WorkerTold =
  | { readonly kind: 'begin'; readonly job: Job }
  | { readonly kind: 'stop'; readonly jobs: readonly Job[]; readonly reason: string }
  | { readonly kind: 'version'; readonly theirs: number }
  | { readonly kind: 'over' };

/** What the rules of a worker have done. */
export type WorkerAct = Action<'queue', Frames, WorkerTold>;
