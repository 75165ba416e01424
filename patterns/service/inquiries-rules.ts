/**
 * Inquiries: what a client has asked servers about themselves. Pure.
 */
import { CallTable, type ListReader, type TimedCall } from 'brokerless/kit';
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
  /** Answers that came when nobody waited for them any more. */
  late = 0;
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

  /** A server answers. An answer that nobody has asked for, or waits for no longer, is late. */
  hear(link: Link, reader: ListReader, now: number): void {
    const number = reader.uint();
    const answer = reader.item();
    if (number === undefined || answer === undefined) return;
    const inquiry = this.#table.get(number);
    if (inquiry?.link === link) this.#end(inquiry, answer, now);
    else this.late += 1;
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
