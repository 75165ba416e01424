/**
 * Writer: the one that hands messages to ZeroMQ where each of them has an owner who must hear what
 * became of it. In order, one at a time, politely, and with a bound that its owner sees to.
 *
 * Sockets whose values nobody asks about use an outbox instead.
 */
import { nextTurn, overdue, workOf } from '../run/turn.ts';
import { sumOfLengths } from '../wire/envelope.ts';
import { MESSAGE_OVERHEAD } from './outbox.ts';
import type { SendingHalf } from './socket.ts';

/** A message on its way, and who hears of it. */
export interface Parcel {
  /** Its frames; never written to again. */
  readonly frames: Uint8Array[];
  /** How many values are in it. */
  readonly count: number;
  /** Whether nobody wants it sent any more; asked right before it would be. */
  readonly cancelled?: (() => boolean) | undefined;
  /** Called when ZeroMQ has taken it. */
  readonly sent?: (() => void) | undefined;
  /** Called when ZeroMQ has refused it, with zeromq's error. */
  readonly failed?: ((cause: unknown) => void) | undefined;
}

/** What a writer is made of. */
export interface WriterOptions {
  /** Hands frames to ZeroMQ; resolves when it has taken them. */
  readonly write: (frames: Uint8Array[]) => Promise<void>;
  /**
   * Waits until ZeroMQ may have room again for what it refused with `EAGAIN`. Undefined: that is a
   * failure like any other.
   */
  readonly room?: (() => Promise<void>) | undefined;
  /** Hears of each message that ZeroMQ has taken. */
  readonly onSent: (values: number, bytes: number) => void;
}

/** Writes parcels one after the other. */
export class Writer implements SendingHalf {
  sent = 0;
  bytesSent = 0;
  dropped = 0;
  refused = 0;
  depth = 0;
  depthBytes = 0;
  readonly #options: WriterOptions;
  readonly #queue: Parcel[] = [];
  #at = 0; // Of the next parcel in the queue.
  #writing = false;
  #ended = false;
  #onIdle: (() => void) | undefined;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** Takes a parcel. It is handed to ZeroMQ within this call if nothing else is being written. */
  push(parcel: Parcel): void {
    this.#queue.push(parcel);
    this.depth += parcel.count;
    this.depthBytes += weight(parcel);
    if (!this.#writing) void this.#write();
  }

  /** Resolves when all that was taken, and is still wanted, has been handed to ZeroMQ. */
  drain(): Promise<void> {
    const left = this.#queue.slice(Math.max(0, this.#at - 1)); // With the one that is being written.
    if (!this.#writing || left.every((parcel) => parcel.cancelled?.() === true)) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }

  end(): void {
    this.#ended = true;
  }

  async #write(): Promise<void> {
    this.#writing = true;
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      if (next.cancelled?.() !== true) await this.#hand(next);
      if (this.#ended) return; // What is left stays counted.
      this.depth -= next.count;
      this.depthBytes -= weight(next);
      if (overdue(workOf(next.count, 0))) await nextTurn();
    }
    this.#writing = false;
    this.#onIdle?.();
  }

  #next(): Parcel | undefined {
    const next = this.#queue[this.#at];
    this.#at += 1;
    if (next !== undefined) return next;
    this.#queue.length = 0;
    this.#at = 0;
    return undefined;
  }

  async #hand(parcel: Parcel): Promise<void> {
    const { frames, count } = parcel;
    const { write, room } = this.#options;
    for (;;) {
      try {
        await write(frames);
        break;
      } catch (cause) {
        if (this.#ended) return;
        if (room === undefined || !hasNoRoom(cause)) {
          this.dropped += count;
          parcel.failed?.(cause);
          return;
        }
      }
      await room();
      if (this.#ended || parcel.cancelled?.() === true) return;
    }
    const size = sumOfLengths(frames);
    this.sent += count;
    this.bytesSent += size;
    this.#options.onSent(count, size);
    parcel.sent?.();
  }
}

function hasNoRoom(cause: unknown): boolean {
  return (cause as { readonly code?: unknown }).code === 'EAGAIN';
}

function weight({ frames }: Parcel): number {
  return sumOfLengths(frames) + MESSAGE_OVERHEAD;
}
