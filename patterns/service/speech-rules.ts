/**
 * Speech: what a server says to its clients of what they have asked. Pure.
 */
import { entry, type Letter, type Refusal } from './messages.ts';
import type { Answer } from './replies-rules.ts';
import type { Served } from './served-rules.ts';
import { type Said, type Sessions, say } from './sessions-rules.ts';

/** Says things, and counts them. What fills a message is returned, to leave at once. */
export class Speech {
  /** Answers and values of streams that were given. */
  sent = 0;
  readonly #sessions: Sessions;

  constructor(sessions: Sessions) {
    this.#sessions = sessions;
  }

  /** How it has ended. */
  answer(served: Served, { kind, body }: Answer, now: number): readonly Said[] {
    if (!this.#ends(served)) return NOTHING;
    this.sent += 1;
    const letter = this.#letterFor(served, now);
    letter.add(kind).uint(served.came.number).item(body);
    return this.#whenFull(served, letter);
  }

  /** It was not carried out. */
  refuse(served: Served, refusal: Refusal, reason: string, now: number): readonly Said[] {
    if (!this.#ends(served)) return NOTHING;
    const letter = this.#letterFor(served, now);
    letter.add(entry.refused).uint(served.came.number).text(refusal).text(reason);
    return this.#whenFull(served, letter);
  }

  /** Its stream has ended. */
  end(served: Served, now: number): void {
    if (!this.#ends(served)) return;
    const letter = this.#letterFor(served, now);
    letter.add(entry.end).uint(served.came.number).uint(served.given);
  }

  /** Its stream gives a value. */
  item(served: Served, item: Uint8Array, now: number): readonly Said[] {
    if (!served.isWanted) return NOTHING;
    this.sent += 1;
    const letter = this.#letterFor(served, now);
    letter.add(entry.item).uint(served.came.number).uint(served.given).item(item);
    served.given += 1;
    return this.#whenFull(served, letter);
  }

  /** It has begun. */
  begun(served: Served, now: number): void {
    if (served.came.kind === 'event') return;
    this.#letterFor(served, now).add(entry.begun).uint(served.came.number);
  }

  /** Whether somebody is to be told of its end; nobody is told twice. */
  #ends(served: Served): boolean {
    const { session, number, kind } = served.came;
    if (!served.isWanted || kind === 'event') return false;
    session.asked.delete(number);
    return true;
  }

  #letterFor({ came }: Served, now: number): Letter {
    return this.#sessions.letterTo(came.session, now);
  }

  #whenFull({ came }: Served, letter: Letter): readonly Said[] {
    const { session } = came;
    return letter.isFull ? [say(session.peer, session.take())] : NOTHING;
  }
}

const NOTHING: readonly never[] = [];
