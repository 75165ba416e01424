/**
 * Outbox: what a socket has accepted and not yet handed to ZeroMQ. One writer, one bounded queue.
 *
 *     send ──▶ packer (the open batch) ──▶ queue of frames ──▶ writer ──▶ ZeroMQ
 *
 * A value is encoded inside the call of `send`. The open batch is sealed at once when it is full. One
 * that is not leaves when the code that sent it has run out of things to do, the first time in a turn
 * of the event loop; later ones of the same turn leave together at its end. So nothing waits for a
 * batch to fill, and batches grow under load by themselves. While there is room `send` answers with one
 * shared promise; when the queue is full it does what `overflow` says.
 */
import { BrokerlessError, closedError } from '../errors.ts';
import { Fifo } from '../rules/fifo.ts';
import { nextTurn, overdue, workOf } from '../run/turn.ts';
import { aborted, type Waiter, waitInLine } from '../run/wait.ts';
import { type Message, sizeOf } from '../wire/batch.ts';
import type { Frozen, Packer } from '../wire/packer.ts';
import type { SendingHalf } from './socket.ts';

/** What `send` does with a value when the queue is full. */
export type Overflow = 'wait' | 'reject' | 'drop-newest';

/** How one value is sent. */
export interface SendOptions {
  /**
   * Gives the value's memory away instead of copying it: do not touch it again. Saves a copy where the
   * codec puts a Uint8Array on the wire as it is (`raw`), and changes nothing elsewhere.
   */
  readonly transfer?: boolean | undefined;
  /** Ends the wait for room in a full queue; the value is then not sent. */
  readonly signal?: AbortSignal | undefined;
}

/** What an outbox is made of. */
export interface OutboxOptions<T> {
  /** Names the socket in errors. */
  readonly owner: string;
  /** Makes what turns values into messages, which it hands to `emit` in order. */
  readonly packer: (emit: (message: Message) => void) => Packer<T>;
  /** The queue is full when it holds this many bytes. */
  readonly maxQueueBytes: number;
  /** What to do with a value then. */
  readonly overflow: Overflow;
  /** Hands a message to ZeroMQ; resolves when it has been taken. */
  readonly write: (message: Message) => Promise<void>;
  /** Hears of each message that ZeroMQ has taken. */
  readonly onSent: (values: number, bytes: number) => void;
}

/** Each message in the queue counts this many bytes besides its own: what it costs to keep. */
export const MESSAGE_OVERHEAD = 256;

/** How many calls of `send` may wait for room at once; the next one is refused. */
export const MAX_WAITING_SENDS = 10_000;

/** How many bytes the values of waiting calls may take before the next one is refused. */
export const MAX_WAITING_BYTES: number = 64 << 20;

interface Waiting extends Waiter<void> {
  readonly item: Frozen;
}

const accepted = Promise.resolve(); // One for all: a promise a value would cost more than the value.

/** The sending half of a socket. */
export class Outbox<T> implements SendingHalf {
  /** Values handed to ZeroMQ. */
  sent = 0;
  /** Bytes of their frames. */
  bytesSent = 0;
  /** Values lost: dropped as the newest, or not taken by ZeroMQ. */
  dropped = 0;
  /** Values refused by a full queue. */
  refused = 0;

