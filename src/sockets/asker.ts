/**
 * Asker: the requests of one socket, from the call to the reply.
 *
 *     ask ──▶ writer ──▶ ZeroMQ ──▶ …        each request with a number of its own
 *     calls ◀── reader ◀── ZeroMQ ◀── …      which finds the call that waits
 *
 * What a server is late with finds no call any more: it is dropped and counted.
 */
import { randomBytes } from 'node:crypto';
import { BrokerlessError, closedError, messageOf } from '../errors.ts';
import { RetryBudget, retryAt } from '../rules/retry.ts';
import { type Clock, systemClock } from '../run/clock.ts';
import { nextTurn, overdue, politely, workOf } from '../run/turn.ts';
import { aborted } from '../run/wait.ts';
import { bodyStart, DELIMITER, decodeFailure } from '../wire/envelope.ts';
import { Asked, type Patience } from './asked.ts';
import { Calls } from './calls.ts';
import type { Exchange } from './exchange.ts';
import { MAX_QUEUE_BYTES } from './options.ts';
import type { AskOptions, RequestOptions } from './request-options.ts';
import type { ReceivingHalf } from './socket.ts';

const SALT_BYTES = 4;
const NUMBER_BYTES = SALT_BYTES + 4;

/** Makes requests and finds their replies. */
export class Asker<Out, In> implements ReceivingHalf {
  received = 0;
  readonly depth = 0; // A reply goes straight to its call.
  /** Attempts after the first. */
  retried = 0;
  /** Replies that came when nobody waited for them any more. */
  late = 0;
  readonly #options: RequestOptions<Out, In>;
  readonly #exchange: Exchange<Out, In>;
  readonly #clock: Clock;
  readonly #calls: Calls<Asked<In>>;
  readonly #forget = (asked: Asked<In>): void => this.#calls.remove(asked);
  readonly #budget: RetryBudget;
  readonly #salt = randomBytes(SALT_BYTES); // A server that was restarted may mix up its clients.
  #onAsked: (() => void) | undefined;
  #closed = false;

  constructor(options: RequestOptions<Out, In>, exchange: Exchange<Out, In>) {
    this.#options = options;
    this.#exchange = exchange;
    this.#clock = options.clock ?? systemClock;
    this.#calls = new Calls(this.#clock, (call) => this.#wake(call));
    this.#budget = new RetryBudget(options.retryBudget ?? { ratio: 0.2, max: 10 });
    void this.#listen();
  }

  get bytesReceived(): number {
    return this.#exchange.bytesReceived;
  }

  /** How many requests wait for their replies. */
  get inFlight(): number {
    return this.#calls.size;
  }

  /** Asks, and resolves with the answer. */
  ask(value: Out, how: AskOptions): Promise<In> {
    const { signal } = how;
    if (this.#closed) return Promise.reject(closedError('Request'));
    if (signal?.aborted === true) return Promise.reject(aborted('a reply', signal));
    if (this.#isFull()) {
      this.#exchange.writer.refused += 1;
      const reason = 'Request: too many requests wait for replies, or to be sent';
      return politely(Promise.reject(new BrokerlessError('QUEUE_FULL', reason)));
    }
    return new Promise((resolve, reject) => {
      const body = this.#exchange.encode(value);
      const number = this.#calls.nextNumber();
      const frames = [this.#idOf(number), DELIMITER, body];
      const asking = { resolve, reject, signal };
      this.#budget.deposit();
      this.#send(new Asked(number, frames, this.#patienceFor(how), asking, this.#forget));
      this.#onAsked?.();
    });
  }

  /** Ends all waits. */
  close(): void {
    this.#closed = true;
    const { code, message } = closedError('Request');
    for (const asked of this.#calls.clear()) asked.reject(code, message);
  }

  #isFull(): boolean {
    const { maxInFlight = 65_536, maxQueueBytes = MAX_QUEUE_BYTES } = this.#options;
    return this.#calls.size >= maxInFlight || this.#exchange.writer.depthBytes >= maxQueueBytes;
  }

  #idOf(number: number): Uint8Array {
    const id = Buffer.allocUnsafe(NUMBER_BYTES);
    id.set(this.#salt);
    id.writeUInt32BE(number, SALT_BYTES);
    return id;
  }

  #patienceFor(how: AskOptions): Patience {
    const { timeoutMs = 5000, retries = 0 } = this.#options;
    return {
      timeoutMs: how.timeoutMs ?? timeoutMs,
      deadline: this.#clock.now() + (how.deadlineMs ?? Infinity),
      maxAttempts: 1 + (how.retries ?? retries),
    };
  }

  /** Begins an attempt. One that has not left this process yet only gets more time. */
  #send(asked: Asked<In>): void {
    const { timeoutMs, deadline } = asked.patience;
    this.#wakeAt(asked, Math.min(deadline, this.#clock.now() + timeoutMs));
    const isQueued = asked.isQueued;
    asked.begins();
    if (!isQueued) this.#exchange.writer.push(asked);
  }

