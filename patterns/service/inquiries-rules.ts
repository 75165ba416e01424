/**
 * Inquiries: what a client has asked servers about themselves. Pure.
 */
import { CallTable, type TimedCall } from 'brokerless/kit';
import type { Link } from './link-rules.ts';
import type { Question } from './messages.ts';

/** One question to one server. */
export interface Inquiry extends TimedCall {
  /** Who was asked. */
  readonly link: Link;
  /** What was asked. */
  readonly question: Question;
  /** Takes the answer, one item of CBOR, and when it came; or nothing, if there will be none. */
  readonly settle: (answer: Uint8Array | undefined, now: number) => void;
}

/** Those that have no answer yet. */
export class Inquiries {
  readonly #table = new CallTable<Inquiry>();

  /** When to look at them next; Infinity if never. */
  get deadline(): number {
    return this.#table.deadline;
  }

  /** One more. Returns it with its number. */
  begin(inquiry: Omit<Inquiry, 'number'>): Inquiry {
    const numbered = { ...inquiry, number: this.#table.nextNumber() };
    this.#table.put(numbered);
    return numbered;
  }

  /** A server answers. What nobody asked, or waits for no longer, is passed over. */
  answer(link: Link, number: number, answer: Uint8Array, now: number): boolean {
    const inquiry = this.#table.get(number);
    if (inquiry === undefined || inquiry.link !== link) return false;
    this.#end(inquiry, answer, now);
    return true;
  }

  /** The connection to a server has ended. */
  lose(link: Link, now: number): void {
    for (const inquiry of this.#table.all()) {
      if (inquiry.link === link) this.#end(inquiry, undefined, now);
    }
  }

  /** Nobody waits longer than wanted. */
  wake(now: number): void {
    this.#table.wake(now, (inquiry) => this.#end(inquiry, undefined, now));
  }

  /** None will be answered. */
  clear(now: number): void {
    for (const inquiry of this.#table.clear()) inquiry.settle(undefined, now);
  }

  #end(inquiry: Inquiry, answer: Uint8Array | undefined, now: number): void {
    this.#table.remove(inquiry);
    inquiry.settle(answer, now);
  }
}