  readonly #options: OutboxOptions<T>;
  readonly #packer: Packer<T>;
  readonly #queue = new Fifo<Message>();
  readonly #waiting = new Fifo<Waiting>();
  readonly #full: Promise<never>;
  #fullNextTurn: Promise<never> | undefined;
  readonly #afterMicrotasks = (): void => process.nextTick(this.#leave);
  readonly #leave = (): void => {
    this.#seal();
    setImmediate(this.#endTurn);
  };
  readonly #endTurn = (): void => {
    this.#leaving = false;
    this.#seal();
  };
  #queued = 0; // Values in the queue or with the writer.
  #queuedBytes = 0;
  #waitingBytes = 0;
  #leaving = false; // Whether the open batch is sure to be sealed when this turn ends.
  #unpaid = 0; // Work done by calls of `send` that have not asked for the time since.
  #writing = false;
  #stopped = false; // Nothing more is accepted.
  #ended = false; // And nothing more is written.
  #onIdle: (() => void) | undefined;

  constructor(options: OutboxOptions<T>) {
    this.#options = options;
    this.#packer = options.packer((message) => this.#enqueue(message));
    const full = `${options.owner}: the queue is full, as more is sent than taken`;
    this.#full = handled(Promise.reject(new BrokerlessError('QUEUE_FULL', full)));
  }

  /** Values that wait in this process. */
  get depth(): number {
    return this.#queued + this.#packer.count + this.#waiting.length;
  }

  /** Bytes that they take. */
  get depthBytes(): number {
    return this.#queuedBytes + this.#packer.bytes + this.#waitingBytes;
  }

  /** Accepts a value, or does what `overflow` says. Never throws. */
  send(value: T, options?: SendOptions): Promise<void> {
    if (this.#stopped) return handled(Promise.reject(closedError(this.#options.owner)));
    const signal = options?.signal;
    if (signal?.aborted === true) return Promise.reject(aborted('room to send', signal));
    if (this.#isFull()) return this.#overflow(value, options);
    try {
      this.#packer.pack(value, options?.transfer === true);
    } catch (error) {
      return Promise.reject(error);
    }
    if (!this.#leaving) this.#leaveSoon();
    return this.#unpaid > 0 ? this.#politely() : accepted;
  }

  /** Puts a message of the socket's own into the queue, behind what was sent. A full queue drops it. */
  post(message: Message): void {
    if (this.#stopped || this.#isFull()) return;
    this.#packer.seal();
    this.#enqueue(message);
  }

  /** Accepts nothing more. Resolves when all that was accepted has been handed to ZeroMQ. */
  drain(): Promise<void> {
    this.#stopped = true;
    this.#seal();
    if (this.depth === 0) return accepted;
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }

  /** Gives up on what is left, which {@link depth} counts, and on who waits for room. */
  end(): void {
    this.#stopped = true;
    this.#ended = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      next.reject(closedError(this.#options.owner));
    }
  }

  #isFull(): boolean {
    return (
      this.#queuedBytes + this.#packer.bytes >= this.#options.maxQueueBytes ||
      this.#waiting.length > 0
    );
  }

  #overflow(value: T, options: SendOptions | undefined): Promise<void> {
    const { overflow } = this.#options;
    this.#unpaid += 1; // A loop that runs into a full queue must let go of the event loop too.
    if (overflow === 'drop-newest') {
      this.dropped += 1;
      return this.#politely();
    }
    const bounded =
      this.#waiting.length < MAX_WAITING_SENDS && this.#waitingBytes < MAX_WAITING_BYTES;
    if (overflow === 'wait' && bounded) return this.#wait(value, options);
    this.refused += 1;
    return this.#refuse();
  }

  #refuse(): Promise<never> {
    if (!this.#isOverdue()) return this.#full;
    this.#fullNextTurn ??= handled(
      nextTurn().then(() => {
        this.#fullNextTurn = undefined;
        return this.#full;
      }),
    );
    return this.#fullNextTurn;
  }

  #wait(value: T, options: SendOptions | undefined): Promise<void> {
    let item: Frozen;
    try {
      item = this.#packer.freeze(value, options?.transfer === true);
    } catch (error) {
      return Promise.reject(error);
    }
    const wait = waitInLine<void>('room to send', options?.signal, (waiter) => {
      const waiting: Waiting = { ...waiter, item };
      this.#waiting.push(waiting);
      this.#waitingBytes += item.length;
      return () => {
        this.#waiting.remove(waiting);
        this.#waitingBytes -= item.length;
      };
    });
    return handled(wait);
  }

  /** The answer of `send` at the end of a frame: the next turn of the event loop if this one is long. */
  #politely(): Promise<void> {
    return this.#isOverdue() ? nextTurn() : accepted;
  }

  #isOverdue(): boolean {
    const work = this.#unpaid;
    this.#unpaid = 0;
    return overdue(work);
  }

  /** Ticks run when there are no microtasks left: then whoever sends has nothing more to send now. */
  #leaveSoon(): void {
    if (this.#packer.count === 0) return;
    this.#leaving = true;
    queueMicrotask(this.#afterMicrotasks);
  }

  /** While the writer is busy nothing could leave anyway, and the batch may as well grow. */
  #seal(): void {
    if (!this.#writing) this.#packer.seal();
  }

  #enqueue(message: Message): void {
    this.#queue.push(message);
    this.#queued += message.count;
    const size = sizeOf(message);
    this.#queuedBytes += size + MESSAGE_OVERHEAD;
    this.#unpaid += workOf(message.count, size);
    if (!this.#writing) void this.#write();
  }

  async #write(): Promise<void> {
    this.#writing = true;
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const size = sizeOf(next);
      try {
        await this.#options.write(next);
        this.sent += next.count;
        this.bytesSent += size;
        this.#options.onSent(next.count, size);
      } catch {
        if (this.#ended) return; // This frame counts as left too.
        this.dropped += next.count;
      }
      this.#queued -= next.count;
      this.#queuedBytes -= size + MESSAGE_OVERHEAD;
      this.#admitWaiting();
      if (overdue(workOf(next.count, 0))) await nextTurn();
    }
    this.#writing = false;
    if (this.depth === 0) this.#onIdle?.();
  }

  #next(): Message | undefined {
    // What the end of the turn will send anyway may grow until then.
    if (this.#queue.length === 0 && !this.#leaving) this.#packer.seal();
    return this.#queue.shift();
  }

  /** Lets waiting sends in once half the queue has left: in crowds, as each wake-up has its price. */
  #admitWaiting(): void {
    const { maxQueueBytes } = this.#options;
    if (this.#queuedBytes + this.#packer.bytes > maxQueueBytes / 2) return;
    while (this.#waiting.length > 0 && this.#queuedBytes + this.#packer.bytes < maxQueueBytes) {
      const next = this.#waiting.shift() as Waiting;
      this.#waitingBytes -= next.item.length;
      this.#packer.packItem(next.item);
      next.resolve();
    }
  }
}

/**
 * A promise whose rejection is never reported as unhandled: sends need not be awaited, and a full queue,
 * a closed socket and an aborted wait are no mistakes of the code. Bad values are, and do surface.
 */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