  #wakeAt(asked: Asked<In>, time: number): void {
    asked.wakeAt = time;
    this.#calls.put(asked);
  }

  /** The time of an attempt is over, or that of the rest before the next one. */
  #wake(asked: Asked<In>): void {
    const now = this.#clock.now();
    const { deadline } = asked.patience;
    if (asked.stage === 'resting' && now < deadline) {
      this.retried += 1;
      this.#send(asked);
      return;
    }
    const { attempts } = asked;
    if (asked.stage === 'queued' && attempts < asked.patience.maxAttempts && now < deadline) {
      this.#send(asked); // It has not left: more time is no retry.
      return;
    }
    const backoff = this.#options.backoff ?? { baseMs: 50, maxMs: 2000 };
    const random = (this.#options.random ?? Math.random)();
    const again = retryAt({ ...asked.patience, attempts }, this.#budget, backoff, { now, random });
    if (again === undefined) this.#giveUp(asked);
    else {
      asked.rests();
      this.#wakeAt(asked, again);
    }
  }

  #giveUp(asked: Asked<In>): void {
    const { attempts, patience, mayHaveRun } = asked;
    const reason =
      mayHaveRun === 'no'
        ? 'not sent in time: no server is connected, or those that are take nothing'
        : `no reply in time, at attempt ${attempts} of up to ${patience.maxAttempts}`;
    asked.reject('TIMEOUT', reason);
  }

  /** Reads while any reply may come: a read that is pending makes every send dearer. */
  async #listen(): Promise<void> {
    while (!this.#closed) {
      if (this.#calls.size === 0 && this.#exchange.writer.sent <= this.received + this.late)
        await this.#asked();
      let frames: readonly Uint8Array[];
      try {
        frames = this.#exchange.whole(await this.#exchange.read());
      } catch {
        return; // The socket has been closed.
      }
      const bytes = this.#exchange.count(frames);
      this.#take(frames);
      if (overdue(workOf(1, bytes))) await nextTurn();
    }
  }

  #asked(): Promise<void> {
    return new Promise((resolve) => {
      this.#onAsked = () => {
        this.#onAsked = undefined;
        resolve();
      };
    });
  }

  #take(frames: readonly Uint8Array[]): void {
    const start = bodyStart(frames);
    const number = start === 2 ? this.#numberOf(frames[0] as Uint8Array) : undefined;
    if (start === undefined || number === undefined) {
      this.#exchange.fault('a reply that begins with no number of a request and an empty frame');
      return;
    }
    const asked = this.#calls.get(number);
    if (asked === undefined) this.late += 1;
    else this.#settle(asked, frames, start);
  }

  #numberOf(id: Uint8Array): number | undefined {
    if (id.length !== NUMBER_BYTES) return undefined;
    for (let i = 0; i < SALT_BYTES; i += 1) if (id[i] !== this.#salt[i]) return undefined;
    return Buffer.prototype.readUInt32BE.call(id, SALT_BYTES);
  }

  #settle(asked: Asked<In>, frames: readonly Uint8Array[], start: number): void {
    this.received += 1;
    const body = frames[start] as Uint8Array;
    const failure = frames[start + 1];
    try {
      if (failure === undefined) asked.resolve(this.#valueOf(body));
      else if (body.length === 0 && frames.length === start + 2) refuse(asked, failure);
      else throw new Error('a reply of several body frames');
    } catch (error) {
      const { message, cause } = this.#senseless(error);
      asked.reject('BAD_MESSAGE', message, { cause });
    }
  }

  /** Whoever asked hears at once that what came back makes no sense. */
  #senseless(cause: unknown): BrokerlessError {
    const reason = messageOf(cause);
    this.#exchange.fault(reason);
    const details = { cause, mayHaveRun: 'maybe' } as const;
    return new BrokerlessError('BAD_MESSAGE', `the reply makes no sense: ${reason}`, details);
  }

  #valueOf(body: Uint8Array): In | Promise<In> {
    const checked = this.#exchange.valueOf(body);
    return checked instanceof Promise
      ? checked.catch((error: unknown) => {
          throw this.#senseless(error);
        })
      : checked;
  }
}

/** What the server says went wrong. */
function refuse<In>(asked: Asked<In>, frame: Uint8Array): void {
  const { code, message, data } = decodeFailure(frame);
  asked.reject('HANDLER_FAILED', message, { data: data === undefined ? { code } : { code, data } });
}
