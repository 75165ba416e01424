/**
 * Liveness: who has spoken lately, and who has gone quiet.
 *
 * Any message is a sign of life; whoever talks need not also prove that it breathes. Life is judged by
 * when messages arrived and never by counting ticks, since timers run late under load. And a tick that is
 * itself late has slept through messages that still wait in the socket, so nobody is judged by what it
 * has slept through.
 *
 * Pure: time is an argument, in milliseconds of a clock that never runs backwards.
 */

/** Keeps watch over a crowd of peers. */
export class Liveness<Peer> {
  readonly #ttlMs: number;
  readonly #diesAt = new Map<Peer, number>();
  // Nobody dies before this. Whoever speaks only dies later, so the crowd is looked through seldom: when
  // this time has come, and not for every message.
  #nobodyBefore = Number.POSITIVE_INFINITY;

  /** @param options `ttlMs`: for how long a peer may be silent. */
  constructor(options: { readonly ttlMs: number }) {
    this.#ttlMs = options.ttlMs;
  }

  /** How many are watched. */
  get size(): number {
    return this.#diesAt.size;
  }

  /** `peer` has spoken. Who was not known is from now on. */
  heard(peer: Peer, now: number): void {
    const diesAt = now + this.#ttlMs;
    this.#diesAt.set(peer, diesAt);
    if (diesAt < this.#nobodyBefore) this.#nobodyBefore = diesAt;
  }

  /** Watches `peer` no longer. */
  forget(peer: Peer): void {
    this.#diesAt.delete(peer);
    if (this.#diesAt.size === 0) this.#nobodyBefore = Number.POSITIVE_INFINITY;
  }

  /** When to look next: at or before the time that the first would die. Undefined while nobody is watched. */
  get deadline(): number | undefined {
    return this.#diesAt.size === 0 ? undefined : this.#nobodyBefore;
  }

  /** Forgets those whose time is up, and answers with them. */
  bury(now: number): readonly Peer[] {
    if (now < this.#nobodyBefore) return NOBODY;
    const dead: Peer[] = [];
    let next = Number.POSITIVE_INFINITY;
    for (const [peer, diesAt] of this.#diesAt) {
      if (diesAt <= now) {
        this.#diesAt.delete(peer);
        dead.push(peer);
      } else if (diesAt < next) next = diesAt;
    }
    this.#nobodyBefore = next;
    return dead;
  }

  /** Lets nobody die before `time`: for a watcher that has been asleep, and has to read first. */
  spare(time: number): void {
    for (const [peer, diesAt] of this.#diesAt) if (diesAt < time) this.#diesAt.set(peer, time);
    if (this.#nobodyBefore < time) this.#nobodyBefore = time;
  }
}

const NOBODY: readonly never[] = [];
