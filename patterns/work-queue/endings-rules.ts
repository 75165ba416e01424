/**
 * Endings: how items have ended, and the producers who wait to hear of that.
 *
 * Pure: time is an argument, in milliseconds.
 */
import type { Ending, Item, Source } from './item-rules.ts';
import type { KnownStatus } from './messages.ts';
import { type Result, Results, type ResultsOptions } from './results-rules.ts';
import type { Session, Sessions } from './sessions-rules.ts';

type Outcome = Omit<Result, 'status' | 'at'> & { readonly status: KnownStatus };

const UNKNOWN: Outcome = { status: 'lost', attempts: 0, body: new Uint8Array(0) };

/** Tells who waits for it how an item has ended. */
export class Endings {
  /** How the last items have ended. */
  readonly results: Results;
  readonly #sessions: Sessions;
  readonly #followers = new Map<number, Set<string>>(); // Who waits for an end, besides its own producer.

  constructor(options: ResultsOptions, sessions: Sessions) {
    this.results = new Results(options);
    this.#sessions = sessions;
  }

  /** An item has ended. */
  ended({ n, attempts, owner }: Item, { status, body }: Ending, now: number): void {
    const result = { status, body, attempts, at: now };
    const source = owner as Source | undefined;
    const followers = this.#followers.get(n);
    this.results.add(n, result);
    const isTold = source !== undefined && followers?.has(source.session) === true; // Below.
    if (source?.outcome === true && !isTold)
      this.#say(this.#sessions.get(source.session), n, result);
    if (followers === undefined) return;
    this.#followers.delete(n);
    for (const name of followers) this.#say(this.#sessions.get(name), n, result);
  }

  /** A producer wants to know how an item ends, or has ended. `item` is undefined if it is not here. */
  ask(session: Session, n: number, item: Item | undefined, now: number): void {
    const result = this.results.get(n, now);
    if (result !== undefined) this.#say(session, n, result);
    else if (item === undefined || item.stage === 'over') this.#say(session, n, UNKNOWN);
    else this.#follow(session, n);
  }

  /** An item was not taken on. */
  forget(n: number): void {
    this.#followers.delete(n);
  }

  #follow({ name }: Session, n: number): void {
    const followers = this.#followers.get(n);
    if (followers === undefined) this.#followers.set(n, new Set([name]));
    else followers.add(name);
  }

  #say(session: Session | undefined, n: number, { status, attempts, body }: Outcome): void {
    this.#sessions.tell(session, 'outcome')?.uint(n).text(status).uint(attempts).binary(body);
  }
}
