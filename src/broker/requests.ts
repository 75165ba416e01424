/**
 * Requests: what clients ask of a broker and no worker has in hand, from the message to the failure that is
 * sent back when nothing can be done about it.
 *
 * A request is kept as it came: what stands before its empty frame is replayed to the client verbatim, and
 * its body is never looked into.
 */
import { send } from '../rules/rules.ts';
import { type Queued, Waiting } from '../rules/waiting.ts';
import { sumOfLengths } from '../wire/batch.ts';
import { bodyStart, DELIMITER, encodeFailure } from '../wire/envelope.ts';
import { decodeHeader } from './header.ts';

/** The frames of a message. */
export type Frames = readonly Uint8Array[];

/** A message and the peer that it came from or goes to. */
export interface PeerMessage {
  /** The name of the peer's connection. */
  readonly peer: string;
  /** The frames, without that name. */
  readonly value: Frames;
}

/** A request that a broker has taken on. */
export interface BrokerRequest extends Queued {
  /** Which request of this broker it is: they count up from 1. */
  readonly number: number;
  /** The client's connection. */
  readonly peer: string;
  /** What is sent back before the body of the reply; ends with the empty frame. */
  readonly address: Frames;
  /** What is asked. */
  readonly body: Frames;
  /** When it came, in the clock's milliseconds. */
  readonly receivedAt: number;
  /** How often it has been given to a worker. */
  attempts: number;
}

/** What happens to requests when no more may wait. */
export type BrokerOverflow = 'wait' | 'reject';

/** How requests are taken on. */
export interface RequestsOptions {
  /** How many may wait for a worker. */
  readonly maxWaiting: number;
  /** How many bytes those may take together. */
  readonly maxWaitingBytes: number;
  /** Whether more are left in ZeroMQ, or refused. */
  readonly overflow: BrokerOverflow;
  /** How long a request is wanted that does not say so itself, in milliseconds. */
  readonly requestMs: number;
}

/**
 * Why a broker did not answer with a worker's reply, as a failure's `code`. Only `WORKER_LOST` leaves open
 * whether the request has had an effect: the others say that no worker had it.
 */
export type BrokerFailure = 'QUEUE_FULL' | 'EXPIRED' | 'WORKER_LOST';

/** The action that sends a client something. */
export interface ToClient {
  /** That it is a message. */
  readonly kind: 'send';
  /** By which port it leaves. */
  readonly to: 'clients';
  /** Whom it goes to, and its frames. */
  readonly message: PeerMessage;
}

/** Where such actions are gathered: a list of actions of any kind. */
export interface Outgoing {
  /** Takes one more. */
  push(action: ToClient): unknown;
}

/**
 * The most that the frames around a body should come to, in bytes: sockets take messages that are longer
 * than the longest body by so much.
 */
export const ENVELOPE_BYTES: number = 64 << 10;

// What a frame takes besides its bytes, about: a message may be nothing but empty frames.
const FRAME_BYTES = 64;

const failures: Readonly<Record<BrokerFailure, Uint8Array>> = {
  QUEUE_FULL: frameOf('QUEUE_FULL', 'too many requests wait for a worker'),
  EXPIRED: frameOf('EXPIRED', 'no worker was free in time'),
  WORKER_LOST: frameOf('WORKER_LOST', 'each worker that had it was lost'),
};

function frameOf(code: BrokerFailure, message: string): Uint8Array {
  return encodeFailure({ code, message, from: 'broker' });
}

/** The requests of one broker that wait for a worker. What there is to send is added to `out`. */
export class Requests {
  /** Requests taken on. */
  received = 0;
  /** Requests turned away because too many waited. */
  refused = 0;
  /** Requests whose time was over before anybody had answered. */
  expired = 0;
  /** Requests that went back in line, because their worker was lost or could not be reached. */
  redelivered = 0;
  /** Requests given up because their workers were lost. */
  deadLettered = 0;
  /** Messages of clients that made no sense. */
  faults = 0;
  readonly #options: RequestsOptions;
  readonly #waiting: Waiting<BrokerRequest>;

