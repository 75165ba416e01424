/**
 * Backlog: where items wait: for a time, for their turn among those of their key, or for a worker.
 *
 * Pure: time is an argument, in milliseconds.
 */
import { Agenda, Fifo } from 'brokerless/kit';
import type { Item } from './item-rules.ts';
import { Line } from './line-rules.ts';
import { Turns } from './turns-rules.ts';

/** The items that wait. */
export class Backlog {
  readonly #line = new Line();
  readonly #suspects = new Fifo<Item>(); // For a worker of their own: others were lost that held them.
  readonly #agenda = new Agenda<Item>(); // For a time: to begin, or to expire.
  readonly #turns = new Turns();
  #suspected = 0; // Of the suspects: those that have not ended meanwhile.

  /** How many are ready for any worker. */
  get ready(): number {
    return this.#line.length;
  }

  /** How many are ready for a worker of their own. */
  get suspects(): number {
    return this.#suspected;
  }

  /** How many keys there are. */
  get keys(): number {
    return this.#turns.size;
  }

  /** When the one that has been ready for longest became so; undefined if none is. */
  get oldestAt(): number | undefined {
    const line = this.#line.oldestAt;
    while (this.#suspects.length > 0 && this.#suspects.peek()?.stage !== 'ready') {
      this.#suspects.shift();
    }
    const suspect = this.#suspects.peek()?.readyAt;
    return line === undefined || suspect === undefined
      ? (line ?? suspect)
      : Math.min(line, suspect);
  }

  /** When {@link tick} is next due; Infinity if never. */
  get deadline(): number {
    return this.#agenda.deadline ?? Number.POSITIVE_INFINITY;
  }

  /** An item comes in. */
  enter(item: Item, now: number): void {
    if (item.order.notBefore > now) this.delay(item, item.order.notBefore);
    else this.#begin(item, now);
  }

  /** An item waits until a time. */
  delay(item: Item, until: number): void {
    item.stage = 'delayed';
    this.#agenda.put(item, Math.min(until, item.order.expiresAt));
  }

  /** An item comes back that a worker had. It goes before others, or waits for a worker of its own. */
  putBack(item: Item, now: number): void {
    item.stage = 'ready';
    if (!item.isSuspect) {
      this.#line.putBack(item);
      return;
    }
    item.readyAt = now;
    this.#suspects.push(item);
    this.#suspected += 1;
  }

  /** The item whose turn it is to be given to any worker. */
  next(): Item | undefined {
    return this.#line.shift();
  }

  /** The item whose turn it is to be given to a worker of its own. */
  nextSuspect(): Item | undefined {
    for (;;) {
      const item = this.#suspects.shift();
      if (item === undefined) return undefined;
      if (item.stage !== 'ready') continue;
      this.#suspected -= 1;
      return item;
    }
  }

  /** An item is about to end: it waits no longer. Its stage still says where it was. */
  leave(item: Item): void {
    this.#agenda.remove(item);
    if (item.stage !== 'ready') return;
    if (item.isSuspect) this.#suspected -= 1;
    else this.#line.leave();
  }

  /** Nobody works on an item any more: the next one of its key may begin. */
  release(item: Item): void {
    const { key } = item.order;
    const next = key === undefined ? undefined : this.#turns.leave(item, key);
    if (next !== undefined) this.#lineUp(next);
  }

  /** Has begin what has waited for its time, and answers with those that nobody wants any more. */
  tick(now: number): readonly Item[] {
    const expired: Item[] = [];
    for (let item = this.#agenda.shift(now); item !== undefined; item = this.#agenda.shift(now)) {
      if (item.order.expiresAt <= now) expired.push(item);
      else this.#begin(item, now);
    }
    return expired;
  }

  #begin(item: Item, now: number): void {
    const { key, expiresAt } = item.order;
    item.readyAt = now;
    if (expiresAt < Number.POSITIVE_INFINITY) this.#agenda.put(item, expiresAt);
    if (key === undefined || this.#turns.enter(item, key)) this.#lineUp(item);
    else item.stage = 'keyed';
  }

  #lineUp(item: Item): void {
    item.stage = 'ready';
    this.#line.push(item);
  }
}
