/**
 * Link: the connection of a worker or a producer to its queue, lost and made again.
 *
 *       ┌── silent too long, or its connection ended: new socket ──┐
 *       ▼                                                          │
 *     down ────────── after a growing, random wait ─────────────▶ up ──▶ over
 *
 * Who is unknown to a queue is not answered. So whoever has been forgotten, or speaks to a queue that was
 * started again, hears nothing, and introduces itself on a new connection.
 *
 * Pure: time is an argument, in milliseconds.
 */
import { type BackoffOptions, backoffMs, type Frames } from 'brokerless/kit';
import { read, type Said } from './messages.ts';

/** What a link is told at the start. */
export interface LinkOptions {
  /** How many beats the queue may miss before it is lost. */
  readonly missesAllowed: number;
  /** How the waits before a new connection grow. */
  readonly reconnect: BackoffOptions;
  /** Gives numbers from 0 up to but not including 1. */
  readonly random: () => number;
}

// How often a queue beats is told in its welcome. Until then this is taken for it.
const FIRST_HEARTBEAT_MS = 1000;

/** One link. */
export class Link {
  /** Messages that made no sense. */
  faults = 0;
  /** How often a new connection was made because one was lost. */
  reconnects = 0;
  /** Whether the queue has answered on this connection. */
  isMet = false;
  /** How often the queue beats, and expects beats. */
  heartbeatMs: number = FIRST_HEARTBEAT_MS;
  readonly #options: LinkOptions;
  #stage: 'down' | 'up' | 'over' = 'down';
  #tries = 0; // Connections since the queue last answered.
  #wakeAt = 0; // While down: when to try again.
  #diesAt = 0;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** Whether there is a connection, be it one that nobody has answered on yet. */
  get isUp(): boolean {
    return this.#stage === 'up';
  }

  /** Whether it has ended for good. */
  get isOver(): boolean {
    return this.#stage === 'over';
  }

  /** When to look at it next; Infinity if never. */
  get deadline(): number {
    if (this.#stage === 'over') return Number.POSITIVE_INFINITY;
    return this.#stage === 'down' ? this.#wakeAt : this.#diesAt;
  }

  /** Reads a message of the queue. Undefined for what makes no sense, and for what an old connection still brings. */
  take(message: unknown, now: number): Said | undefined {
    if (!this.isUp) return undefined;
    const said = read(message as Frames);
    if (said === undefined) this.faults += 1;
    else this.heard(now);
    return said;
  }

  /** Something was heard of the queue. */
  heard(now: number): void {
    this.#diesAt = now + this.#ttlMs;
  }

  /** For a first answer nobody waits longer than a beat any more. */
  hurry(now: number): void {
    if (!this.isMet) this.#diesAt = Math.min(this.#diesAt, now + this.heartbeatMs);
  }

  /** The queue has answered: it knows us. */
  welcomed(heartbeatMs: number, now: number): void {
    this.isMet = true;
    this.#tries = 0;
    this.heartbeatMs = Math.max(1, heartbeatMs);
    this.heard(now);
  }

  /** What is to be done by now: introduce ourselves on the connection there is, or make another. */
  due(now: number): 'introduce' | 'reconnect' | undefined {
    // Whoever has slept must first read what came meanwhile.
    if (this.isUp && now - this.#diesAt > this.heartbeatMs / 2) {
      this.#diesAt = now + this.heartbeatMs;
      return undefined;
    }
    if (now < this.deadline) return undefined;
    if (this.#stage === 'up') return 'reconnect';
    this.#stage = 'up';
    this.#tries += 1;
    this.heard(now);
    return 'introduce';
  }

  /** The connection is lost, and another is made after a while. */
  lose(now: number): void {
    const { reconnect, random } = this.#options;
    this.#stage = 'down';
    this.isMet = false;
    this.reconnects += 1;
    this.#wakeAt = now + backoffMs(Math.max(1, this.#tries), reconnect, random());
  }

  /** It ends for good. */
  end(): void {
    this.#stage = 'over';
  }

  get #ttlMs(): number {
    return this.heartbeatMs * this.#options.missesAllowed;
  }
}