  constructor(options: RequestsOptions) {
    this.#options = options;
    const { maxWaiting, maxWaitingBytes } = options;
    this.#waiting = new Waiting({ maxCount: maxWaiting, maxBytes: maxWaitingBytes });
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** How many bytes those take. */
  get waitingBytes(): number {
    return this.#waiting.bytes;
  }

  /** When {@link tick} is next due. */
  get deadline(): number | undefined {
    return this.#waiting.deadline;
  }

  /**
   * Whether clients should be read from. Once the line was full it has to be half empty first: requests
   * that wait in ZeroMQ are read many at a time, and those read one by one wake the process for each.
   */
  get accepts(): boolean {
    return this.#options.overflow === 'reject' || !this.#waiting.isCrowded;
  }

  /** How long the one that came first has waited, in milliseconds; 0 if none waits. */
  oldestMs(now: number): number {
    let oldest = now;
    for (const { receivedAt } of this.#waiting) oldest = Math.min(oldest, receivedAt);
    return now - oldest;
  }

  /** A client has sent something. */
  take({ peer, value: frames }: PeerMessage, now: number, out: Outgoing): void {
    const start = bodyStart(frames);
    if (start === undefined) {
      // ZMQ_PROBE_ROUTER makes a client begin with an empty message.
      if (frames.length !== 1 || frames[0]?.length !== 0) this.faults += 1;
      return;
    }
    const header = start > 1 ? decodeHeader(frames[start - 2] as Uint8Array) : undefined;
    const request: BrokerRequest = {
      number: this.received + 1,
      peer,
      address: frames.slice(0, start),
      body: frames.slice(start),
      bytes: sumOfLengths(frames) + FRAME_BYTES * frames.length,
      priority: header?.priority ?? 0,
      expiresAt: now + (header?.remainingMs ?? this.#options.requestMs),
      receivedAt: now,
      attempts: 0,
    };
    // One that had been asked for already when the line became full is taken on all the same.
    if (this.#waiting.isFull && this.#options.overflow === 'reject') {
      this.refused += 1;
      fail(request, 'QUEUE_FULL', out);
      return;
    }
    this.received += 1;
    this.#waiting.push(request);
  }

  /** Takes the request that is next and still wanted. */
  next(now: number, out: Outgoing): BrokerRequest | undefined {
    for (;;) {
      const request = this.#waiting.shift();
      if (request === undefined || now < request.expiresAt) return request;
      this.#expire(request, out);
    }
  }

  /**
   * The worker that had it is lost. It goes before all others, unless it is no longer wanted or has been
   * given out `maxAttempts` times.
   */
  putBack(request: BrokerRequest, maxAttempts: number, now: number, out: Outgoing): void {
    if (now >= request.expiresAt) this.#expire(request, out);
    else if (request.attempts >= maxAttempts) {
      this.deadLettered += 1;
      fail(request, 'WORKER_LOST', out);
    } else {
      this.redelivered += 1;
      this.#waiting.putBack(request);
    }
  }

  /** A client has gone. Nobody waits for its answers. Tells how many requests that were. */
  forget(client: string): number {
    if (this.#waiting.length === 0) return 0;
    return this.#waiting.remove(({ peer }) => peer === client).length;
  }

  /** Answers those whose time is over. */
  tick(now: number, out: Outgoing): void {
    for (const request of this.#waiting.expired(now)) this.#expire(request, out);
  }

  #expire(request: BrokerRequest, out: Outgoing): void {
    this.expired += 1;
    fail(request, request.attempts === 0 ? 'EXPIRED' : 'WORKER_LOST', out);
  }
}

/** The reply to a request: the body frames of an answer, sent where they belong. */
export function replyTo({ peer, address }: BrokerRequest, body: Frames): ToClient {
  return send('clients', { peer, value: [...address, ...body] });
}

function fail(request: BrokerRequest, failure: BrokerFailure, out: Outgoing): void {
  out.push(replyTo(request, [DELIMITER, failures[failure]]));
}
