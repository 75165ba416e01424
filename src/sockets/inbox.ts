/**
 * Inbox: what a socket has received and the application has not yet taken. One reader.
 *
 *     ZeroMQ ──▶ reader ──▶ unpacker (the open frame) ──▶ a slice of values ──▶ whoever waits
 *
 * ZeroMQ is asked for a message only when someone waits for a value and none is left, so messages wait
 * where the high-water mark pushes back on the sender. A frame is unpacked in slices and its values
 * are handed out without a promise chain of their own. A wait that ends early loses nothing: what
 * arrives later goes to the next one who asks.
 */
import { BrokerlessError, closedError, messageOf } from '../errors.ts';
import { Fifo } from '../rules/fifo.ts';
import { nextTurn, overdue, workOf } from '../run/turn.ts';
import { aborted, type Waiter, waitInLine } from '../run/wait.ts';
import { sumOfLengths } from '../wire/batch.ts';
import type { Unpacker } from '../wire/unpacker.ts';
import type { ReceivingHalf } from './socket.ts';

/** What an inbox is made of. */
export interface InboxOptions<T> {
  /** Names the socket in errors. */
  readonly owner: string;
  /** Turns frames into values. */
  readonly unpacker: Unpacker<unknown>;
  /** Asks ZeroMQ for the frames of the next message; rejects if that cannot be. */
  readonly read: () => Promise<Buffer[]>;
  /** The frame of a message that holds its values. Undefined: it is not one for us. */
  readonly body: (frames: Buffer[]) => Uint8Array | undefined;
  /** Checks the values of a slice and returns those that pass; a promise if that takes time. */
  readonly check: ((values: readonly unknown[]) => T[] | Promise<T[]>) | undefined;
  /** How many messages have been read from ZeroMQ and not given out by `read`. Default: none. */
  readonly ahead?: (() => number) | undefined;
  /** Hears why a message, or the rest of one, was dropped. */
  readonly onFault: (reason: string) => void;
}

/** How many values are unpacked at a time: enough to decode quickly, few enough to stay in cache. */
const SLICE = 128;

interface Waiting<T> extends Waiter<IteratorResult<T, undefined>> {
  readonly iteration?: object | undefined; // The one that asked, if one did.
}

/** The receiving half of a socket. */
export class Inbox<T> implements ReceivingHalf {
  /** Bytes of the frames received. */
  bytesReceived = 0;

  readonly #options: InboxOptions<T>;
  readonly #waiting = new Fifo<Waiting<T>>();
  #slice: T[] = [];
  #taken = 0; // How many of the slice have been handed out.
  #unpacked = 0; // Values that made it into a slice, this one included.
  #openedBytes = 0; // Of the frame opened since the last look at the clock.
  #checking = 0; // Values that a schema takes its time over.
  #filling = false;
  #closed = false;

  constructor(options: InboxOptions<T>) {
    this.#options = options;
  }

  /** Values handed to the application. */
  get received(): number {
    return this.#unpacked - (this.#slice.length - this.#taken);
  }

  /** Values received and not yet taken. */
  get depth(): number {
    const sliced = this.#slice.length - this.#taken;
    const { unpacker, ahead } = this.#options;
    return sliced + this.#checking + unpacker.remaining() + (ahead?.() ?? 0);
  }

  /**
   * The next value, or the end once the socket is closed. Concurrent calls are served in order. Names the
   * iteration that asks, if one does, so that it can leave.
   */
  next(iteration?: object): Promise<IteratorResult<T, undefined>> {
    if (this.#taken < this.#slice.length && !this.#closed) {
      const value = this.#slice[this.#taken] as T;
      this.#taken += 1;
      return Promise.resolve({ value, done: false as const });
    }
    return new Promise((resolve, reject) => this.#enlist({ resolve, reject, iteration }));
  }

  /** Ends the waits of an iteration that nobody follows any more: they would swallow values. */
  leave(iteration: object): void {
    for (const waiting of this.#waiting) {
      if (waiting.iteration !== iteration) continue;
      this.#waiting.remove(waiting);
      waiting.resolve({ value: undefined, done: true });
    }
  }

  /** The next value. Rejects with `ABORTED` if `signal` fires first, with `CLOSED` if the socket ends. */
  async receive(signal: AbortSignal | undefined): Promise<T> {
    if (signal?.aborted === true) throw aborted('a value', signal);
    const result = await (signal === undefined ? this.next() : this.#nextUnless(signal));
    if (result.done !== true) return result.value;
    throw closedError(this.#options.owner);
  }

  /** Ends every wait. Values not taken stay where they are and are counted by {@link depth}. */
  close(): void {
    this.#closed = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      next.resolve({ value: undefined, done: true });
    }
  }

  #nextUnless(signal: AbortSignal): Promise<IteratorResult<T, undefined>> {
    return waitInLine('a value', signal, (waiter) => {
      this.#enlist(waiter);
      return () => this.#waiting.remove(waiter);
    });
  }

  #enlist(waiting: Waiting<T>): void {
    if (this.#closed) {
      waiting.resolve({ value: undefined, done: true });
      return;
    }
    this.#waiting.push(waiting);
    this.#serve();
    if (this.#waiting.length > 0 && !this.#filling) void this.#fill();
  }

  #serve(): void {
    while (this.#waiting.length > 0 && this.#taken < this.#slice.length) {
      const value = this.#slice[this.#taken] as T;
      this.#taken += 1;
      this.#waiting.shift()?.resolve({ value, done: false });
    }
  }

  /** Makes slices for as long as someone waits. */
  async #fill(): Promise<void> {
    const { read, unpacker } = this.#options;
    this.#filling = true;
    try {
      while (this.#waiting.length > 0) {
        if (overdue(workOf(this.#slice.length, this.#openedBytes))) await nextTurn();
        this.#openedBytes = 0;
        if (!unpacker.pending) this.#open(await read());
        if (unpacker.pending) {
          const checking = this.#unpack();
          if (checking !== undefined) await checking;
        }
        this.#serve();
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#filling = false;
    }
  }

  #open(frames: Buffer[]): void {
    const { body, unpacker, onFault } = this.#options;
    const frame = body(frames);
    if (frame === undefined) return;
    this.#openedBytes = sumOfLengths(frames);
    this.bytesReceived += this.#openedBytes;
    const fault = unpacker.open(frame);
    if (fault !== undefined) onFault(fault);
  }

  /** Makes the next slice of the open frame; a promise if its check takes time. */
  #unpack(): Promise<void> | undefined {
    const { unpacker, check, onFault } = this.#options;
    const values: unknown[] = [];
    const fault = unpacker.read(values, SLICE);
    if (fault !== undefined) onFault(fault);
    const slice = check === undefined ? (values as T[]) : check(values);
    if (slice instanceof Promise) return this.#unpackLater(slice, values.length);
    this.#begin(slice);
    return undefined;
  }

  async #unpackLater(slice: Promise<T[]>, count: number): Promise<void> {
    this.#checking = count;
    this.#begin(await slice);
    this.#checking = 0;
  }

  #begin(slice: T[]): void {
    this.#slice = slice;
    this.#taken = 0;
    this.#unpacked += slice.length;
  }

  /** A read that fails because its socket was closed is how an iteration ends, in zeromq's words. */
  #fail(cause: unknown): void {
    const reason = `${this.#options.owner}: ZeroMQ would not receive: ${messageOf(cause)}`;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      if (this.#closed) next.resolve({ value: undefined, done: true });
      else next.reject(new BrokerlessError('SOCKET', reason, { cause }));
    }
  }
}
