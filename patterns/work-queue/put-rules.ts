/**
 * Put: an item on its way to a queue, and what is told of it.
 */
import type { Action, Frames } from 'brokerless/kit';
import type { LinkOptions } from './link-rules.ts';
import type { KnownStatus } from './messages.ts';

/** What the rules of a producer are told at the start. */
export interface ProducerRulesOptions extends LinkOptions {
  /** What it calls itself, through all of its connections. */
  readonly session: string;
  /** How many items may wait to be accepted. */
  readonly maxUnanswered: number;
}

/** An item on its way to a queue. */
export interface Put {
  /** The item. */
  readonly body: Uint8Array;
  /** What is asked of it, as it travels; undefined for nothing. */
  readonly wishes: Uint8Array | undefined;
  /** Whether its end is to be told without being asked for. */
  readonly isFollowed: boolean;
}

/** How an item has ended, as it was told. */
export interface Ended {
  /** Its number. */
  readonly n: number;
  /** How. */
  readonly status: KnownStatus;
  /** How often it was given to a worker. */
  readonly attempts: number;
  /** The result, or what went wrong. */
  readonly body: Uint8Array;
  /** Whether it is this producer's, which had wished to hear of it. */
  readonly isOwn: boolean;
}

/** What the rules tell. */
export type ProducerTold =
  | { readonly kind: 'accepted'; readonly seq: number; readonly n: number }
  | {
      readonly kind: 'refused';
      readonly seq: number;
      readonly code: string;
      readonly reason: string;
    }
  | { readonly kind: 'ended'; readonly epoch: string; readonly ends: readonly Ended[] }
  | { readonly kind: 'unknown'; readonly id: string }
  | { readonly kind: 'room' }
  | { readonly kind: 'version'; readonly theirs: number };

/** What the rules of a producer have done. */
export type ProducerAct = Action<'queue', Frames, ProducerTold>;
