/**
 * Item: a piece of work from the moment it is taken on to the moment it has ended.
 *
 *     storing ──▶ delayed ──▶ keyed ──▶ ready ──▶ held ──▶ ending ──▶ over
 *                    ▲                    ▲         │
 *                    └──── tried, failed ─┴── back ─┘
 *
 * Pure: time is an argument, in milliseconds.
 */
import type { Due } from 'brokerless/kit';
import type { Hand } from './hands-rules.ts';
import type { Letter } from './letters-rules.ts';
import type { Status, Wishes } from './messages.ts';

/** Where an item is. */
export type Stage = 'storing' | 'delayed' | 'keyed' | 'ready' | 'held' | 'ending' | 'over';

/** What is asked of an item. Most ask for nothing: they share one of these. */
export interface Order {
  /** The greater goes first. */
  readonly priority: number;
  /** Items with the same key are done one after the other. */
  readonly key: string | undefined;
  /** Whether an item with the same key that is not long past is this one. */
  readonly isUnique: boolean;
  /** How often it may be given to a worker. */
  readonly maxAttempts: number;
  /** When it may first be given to one. */
  readonly notBefore: number;
  /** When nobody wants it any more; Infinity for never. */
  readonly expiresAt: number;
}

// Each attempt is kept in the history, and the wish is anybody's.
const MOST_ATTEMPTS = 60_000;

/** The order that a producer's wishes amount to. */
export function orderOf(wishes: Wishes, maxAttempts: number, now: number): Order {
  const { key, unique, priority, deadlineMs, delayMs } = wishes;
  return {
    priority: priority ?? 0,
    key: key ?? undefined,
    isUnique: unique ?? false,
    maxAttempts: Math.min(MOST_ATTEMPTS, wishes.maxAttempts ?? maxAttempts),
    notBefore: delayMs ? now + delayMs : 0,
    expiresAt: now + (deadlineMs ?? Number.POSITIVE_INFINITY),
  };
}

/** An attempt that came to nothing. */
export interface Attempt {
  /** Which it was, from 1. */
  readonly attempt: number;
  /** Why: what the handler threw, or what became of the worker. */
  readonly reason: string;
}

/** How an item has ended. */
export interface Ending {
  /** In which of the ways there are. */
  readonly status: Status;
  /** The result, or what went wrong; empty if there is neither. */
  readonly body: Uint8Array;
}

/** A piece of work. */
export class Item implements Due {
  /** Its number: no other item of this queue has the same. */
  readonly n: number;
  /** What is to be done, which the queue never looks into. */
  readonly body: Uint8Array;
  /** What is asked of it. */
  readonly order: Order;
  /** Whose it is: whatever whoever put it in wants to find again. */
  readonly owner: unknown;
  /** When it was put in. */
  readonly since: number;
  /** Where it is. */
  stage: Stage = 'storing';
  /** How often it has been given to a worker. */
  attempts = 0;
  /** When it last became ready. */
  readyAt = 0;
  /** Who holds it; also while it is ending, if nobody waits for that worker any more. */
  hand: Hand | undefined;
  /** Where it stands among the items of that one. */
  seat = -1;
  /** What came of earlier attempts. */
  history: Attempt[] | undefined;
  /** Whether a worker was lost while it held it, for which it may be the reason. */
  isSuspect = false;
  /** How it has ended. */
  ending: Ending | undefined;
  /** The dead letter that it takes the place of, once it has been taken on. */
  replaces: Letter | undefined;
  dueAt = 0;
  place = -1;

  constructor(n: number, body: Uint8Array, order: Order, owner: unknown, since: number) {
    this.n = n;
    this.body = body;
    this.order = order;
    this.owner = owner;
    this.since = since;
  }
}

/** Notes what came of an attempt. */
export function remember(item: Item, reason: string): void {
  (item.history ??= []).push({ attempt: item.attempts, reason });
}

/** Whoever puts items in. */
export interface Owner {
  /** Which producer has put an item in, for the store to keep; undefined if nobody will ask. */
  sourceOf?(item: Item): Source | undefined;
  /** The store has an item: it will be done. */
  accepted?(item: Item): void;
  /** The store does not have it, or not for certain. */
  notAccepted?(item: Item, error: unknown): void;
  /** An item has ended, and the store has that. */
  ended(item: Item, ending: Ending, now: number): void;
}

/** How items have ended: as many as were accepted and are not here any more. */
export type Ends = Record<Status, number>;

/** Which producer has put an item in, and which of its items it is. */
export interface Source {
  /** The producer, through all of its connections. */
  readonly session: string;
  /** The item, counted from 1. */
  readonly seq: number;
  /** Whether it waits to hear how the item ends. */
  readonly outcome?: boolean | undefined;
}

/** What a store is given to keep: all that is needed to go on after an end that nobody wanted. */
export type StoreRecord =
  /** The name of the queue, by which its items are called. The first of all records. */
  | { readonly kind: 'epoch'; readonly epoch: string }
  /** An item has been taken on. Times are those of the world's clock, not of a process. */
  | {
      readonly kind: 'put';
      readonly n: number;
      readonly body: Uint8Array;
      readonly at: number;
      readonly order: Order;
      readonly from?: Source | undefined;
    }
  /** An attempt has come to nothing. */
  | {
      readonly kind: 'tried';
      readonly n: number;
      readonly attempt: number;
      readonly reason: string;
    }
  /** An item has ended. One that has `failed` is kept as a dead letter. */
  | { readonly kind: 'end'; readonly n: number; readonly status: Status; readonly at: number }
  /** A dead letter is kept no longer. */
  | { readonly kind: 'drop'; readonly n: number };
