/**
 * Writer: the one that hands messages to ZeroMQ where each of them has an owner who must hear what
 * became of it. In order, one at a time, politely, and with a bound that its owner sees to.
 *
 * Sockets whose values nobody asks about use an outbox instead.
 */
import { BrokerlessError } from '../errors.ts';
import { Fifo } from '../rules/fifo.ts';
import { nextTurn, overdue, workOf } from '../run/turn.ts';
import { sumOfLengths } from '../wire/batch.ts';
import { MESSAGE_OVERHEAD } from './outbox.ts';
import type { SendingHalf } from './socket.ts';
import { hasNoRoom } from './transfer.ts';

/** A message on its way, and its owner, who hears of it. */
export interface Parcel {
  /** Its frames; never written to again. */
  readonly frames: Uint8Array[];
  /** How many values are in it. */
  readonly count: number;
  /** Whether anybody still wants it sent. Undefined: yes. */
  wanted?(): boolean;
  /** It is being offered to ZeroMQ. */
  leaves?(): void;
  /** ZeroMQ had no room for it. It will be offered again. */
  stays?(): void;
  /** ZeroMQ has taken it. */
  sent?(): void;
  /** ZeroMQ has refused it, with this error. */
  failed?(cause: unknown): void;
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
  readonly #queue = new Fifo<Parcel>(); // The one that is being written is still in it.
  #writing = false;
  #ended = false;
  #onIdle: (() => void) | undefined;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** Takes a parcel. It is offered to ZeroMQ within this call if nothing else is being written. */
  push(parcel: Parcel): void {
    this.#queue.push(parcel);
    this.depth += parcel.count;
    this.depthBytes += sumOfLengths(parcel.frames) + MESSAGE_OVERHEAD;
    if (!this.#writing) void this.#write();
  }

  /** Resolves when all that was taken, and is still wanted, has been handed to ZeroMQ. */
  drain(): Promise<void> {
    const wanted = [...this.#queue].some((parcel) => parcel.wanted?.() !== false);
    if (!this.#writing || !wanted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }

  end(): void {
    this.#ended = true;
    const closed = new BrokerlessError('CLOSED', 'the socket was closed before this could leave');
    for (const parcel of this.#queue) parcel.failed?.(closed);
  }

  async #write(): Promise<void> {
    const { write, room } = this.#options;
    this.#writing = true;
    for (let next = this.#queue.peek(); next !== undefined; next = this.#queue.peek()) {
      if (next.wanted?.() === false) this.#close(next);
      else {
        let cause: unknown;
        next.leaves?.();
        try {
          await write(next.frames);
        } catch (error) {
          cause = error;
        }
        if (this.#ended) return; // What is left stays counted.
        if (cause === undefined) this.#closeSent(next);
        else if (room === undefined || !hasNoRoom(cause)) this.#closeFailed(next, cause);
        else {
          next.stays?.();
          await room();
          if (this.#ended) return;
        }
      }
      if (overdue(workOf(next.count, 0))) await nextTurn();
    }
    this.#writing = false;
    this.#onIdle?.();
  }

  #close({ frames, count }: Parcel): number {
    const bytes = sumOfLengths(frames);
    this.#queue.shift();
    this.depth -= count;
    this.depthBytes -= bytes + MESSAGE_OVERHEAD;
    return bytes;
  }

  #closeSent(parcel: Parcel): void {
    const bytes = this.#close(parcel);
    this.sent += parcel.count;
    this.bytesSent += bytes;
    this.#options.onSent(parcel.count, bytes);
    parcel.sent?.();
  }

  #closeFailed(parcel: Parcel, cause: unknown): void {
    this.#close(parcel);
    this.dropped += parcel.count;
    parcel.failed?.(cause);
  }
}
