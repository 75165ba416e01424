/**
 * Sessions: the clients of a server: who is there, who is still alive, and what is to be said to each. Pure.
 */
import { type Frames, Liveness, type PeerMessage, send } from 'brokerless/kit';
import { entry, type Letter } from './messages.ts';
import { Session, type SessionOptions } from './session-rules.ts';

/** What sessions are told at the start. */
export interface SessionsOptions extends SessionOptions {
  /** How often a server says that it is alive to a client that it says nothing else to, in milliseconds. */
  readonly heartbeatMs: number;
  /** How many beats a client may miss before it is lost. */
  readonly missesAllowed: number;
  /** How many there may be. */
  readonly maxClients: number;
}

/** Something that is sent to a client. */
export type Said = ReturnType<typeof send<'clients', PeerMessage>>;

/** The clients. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #byPeer = new Map<string, Session>();
  readonly #liveness: Liveness<Session>;
  readonly #unsaid = new Set<Session>();
  #beatAt = Infinity; // Nobody has to be told before that we are alive.

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#liveness = new Liveness({ ttlMs: options.heartbeatMs * options.missesAllowed });
  }

  /** How many there are. */
  get size(): number {
    return this.#byPeer.size;
  }

  /** Whether one more may come. */
  get hasRoom(): boolean {
    return this.#byPeer.size < this.#options.maxClients;
  }

  /** When to look at them next; Infinity if never. */
  get deadline(): number {
    return Math.min(this.#liveness.deadline ?? Infinity, this.#beatAt);
  }

  /** All there are. */
  all(): readonly Session[] {
    return [...this.#byPeer.values()];
  }

  /** The client of this connection. */
  get(peer: string): Session | undefined {
    return this.#byPeer.get(peer);
  }

  /** A client has introduced itself. */
  begin(peer: string, methods: readonly number[], now: number): Session {
    const session = new Session(peer, methods, this.#options);
    this.#byPeer.set(peer, session);
    this.heard(session, now);
    this.#beatAt = Math.min(this.#beatAt, now + this.#options.heartbeatMs);
    session.spokeAt = now;
    return session;
  }

  /** It has said something. */
  heard(session: Session, now: number): void {
    this.#liveness.heard(session, now);
  }

  /** It is there no longer. */
  end(session: Session): void {
    session.isOver = true;
    this.#byPeer.delete(session.peer);
    this.#liveness.forget(session);
    this.#unsaid.delete(session);
  }

  /** What is to be said to one of them, to be added to: it leaves when this turn ends. */
  letterTo(session: Session, now: number): Letter {
    this.#unsaid.add(session);
    session.spokeAt = now;
    return session.letter;
  }

  /** Takes out all that is to be said. */
  flush(): readonly Said[] {
    if (this.#unsaid.size === 0) return NOTHING;
    const out: Said[] = [];
    for (const session of this.#unsaid) {
      if (!session.letter.isEmpty) out.push(say(session.peer, session.take()));
    }
    this.#unsaid.clear();
    return out;
  }

  /** Tells those that we are alive who have heard nothing for a beat. Returns those who were silent for too long. */
  look(now: number): readonly Session[] {
    if (now >= this.#beatAt) this.#beat(now);
    // Whoever has slept must first read what came meanwhile.
    const { heartbeatMs } = this.#options;
    if (now - (this.#liveness.deadline ?? now) > heartbeatMs / 2) {
      this.#liveness.spare(now + heartbeatMs);
    }
    return this.#liveness.bury(now);
  }

  #beat(now: number): void {
    const { heartbeatMs } = this.#options;
    this.#beatAt = Infinity;
    for (const session of this.#byPeer.values()) {
      if (now >= session.spokeAt + heartbeatMs) this.letterTo(session, now).add(entry.beat);
      this.#beatAt = Math.min(this.#beatAt, session.spokeAt + heartbeatMs);
    }
  }
}

const NOTHING: readonly never[] = [];

/** Says something to a client. */
export function say(peer: string, value: Frames): Said {
  return send('clients', { peer, value });
}
