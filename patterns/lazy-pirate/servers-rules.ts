/**
 * Servers rules: which server is asked, and when it is left for the next one.
 *
 * It is left when it is silent: when attempts one after the other, each begun after the last was over, have
 * brought no reply of any kind. And it is left when it is wanted and not there.
 */

/** Why a server is left: it is `'silent'`, or `'unreachable'`. */
export type SwitchReason = 'silent' | 'unreachable';

/** A server has been left for another. */
export interface Switch {
  /** The endpoint of the one that was left. */
  readonly from: string;
  /** That of the one that is asked now; the same if there is only one. */
  readonly to: string;
  /** Why. */
  readonly reason: SwitchReason;
}

/** What there is to know of the servers. */
export interface ServersOptions {
  /** Their endpoints, at least one; the first is connected at the start. */
  readonly servers: readonly string[];
  /** After how many attempts in a row without any reply a server counts as silent. */
  readonly freshAfter: number;
  /** How long a server that is wanted may take to be connected, in milliseconds. */
  readonly connectMs: number;
  /** The clock's time at the start, in milliseconds. */
  readonly startedAt: number;
}

/** The servers of a client, of which it has one at a time. */
export class Servers {
  /** Whether the present one is connected. */
  isConnected = false;
  /** How often one has been left. */
  switches = 0;
  readonly #options: ServersOptions;
  #index = 0;
  #downSince: number;
  #silences = 0; // Attempts in a row without any reply.
  #countedAt = 0; // When the last of them was over. One that had begun before is not one after the other.
  #heardAt = 0;

  constructor(options: ServersOptions) {
    this.#options = options;
    this.#downSince = options.startedAt;
  }

  /** The endpoint of the present one. */
  get current(): string {
    return this.#options.servers[this.#index] as string;
  }

  /** When the present one, if it is wanted and not connected, has been waited for long enough. */
  get leaveAt(): number {
    return this.isConnected ? Number.POSITIVE_INFINITY : this.#downSince + this.#options.connectMs;
  }

  /** Its connection has been made, or has ended. */
  connected(isConnected: boolean, now: number): void {
    this.isConnected = isConnected;
    this.#downSince = now;
  }

  /** It has said something. */
  heard(now: number): void {
    this.#heardAt = now;
    this.#silences = 0;
  }

  /** An attempt that was sent at `sentAt` has brought no reply in time. */
  unanswered(sentAt: number, now: number): void {
    if (sentAt < this.#countedAt || sentAt < this.#heardAt) return;
    this.#silences += 1;
    this.#countedAt = now;
  }

  /** Why it should be left, if it should. */
  verdict(isWanted: boolean, now: number): SwitchReason | undefined {
    if (this.#silences >= this.#options.freshAfter) return 'silent';
    return isWanted && now >= this.leaveAt ? 'unreachable' : undefined;
  }

  /** Goes on to the next one, round the list, and answers with its endpoint. */
  next(now: number): string {
    this.switches += 1;
    this.#index = (this.#index + 1) % this.#options.servers.length;
    this.#silences = 0;
    this.#countedAt = now;
    this.connected(false, now);
    return this.current;
  }
}
