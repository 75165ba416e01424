/**
 * Asker: the requests of one socket, from the call to the reply.
 *
 *     ask ──▶ writer ──▶ ZeroMQ ──▶ …        each request with a number of its own
 *     calls ◀── reader ◀── ZeroMQ ◀── …      which finds the call that waits
 *
 * What a server is late with finds no call any more: it is dropped and counted.
 */
import { randomBytes } from 'node:crypto';
import { BrokerlessError, messageOf } from '../errors.ts';
import { RetryBudget, retryAt } from '../rules/retry.ts';
import { type Clock, systemClock } from '../run/clock.ts';
import { nextTurn, overdue, workOf } from '../run/turn.ts';
import { aborted } from '../run/wait.ts';
import { bodyStart, DELIMITER, decodeFailure, sumOfLengths } from '../wire/envelope.ts';
import { bodyEncoder } from '../wire/packer.ts';
import { decodeBody, type Unpacker } from '../wire/unpacker.ts';
import { type Call, Calls } from './calls.ts';
import { MAX_MESSAGE_BYTES, MAX_QUEUE_BYTES } from './options.ts';
import { type AskOptions, bodyCoding, type RequestOptions } from './request-options.ts';
import type { ReceivingHalf } from './socket.ts';
import type { Writer } from './writer.ts';

/** What an asker is made of, besides the socket's options. */
export interface AskerParts<In> {
  /** Sends requests. */
  readonly writer: Writer;
  /** The next message; rejects when there will be none. */
  readonly read: () => Promise<readonly Uint8Array[]>;
  /** Hears of each message that was read. */
  readonly onReceived: (bytes: number) => void;
  /** Turns the bodies of replies into values. */
  readonly unpacker: Unpacker<In>;
  /** Checks the value of a reply; throws, or rejects, if it will not do. Undefined: no check. */
  readonly check: ((value: In) => In | Promise<In>) | undefined;
  /** Hears of a reply that was dropped because it made no sense. */
  readonly onFault: (reason: string) => void;
}

interface Asked<In> extends Call {
  readonly frames: Uint8Array[];
  readonly resolve: (value: In | Promise<In>) => void;
  readonly reject: (error: unknown) => void;
  readonly forget: () => void;
  readonly timeoutMs: number;
  readonly deadline: number;
  readonly maxAttempts: number;
  attempts: number;
  /** Whether it waits in this process, or has been handed to ZeroMQ, or rests before a retry. */
  state: 'queued' | 'sent' | 'resting' | 'over';
  /** Whether any attempt has been handed to ZeroMQ. */
  wasSent: boolean;
}

const NUMBER_BYTES = 8;

/** Makes requests and finds their replies. */
export class Asker<Out, In> implements ReceivingHalf {
  received = 0;
  bytesReceived = 0;
  readonly depth = 0; // A reply goes straight to its call.
  /** Requests refused because too many wait. */
  refused = 0;
  /** Attempts after the first. */
  retried = 0;
  /** Replies that came when nobody waited for them any more. */
  late = 0;
  readonly #options: RequestOptions<Out, In>;
  readonly #parts: AskerParts<In>;
  readonly #encode: (value: Out) => Uint8Array;
  readonly #clock: Clock;
  readonly #calls: Calls<Asked<In>>;
  readonly #budget: RetryBudget;
  readonly #salt = randomBytes(NUMBER_BYTES - 4); // A server that was restarted may mix up its clients.
  #count = 0;
  #closed = false;

