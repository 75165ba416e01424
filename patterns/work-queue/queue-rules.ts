/**
 * Queue rules: what becomes of each item, from the moment it is put in to the moment its end is known.
 *
 * An item is taken on when the store has it, and it has ended when the store has that. Whoever puts items in
 * hears of both. At any moment what has been taken on has ended, in one of five ways, or is still here.
 *
 * Pure: who the workers are, and what they say, is in workers-rules.ts.
 */
import { backoffMs, encodeFailure } from 'brokerless/kit';
import type { StoreAnswer } from './acts-rules.ts';
import { Backlog } from './backlog-rules.ts';
import {
  type Ending,
  type Ends,
  Item,
  type Order,
  type Owner,
  remember,
  type Source,
  type StoreRecord,
} from './item-rules.ts';
import { Journal } from './journal-rules.ts';
import { type Letter, Letters } from './letters-rules.ts';
import type { QueueLimits } from './limits-rules.ts';
import type { Status } from './messages.ts';
import { fromWorldTime, type Recovered, recordOf } from './recovery-rules.ts';
import { Stock } from './stock-rules.ts';

const STORE_RETRY_MS = 250;
const NOTHING = new Uint8Array(0);

/** The items of a queue. */
export class Queue {
  /** Items taken on. */
  accepted = 0;
  /** Those of them that have ended, and how. */
  readonly ends: Ends = { done: 0, failed: 0, discarded: 0, cancelled: 0, expired: 0 };
  /** Attempts made again because a handler threw. */
  retried = 0;
  /** Items given out again because their worker was lost. */
  redelivered = 0;
  /** Those that somebody holds and nobody wants any more, since this was last looked at. */
  unwanted: Item[] = [];
  /** The items that are here: on their way in, waiting, held, or on their way out. */
  readonly stock: Stock;
  /** Those that wait. */
  readonly backlog: Backlog = new Backlog();
  /** Those that nobody could do. */
  readonly letters: Letters;
  readonly #limits: QueueLimits;
  readonly #owner: Owner;
  readonly #journal = new Journal();
  readonly #ending: Item[] = []; // Those that have ended in this turn, if no store keeps that.
  #next = 1;
  #batchAt = 0; // When the batch that is on its way to the store went there.

  constructor(limits: QueueLimits, owner: Owner) {
    this.#limits = limits;
    this.#owner = owner;
    this.letters = new Letters(limits.maxDeadLetters, limits.maxBytes);
    this.stock = new Stock(limits);
  }

