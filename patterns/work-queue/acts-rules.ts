/**
 * Acts: what the rules of a queue can have done, and where.
 */
import type { Action, PeerMessage } from 'brokerless/kit';
import type { Item, StoreRecord } from './item-rules.ts';

/** Where a queue's peers are: whoever puts items in, the workers, and the store. */
export type QueuePort = 'producers' | 'source' | 'workers' | 'store';

/** What goes out by these ports. */
export type QueueMessage = PeerMessage | readonly StoreRecord[];

/**
 * Why a worker is no longer one: `'silent'` for too long, its connection has `'gone'`, it takes `'nothing'`
 * it is sent, it was `'restarted'` on the same connection, or it has `'left'` as it said it would.
 */
export type WorkerLoss = 'silent' | 'gone' | 'nothing' | 'restarted' | 'left';

/** What a queue tells of its workers and its items. */
export type QueueTold =
  | { readonly kind: 'join'; readonly worker: string }
  | { readonly kind: 'lost'; readonly worker: string; readonly reason: WorkerLoss }
  | { readonly kind: 'ended'; readonly items: readonly Item[] }
  | { readonly kind: 'resent'; readonly letter: number; readonly as: number }
  | { readonly kind: 'not resent'; readonly letter: number; readonly error: unknown }
  | { readonly kind: 'finished' };

/** What the rules of a queue have done. */
export type QueueAct = Action<QueuePort, QueueMessage, QueueTold>;

/** What a store answers, once for each batch of records. */
export type StoreAnswer =
  | { readonly kind: 'stored' }
  | { readonly kind: 'failed'; readonly error: unknown };