  constructor(options: RequestOptions<Out, In>, parts: AskerParts<In>) {
    this.#options = options;
    this.#parts = parts;
    this.#encode = bodyEncoder<Out>(
      bodyCoding(options as RequestOptions<Out, never>),
      options.maxMessageBytes ?? MAX_MESSAGE_BYTES,
    );
    this.#clock = options.clock ?? systemClock;
    this.#calls = new Calls(this.#clock, (call) => this.#wake(call));
    this.#budget = new RetryBudget(options.retryBudget ?? { ratio: 0.2, max: 10 });
    void this.#listen();
  }

  /** How many requests wait for their replies. */
  get inFlight(): number {
    return this.#calls.size;
  }

  /** Asks, and resolves with the answer. */
  ask(value: Out, how: AskOptions): Promise<In> {
    if (this.#closed) return Promise.reject(closedError('no'));
    if (how.signal?.aborted === true) return Promise.reject(aborted('a reply', how.signal));
    if (this.#isFull()) {
      this.refused += 1;
      const reason = 'Request: too many requests wait for replies, or to be sent';
      return Promise.reject(new BrokerlessError('QUEUE_FULL', reason));
    }
    return new Promise((resolve, reject) => {
      const call = this.#begin(this.#encode(value), how, resolve, reject);
      this.#budget.deposit();
      this.#send(call);
    });
  }

  /** Ends all waits. */
  close(): void {
    this.#closed = true;
    for (const call of this.#calls.clear()) this.#end(call, closedError(mayHaveRun(call)));
  }

  #isFull(): boolean {
    const { maxInFlight = 65_536, maxQueueBytes = MAX_QUEUE_BYTES } = this.#options;
    return this.#calls.size >= maxInFlight || this.#parts.writer.depthBytes >= maxQueueBytes;
  }

  #begin(
    body: Uint8Array,
    how: AskOptions,
    resolve: Asked<In>['resolve'],
    reject: Asked<In>['reject'],
  ): Asked<In> {
    const { signal } = how;
    const now = this.#clock.now();
    this.#count = (this.#count + 1) % 2 ** 32;
    const id = Buffer.allocUnsafe(NUMBER_BYTES);
    id.set(this.#salt);
    id.writeUInt32BE(this.#count, NUMBER_BYTES - 4);
    const abort = (): void => {
      const cause = (signal as AbortSignal).reason;
      const details = { cause, mayHaveRun: mayHaveRun(call) } as const;
      this.#end(call, new BrokerlessError('ABORTED', 'aborted while waiting for a reply', details));
    };
    signal?.addEventListener('abort', abort, { once: true });
    const call: Asked<In> = {
      number: this.#count,
      frames: [id, DELIMITER, body],
      resolve,
      reject,
      forget: () => signal?.removeEventListener('abort', abort),
      timeoutMs: how.timeoutMs ?? this.#options.timeoutMs ?? 5000,
      deadline: now + (how.deadlineMs ?? Infinity),
      maxAttempts: 1 + (how.retries ?? this.#options.retries ?? 0),
      attempts: 0,
      state: 'queued',
      wasSent: false,
      wakeAt: 0,
    };
    return call;
  }

  /** Begins an attempt. */
  #send(call: Asked<In>): void {
    const attempt = (call.attempts += 1);
    call.state = 'queued';
    this.#await(call);
    this.#parts.writer.push({
      frames: call.frames,
      count: 1,
      cancelled: () => call.state !== 'queued' || call.attempts !== attempt,
      sent: () => {
        call.wasSent = true;
        if (call.state === 'queued') call.state = 'sent';
      },
      failed: (cause) => {
        const reason = `ZeroMQ would not send the request: ${messageOf(cause)}`;
        this.#end(call, new BrokerlessError('SOCKET', reason, { cause }));
      },
    });
  }

  #await(call: Asked<In>): void {
    call.wakeAt = Math.min(call.deadline, this.#clock.now() + call.timeoutMs);
    this.#calls.put(call);
  }

  /** The time of an attempt is over, or that of the rest before the next one. */
  #wake(call: Asked<In>): void {
    const now = this.#clock.now();
    if (call.state === 'resting' && now < call.deadline) {
      this.retried += 1;
      this.#send(call);
      return;
    }
    const backoff = this.#options.backoff ?? { baseMs: 50, maxMs: 2000 };
    const random = (this.#options.random ?? Math.random)();
    const again = retryAt(call, this.#budget, backoff, { now, random });
    if (again === undefined) this.#end(call, this.#timeoutError(call));
    else this.#rest(call, again);
  }

  #rest(call: Asked<In>, until: number): void {
    call.state = 'resting';
    call.wakeAt = until;
    this.#calls.put(call);
  }

  #timeoutError(call: Asked<In>): BrokerlessError {
    const reason = call.wasSent
      ? `no reply in time, to ${call.attempts} of up to ${call.maxAttempts} attempts`
      : 'not sent in time: no server is connected, or those that are take nothing';
    return new BrokerlessError('TIMEOUT', reason, { mayHaveRun: mayHaveRun(call) });
  }

  #end(call: Asked<In>, error: BrokerlessError): void {
    this.#over(call);
    call.reject(error);
  }

  #over(call: Asked<In>): void {
    call.state = 'over';
    call.forget();
    this.#calls.remove(call);
  }

  async #listen(): Promise<void> {
    while (!this.#closed) {
      let frames: readonly Uint8Array[];
      try {
        frames = await this.#parts.read();
      } catch {
        return; // The socket has been closed.
      }
      const bytes = sumOfLengths(frames);
      this.bytesReceived += bytes;
      this.#parts.onReceived(bytes);
      this.#take(frames);
      if (overdue(workOf(1, bytes))) await nextTurn();
    }
  }

  #take(frames: readonly Uint8Array[]): void {
    const start = bodyStart(frames);
    const number = start === 2 ? this.#numberOf(frames[0] as Uint8Array) : undefined;
    if (start === undefined || number === undefined) {
      this.#parts.onFault('a reply that begins with no number of a request and an empty frame');
      return;
    }
    const call = this.#calls.get(number);
    if (call === undefined) this.late += 1;
    else this.#settle(call, frames, start);
  }

  #numberOf(id: Uint8Array): number | undefined {
    if (id.length !== NUMBER_BYTES) return undefined;
    for (let i = 0; i < NUMBER_BYTES - 4; i += 1) if (id[i] !== this.#salt[i]) return undefined;
    return Buffer.prototype.readUInt32BE.call(id, NUMBER_BYTES - 4);
  }

  #settle(call: Asked<In>, frames: readonly Uint8Array[], start: number): void {
    this.#over(call);
    this.received += 1;
    try {
      const [body, failure] = frames.slice(start) as [Uint8Array, Uint8Array | undefined];
      if (frames.length > start + 2) throw new Error(`a reply of ${frames.length} frames`);
      if (failure === undefined) call.resolve(this.#valueOf(body));
      else if (body.length === 0) call.reject(handlerError(failure));
      else throw new Error('a reply of two body frames');
    } catch (error) {
      this.#refuse(call, error);
    }
  }

  #valueOf(body: Uint8Array): In | Promise<In> {
    const value = decodeBody(this.#parts.unpacker, body);
    return this.#parts.check === undefined ? value : this.#parts.check(value);
  }

  /** Whoever asked hears at once that what came back makes no sense. */
  #refuse(call: Asked<In>, error: unknown): void {
    const reason = messageOf(error);
    this.#parts.onFault(reason);
    const details = { cause: error, mayHaveRun: 'maybe' } as const;
    call.reject(new BrokerlessError('BAD_MESSAGE', `the reply makes no sense: ${reason}`, details));
  }
}

function mayHaveRun({ wasSent }: { readonly wasSent: boolean }): 'no' | 'maybe' {
  return wasSent ? 'maybe' : 'no';
}

function closedError(ran: 'no' | 'maybe'): BrokerlessError {
  return new BrokerlessError('CLOSED', 'Request: the socket is closed', { mayHaveRun: ran });
}

function handlerError(frame: Uint8Array): BrokerlessError {
  const { code, message, data } = decodeFailure(frame);
  return new BrokerlessError('HANDLER_FAILED', message, {
    mayHaveRun: 'maybe',
    data: data === undefined ? { code } : { code, data },
  });
}
