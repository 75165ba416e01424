/**
 * Link: the connection of a client to one server, lost and made again.
 *
 *       ┌────── silent too long, or its connection has ended ───────┐
 *       ▼                                                           │
 *     down ── after a growing, random wait ──▶ greeting ──▶ up ──▶ draining
 *       ▲                                         │
 *       └──────── much later ──────── refused ◀───┘ another contract
 *
 * A server does not answer whom it does not know. So whoever has been forgotten, or speaks to a server that was
 * started again, hears nothing, and introduces itself on a new connection.
 *
 * Pure: time is an argument, in milliseconds.
 */
import { type BackoffOptions, backoffMs } from 'brokerless/kit';
import type { ServerView } from './balance-rules.ts';
import { Hold } from './hold-rules.ts';
import { Letter } from './messages.ts';

/** What a link is told at the start. */
export interface LinkOptions {
  /** How many beats a server may miss before it is lost. */
  readonly missesAllowed: number;
  /** How the waits before a new connection grow. */
  readonly reconnect: BackoffOptions;
  /** Gives numbers from 0 up to but not including 1. */
  readonly random: () => number;
  /** How many calls and streams must be under way for a message to wait until more can go with it: {@link Hold}. */
  readonly crowd: number;
}

/** How a server stands: see the drawing above. */
export type LinkStage = 'down' | 'greeting' | 'up' | 'draining' | 'refused';

// How often a server beats is told in its welcome. Until then this is taken for it.
const FIRST_HEARTBEAT_MS = 1000;

/** One link. */
export class Link implements ServerView {
  readonly endpoint: string;
  /** The name of its port. */
  readonly port: string;
  inFlight = 0;
  asked = 0;
  /** How it stands. */
  stage: LinkStage = 'down';
  /** Whether its endpoint is on the list no longer: it ends when all that was asked has been answered. */
  isDropped = false;
  /** Whether it knows that nothing more will be asked and nothing more is waited for. */
  isQuiet = false;
  /** What is to be said to it. */
  readonly letter: Letter = new Letter();
  /** How long that waits for more. */
  readonly hold: Hold;
  /** How far we have read, if it has asked that. */
  mark: number | undefined;
  /** Why it was refused, if it was. */
  reason = '';
  readonly #options: LinkOptions;
  #heartbeatMs = FIRST_HEARTBEAT_MS;
  #tries = 0; // Connections since the server last answered.
  #wakeAt = 0; // While there is no connection: when to make one.
  #diesAt = 0;
  #beatAt = Infinity;

  constructor(endpoint: string, port: string, options: LinkOptions) {
    this.endpoint = endpoint;
    this.port = port;
    this.#options = options;
    this.hold = new Hold(options.crowd);
  }

  /** Whether it may be asked something. */
  get isReady(): boolean {
    return this.stage === 'up' && !this.isDropped;
  }

  /** Whether there is a connection to a server that knows us. */
  get isMet(): boolean {
    return this.stage === 'up' || this.stage === 'draining';
  }

  /** Whether it is to hear that nothing more will come, when all that it was asked has been answered. */
  get isLeaving(): boolean {
    return this.isDropped || (this.stage === 'draining' && !this.isQuiet);
  }

  /** Whether there is something to be said. */
  get hasWords(): boolean {
    return !this.letter.isEmpty || this.mark !== undefined;
  }

  /** When what is to be said may leave; it may be past. Nothing waits but between a welcome and a drain. */
  get opensAt(): number {
    return this.stage === 'up' ? this.hold.opensAt(this.inFlight) : -Infinity;
  }

  /** When to look at it next. */
  get deadline(): number {
    if (this.stage === 'down' || this.stage === 'refused') return this.#wakeAt;
    return Math.min(this.#diesAt, this.#beatAt);
  }

  /** Something was heard of the server. */
  heard(now: number): void {
    this.#diesAt = now + this.#heartbeatMs * this.#options.missesAllowed;
  }

  /** Something is said to it. */
  spoke(now: number): void {
    if (this.isMet) this.#beatAt = now + this.#heartbeatMs;
  }

  /** The server knows us. */
  welcomed(heartbeatMs: number, now: number): void {
    this.stage = 'up';
    this.isQuiet = false;
    this.#tries = 0;
    this.#heartbeatMs = Math.max(1, heartbeatMs);
    this.heard(now);
    this.spoke(now);
  }

  /** The server is another than we want. It is asked again much later: it may have been replaced by then. */
  refused(reason: string, now: number): void {
    this.stage = 'refused';
    this.reason = reason;
    this.#beatAt = Infinity;
    this.#wakeAt = now + this.#options.reconnect.maxMs;
  }

  /** What is to be done by now: make a connection, say that we are alive, or give it up. */
  due(now: number): 'connect' | 'beat' | 'lose' | undefined {
    if (this.stage === 'down' || this.stage === 'refused') {
      if (now < this.#wakeAt) return undefined;
      this.stage = 'greeting';
      this.#tries += 1;
      this.#beatAt = Infinity;
      this.heard(now);
      return 'connect';
    }
    // Whoever has slept must first read what came meanwhile.
    if (now - this.#diesAt > this.#heartbeatMs / 2) this.#diesAt = now + this.#heartbeatMs;
    else if (now >= this.#diesAt) return 'lose';
    return now >= this.#beatAt ? 'beat' : undefined;
  }

  /** The connection is lost, and another is made after a while. */
  lose(now: number): void {
    const { reconnect, random } = this.#options;
    this.stage = 'down';
    this.mark = undefined;
    this.#beatAt = Infinity;
    this.#wakeAt = now + backoffMs(Math.max(1, this.#tries), reconnect, random());
  }
}