  /** When {@link tick} is next due; Infinity if never. */
  get deadline(): number {
    return Math.min(this.backlog.deadline, this.#journal.deadline ?? Number.POSITIVE_INFINITY);
  }

  /** Puts an item in. It is taken on when it has been stored. */
  put(body: Uint8Array, order: Order, owner: unknown, now: number, replaces?: Letter): Item {
    const item = new Item(this.#next, body, order, owner, now);
    item.replaces = replaces;
    this.#next += 1;
    this.stock.add(item);
    if (this.#limits.isForgetful === true) this.#accept(item, now);
    else this.#journal.add(item);
    return item;
  }

  /** Goes on with what a store had kept. Called once, before all else. */
  adopt({ epoch: known, items, letters, next }: Recovered, epoch: string, now: number): void {
    const { wallOffsetMs } = this.#limits;
    this.#next = next;
    if (known === undefined) this.#record({ kind: 'epoch', epoch });
    for (const kept of letters) this.#bury(fromWorldTime(kept, wallOffsetMs), kept.failedAt);
    for (const kept of items) {
      const item = fromWorldTime(kept, wallOffsetMs);
      const last = item.history?.at(-1);
      this.stock.add(item);
      // The last attempt was kept, and the end that came with it was not.
      if (last !== undefined && item.attempts >= item.order.maxAttempts) {
        const body = encodeFailure({ code: 'HANDLER_FAILED', message: last.reason });
        item.ending = { status: 'failed', body };
      }
      this.#accept(item, now);
    }
  }

  /** What is to be stored now, if anything is and the store is not at work. To be asked at the end of a turn. */
  toStore(now: number): readonly StoreRecord[] | undefined {
    if (this.#limits.isForgetful === true) {
      this.#batchAt = now;
      for (const item of this.#ending.splice(0)) this.#close(item, now);
      return undefined;
    }
    const { wallOffsetMs } = this.#limits;
    const sourceOf = (item: Item): Source | undefined => this.#owner.sourceOf?.(item);
    const batch = this.#journal.next(now);
    if (batch !== undefined) this.#batchAt = now;
    return batch?.map((entry) => recordOf(entry, sourceOf, now, wallOffsetMs));
  }

  /** The store has answered. What was on its way in when it failed is refused; the rest is tried again. */
  heard(answer: StoreAnswer, now: number): void {
    if (answer.kind === 'failed') {
      for (const item of this.#journal.failed(now + STORE_RETRY_MS))
        this.#reject(item, answer.error);
      return;
    }
    for (const entry of this.#journal.stored()) {
      if (!(entry instanceof Item)) continue;
      if (entry.stage === 'storing') this.#accept(entry, now);
      else this.#close(entry, now);
    }
  }

  /** Has happen what is due. */
  tick(now: number): void {
    for (const item of this.backlog.tick(now)) this.end(item, 'expired', NOTHING);
  }

  /** A worker gives an item back that it has not begun. */
  back(item: Item, now: number): void {
    item.hand = undefined;
    item.attempts -= 1;
    this.backlog.putBack(item, now);
  }

  /** An attempt has failed. */
  tried(item: Item, reason: string, body: Uint8Array, now: number): void {
    this.#note(item, reason);
    item.isSuspect = false;
    if (item.attempts >= item.order.maxAttempts) {
      this.end(item, 'failed', body);
      return;
    }
    this.retried += 1;
    item.hand = undefined;
    const { backoff, random } = this.#limits;
    this.backlog.delay(item, now + backoffMs(item.attempts, backoff, random()));
  }

  /** The worker that held an item has been lost, and nobody knows how far it had come. */
  lost(item: Item, reason: string, body: Uint8Array, now: number): void {
    this.#note(item, reason);
    item.isSuspect = true;
    item.hand = undefined;
    if (item.attempts >= item.order.maxAttempts) this.end(item, 'failed', body);
    else {
      this.redelivered += 1;
      this.backlog.putBack(item, now);
    }
  }

  /** Nobody wants the item of this number any more, or any at all. */
  cancelAll(n: number | undefined): void {
    const unwanted = n === undefined ? this.stock.all() : [this.stock.get(n)];
    for (const item of unwanted) if (item !== undefined) this.end(item, 'cancelled', NOTHING);
  }

  /** An item has ended, once the store has that. */
  end(item: Item, status: Status, body: Uint8Array): void {
    if (item.stage === 'ending' || item.stage === 'over') return;
    if (item.stage === 'storing') {
      item.ending ??= { status, body }; // As soon as it is stored.
      return;
    }
    this.backlog.leave(item);
    const isAbandoned = item.stage === 'held' && (status === 'cancelled' || status === 'expired');
    item.stage = 'ending';
    item.ending = { status, body };
    if (isAbandoned) this.unwanted.push(item);
    else this.release(item);
    if (this.#limits.isForgetful === true) this.#ending.push(item);
    else this.#journal.add(item);
  }

  /** Nobody works on an item any more: the next one of its key may begin. */
  release(item: Item): void {
    this.stock.release(item);
    this.backlog.release(item);
  }

  /** Puts a dead letter in again, as a new item. It is kept until that one is. */
  resend(n: number, now: number): void {
    const letter = this.letters.get(n);
    if (letter === undefined || letter.sentAs !== undefined) return;
    const { body, order, owner } = letter.item;
    const again = { ...order, isUnique: false, notBefore: 0, expiresAt: Infinity };
    letter.sentAs = this.put(body, again, owner, now, letter);
  }

  #reject(item: Item, error: unknown): void {
    item.stage = 'over';
    this.stock.reject(item);
    if (item.replaces !== undefined) item.replaces.sentAs = undefined;
    this.#owner.notAccepted?.(item, error);
  }

  #accept(item: Item, now: number): void {
    this.accepted += 1;
    this.#owner.accepted?.(item);
    const { ending, replaces } = item;
    if (replaces !== undefined) this.#drop(replaces.item.n);
    if (ending === undefined) {
      this.backlog.enter(item, now);
      return;
    }
    item.stage = 'delayed'; // It ends before it could begin.
    this.end(item, ending.status, ending.body);
  }

  #note(item: Item, reason: string): void {
    remember(item, reason);
    this.#record({ kind: 'tried', n: item.n, attempt: item.attempts, reason });
  }

  #close(item: Item, now: number): void {
    const ending = item.ending as Ending;
    item.stage = 'over';
    this.stock.remove(item);
    this.ends[ending.status] += 1;
    const failedAt = this.#batchAt + this.#limits.wallOffsetMs; // As the store has it.
    if (ending.status === 'failed') this.#bury(item, failedAt);
    this.#owner.ended(item, ending, now);
  }

  #bury(item: Item, failedAt: number): void {
    for (const gone of this.letters.add(item, failedAt)) this.#drop(gone);
  }

  #drop(n: number): void {
    this.letters.remove(n);
    this.#record({ kind: 'drop', n });
  }

  #record(record: StoreRecord): void {
    if (this.#limits.isForgetful !== true) this.#journal.add(record);
  }
}
