/**
 * Sessions: the producers of a queue through all of their connections, and what they have yet to hear.
 *
 * A producer whose connection was lost comes back as the same, and sends again what has not been answered. What
 * it had sent before is known by its number and not taken on twice.
 *
 * Pure: time is an argument, in milliseconds.
 */
import { ListWriter, NumberMap, send } from 'brokerless/kit';
import type { QueueAct } from './acts-rules.ts';
import { LIST_BYTES } from './messages.ts';

/** A producer. */
export interface Session {
  /** What it calls itself, through all of its connections. */
  readonly name: string;
  /** Its connection at present; undefined if it has none. */
  peer: string | undefined;
  /** When it was last there. */
  seenAt: number;
  /** It knows what has become of all its items before this one. */
  known: number;
  /** Its items from there on: under which numbers they are here. 0 while one is not stored yet. */
  readonly items: NumberMap<number>;
  /** What is being said to it in this turn. */
  saying: Saying | undefined;
}

/** What is being said to a producer. */
type Word = 'accepted' | 'refused' | 'outcome';

/** The lists in which it is said, and by which connection. */
type Saying = { readonly peer: string } & { [Each in Word]?: ListWriter | undefined };

// In this order: nobody knows the number of an item that has ended before it is said to be accepted.
const order: readonly Word[] = ['accepted', 'refused', 'outcome'];

/** How many producers there are, and for how long those are remembered that are not there. */
export interface SessionsOptions {
  /** How many there may be. */
  readonly maxProducers: number;
  /** For how long one is remembered that is not connected, in milliseconds. */
  readonly sessionMs: number;
}

/** The producers of a queue. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #sessions = new Map<string, Session>();
  readonly #peers = new Map<string, Session>();
  #saying: Saying[] = []; // In this turn; what was too long for one message, in several.
  readonly #speakers = new Set<Session>(); // Those to whom it is said.

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** How many are known. */
  get size(): number {
    return this.#sessions.size;
  }

  /** How many are connected. */
  get connected(): number {
    return this.#peers.size;
  }

  /** The connections there are. */
  peers(): IterableIterator<string> {
    return this.#peers.keys();
  }

  /** The producer of this name. */
  get(name: string): Session | undefined {
    return this.#sessions.get(name);
  }

  /** The producer at this connection. */
  at(peer: string): Session | undefined {
    return this.#peers.get(peer);
  }

  /** A producer is here. Undefined if there are too many. */
  arrive(name: string, peer: string, now: number): Session | undefined {
    const session = this.#sessions.get(name) ?? this.remember(name, now);
    if (session === undefined) return undefined;
    if (session.peer !== undefined) this.#peers.delete(session.peer);
    const before = this.#peers.get(peer);
    if (before !== undefined) before.peer = undefined;
    session.peer = peer;
    session.seenAt = now;
    this.#peers.set(peer, session);
    return session;
  }

  /** A producer that is not here has items here. Undefined if there are too many. */
  remember(name: string, now: number): Session | undefined {
    const known = this.#sessions.get(name);
    if (known !== undefined) return known;
    if (this.#sessions.size >= this.#options.maxProducers && !this.#makeRoom()) return undefined;
    const session: Session = {
      name,
      peer: undefined,
      seenAt: now,
      known: 1,
      items: new NumberMap<number>(),
      saying: undefined,
    };
    this.#sessions.set(name, session);
    return session;
  }

  /** Forgets somebody who is not here and has nothing here. Whether there was anybody. */
  #makeRoom(): boolean {
    for (const { name, peer, items } of this.#sessions.values()) {
      if (peer === undefined && items.size === 0) return this.#sessions.delete(name);
    }
    return false;
  }

  /** A producer knows what has become of all its items before this one. */
  settle(session: Session, known: number): void {
    const { items } = session;
    const before = session.known;
    if (known <= before) return;
    session.known = known;
    if (known - before < 2 * items.size) {
      for (let seq = before; seq < known; seq += 1) items.delete(seq);
    } else for (const [seq] of items.entries()) if (seq < known) items.delete(seq);
  }

  /** A connection has ended. */
  leave(peer: string, now: number): void {
    const session = this.#peers.get(peer);
    if (session === undefined) return;
    this.#peers.delete(peer);
    session.peer = undefined;
    session.seenAt = now;
  }

  /** A producer will not come back. */
  forget({ name, peer }: Session): void {
    this.#sessions.delete(name);
    if (peer !== undefined) this.#peers.delete(peer);
  }

  /** Forgets those who have been away for too long. */
  tick(now: number): void {
    for (const session of this.#sessions.values()) {
      if (session.peer !== undefined) continue;
      if (now - session.seenAt >= this.#options.sessionMs) this.#sessions.delete(session.name);
    }
  }

  /** The list in which something is said to a producer; undefined if it is not there. */
  tell(session: Session | undefined, word: Word): ListWriter | undefined {
    const peer = session?.peer;
    if (session === undefined || peer === undefined) return undefined;
    let saying = session.saying;
    if (saying?.peer !== peer || isLong(saying[word])) {
      saying = { peer };
      session.saying = saying;
      this.#saying.push(saying);
      this.#speakers.add(session);
    }
    return (saying[word] ??= new ListWriter(word));
  }

  /** Has said what there is to say. */
  flush(out: QueueAct[]): void {
    if (this.#saying.length === 0) return;
    for (const { peer, ...lists } of this.#saying) {
      for (const word of order) {
        const list = lists[word];
        if (list !== undefined) out.push(send('producers', { peer, value: [list.done()] }));
      }
    }
    for (const session of this.#speakers) session.saying = undefined;
    this.#saying = [];
    this.#speakers.clear();
  }
}

function isLong(list: ListWriter | undefined): boolean {
  return list !== undefined && list.bytes >= LIST_BYTES;
}
