/**
 * Lifecycle: what all sockets share from the first bind or connect to the last byte flushed.
 *
 * Holds the zeromq socket and its monitor. What to do with messages is the business of the halves, an
 * outbox, an inbox or both, that the socket puts on top.
 */
import { isMainThread } from 'node:worker_threads';
import type { Socket } from 'zeromq';
import { BrokerlessError, closedError, isBrokerlessError, messageOf } from '../errors.ts';
import { systemClock } from '../run/clock.ts';
import { hear } from '../run/hear.ts';
import { type WaitOptions, waitFor } from '../run/wait.ts';
import { BATCH_BYTES } from '../wire/batch.ts';
import { publishFault } from './diagnostics.ts';
import { type Claim, checkEndpoint, checkLoopback, claim, isInproc, isIpv6 } from './endpoint.ts';
import { Monitor } from './monitor.ts';
import { assignForNext, canSend, construct, dispose, type NativeOptions } from './native.ts';
import { closeAtThreadExit } from './thread-exit.ts';

/** What a lifecycle is made of. */
export interface LifecycleOptions {
  /** Names the socket in errors. */
  readonly owner: string;
  /** zeromq's own options. */
  readonly native: NativeOptions;
  /** The most bytes of one value; a bound socket refuses longer frames before they are read. */
  readonly maxMessageBytes: number;
  /** Whether TCP may be bound beyond loopback. */
  readonly insecure: boolean;
  /** Hears of each message that was dropped because it made no sense. */
  readonly onFault: ((fault: BrokerlessError) => void) | undefined;
}

// By how much the linger outlasts the wait, so that its end is not taken for a flush in good time.
const MARGIN_MS = 50;

// How often we look, beyond the linger, whether libzmq has let go of a socket, and how long we wait in between. In
// short waits: where the machine stands still, one long wait is over before the thread that lets go has had its turn.
const GRACE_MS = 5;
const GRACES = 200;

// The same for inproc, where it is about the name, which does not depend on a peer; the rest is up to the peer. A
// thread waits as long as others, since zeromq aborts the process if it is terminated before.
const INPROC_GRACES = 10;

/** One zeromq socket, from construction to its end. */
export class Lifecycle<Raw extends Socket> {
  /** The zeromq socket. Only the owner's one reader and one writer may use it. */
  readonly raw: Raw;
  /** Its connection events. */
  readonly monitor: Monitor;
  /**
   * Resolves when the socket is first bound or connected; undefined from then on. Nothing may be read or
   * written before: attaching an inproc peer takes the very events that would wake a pending operation.
   */
  detached: Promise<void> | undefined;
  /** Whether more is read from it in this turn of the event loop without a wait. */
  readsOn = false;
  /** Whether the socket is being closed, or is. */
  closing = false;
  /**
   * Whether zeromq's socket has been closed. Nobody may ask zeromq itself afterwards: a call into it at the moment in
   * which its thread is terminated aborts the process.
   */
  disposed = false;
  /** Whether any endpoint is inproc, whose messages share memory between sender and receiver. */
  inproc = false;
  /** Messages from peers that were dropped because they made no sense. */
  faults = 0;
  /** How many peers this socket has connected to; any number if it is bound. */
  farEnds = 0;
  /** Whether any endpoint is not. */
  networked = false;

  readonly #options: LifecycleOptions;
  readonly #claims: Claim[] = [];
  readonly #ready: Promise<void>;
  #resolveReady: () => void = () => {};
  #attach: () => void = () => {};
  #endpoint = '';

  constructor(Type: new () => Raw, options: LifecycleOptions) {
    this.#options = options;
    this.raw = construct(Type, options.native);
    this.monitor = new Monitor(this.raw);
    this.detached = new Promise((resolve) => {
      this.#attach = resolve;
    });
    this.#ready = new Promise((resolve, reject) => {
      this.#resolveReady = resolve;
      void this.monitor.ended.then(() => reject(closedError(this.#options.owner)));
    });
    this.#ready.catch(() => {}); // Closing a socket that nobody waits for is no error.
    this.monitor.on('handshake', () => this.#resolveReady());
    closeAtThreadExit(this);
  }

  /** The endpoint bound or connected last, with the real port or path where a wildcard was given. */
  get endpoint(): string {
    return this.#endpoint;
  }

  /** Binds `endpoint`. Rejects with `ADDRESS`, `INSECURE_BIND` or `CLOSED`. */
  async bind(endpoint: string): Promise<void> {
    this.#checkOpen();
    checkEndpoint(endpoint);
    if (!this.#options.insecure) checkLoopback(endpoint);
    const claimed = await claim(endpoint);
    try {
      this.#attempt('bind', endpoint, () => {
        const limit = Math.max(this.#options.maxMessageBytes, BATCH_BYTES);
        assignForNext(this.raw, { maxMessageSize: limit, ipv6: isIpv6(endpoint) });
        this.raw.bindSync(claimed.endpoint);
        this.#endpoint = this.raw.lastEndpoint ?? claimed.endpoint;
      });
    } catch (error) {
      await claimed.release();
      throw error;
    }
    this.#claims.push(claimed);
    this.farEnds = Infinity;
    this.#resolveReady();
  }

  /** Connects to `endpoint`, now or whenever it comes up. Rejects with `ADDRESS` or `CLOSED`. */
  async connect(endpoint: string): Promise<void> {
    this.#checkOpen();
    checkEndpoint(endpoint);
    this.#attempt('connect to', endpoint, () => {
      // No limit here: libzmq never reconnects after a frame that is too long for it.
      assignForNext(this.raw, { maxMessageSize: -1, ipv6: isIpv6(endpoint) });
      this.raw.connect(endpoint);
      this.#endpoint = endpoint;
    });
    this.farEnds += 1;
    if (isInproc(endpoint)) this.#resolveReady();
  }

  /** Whether it sends long frames in pieces only: over inproc, from a thread that may end before who reads them. */
  get sendsPieces(): boolean {
    return this.inproc && !isMainThread;
  }

  /** Resolves once bound, or once the first handshake with a peer is done; inproc at once. */
  ready(options: WaitOptions): Promise<void> {
    if (this.closing) return Promise.reject(closedError(this.#options.owner));
    return waitFor('peer at the other end', this.#ready, options);
  }

  /** A peer sent what makes no sense: counts it and offers it to `onFault`. */
  fault(reason: string): void {
    this.faults += 1;
    publishFault(this.endpoint, reason);
    const fault = new BrokerlessError('BAD_MESSAGE', `dropped from a peer: ${reason}`);
    hear(this.#options.onFault, fault);
  }

  /**
   * Lets go of the socket: what ZeroMQ still holds may leave until `deadline`. Resolves with whether
   * ZeroMQ was done by then.
   */
  async end(deadline: number): Promise<boolean> {
    const leftMs = Math.max(0, Math.ceil(deadline - systemClock.now()));
    this.disposed = true;
    dispose(this.raw, leftMs === 0 ? 0 : leftMs + MARGIN_MS);
    // Over inproc, what was sent is with its peer already, whose next operation, if any, ends the connection.
    const flushed = !this.networked || (await settlesBefore(this.monitor.ended, deadline));
    if (!flushed || !this.networked) await this.#letGo();
    await Promise.all(this.#claims.map((claimed) => claimed.release()));
    return flushed;
  }

  /** Waits until libzmq has let go of the socket, if that is soon. */
  async #letGo(): Promise<void> {
    const graces = this.networked || !isMainThread ? GRACES : INPROC_GRACES;
    let isFree = false;
    for (let n = 0; n < graces && !isFree; n += 1) {
      isFree = await settlesBefore(this.monitor.ended, systemClock.now() + GRACE_MS);
    }
  }

  #attempt(verb: string, endpoint: string, action: () => void): void {
    this.#checkOpen(); // It may have been closed while the endpoint was made ready.
    this.#checkMixture(verb, endpoint);
    if (isInproc(endpoint)) this.inproc = true;
    else this.networked = true;
    try {
      action();
      this.detached = undefined;
      this.#attach();
    } catch (cause) {
      throw new BrokerlessError(
        'ADDRESS',
        `${this.#options.owner}: cannot ${verb} ${endpoint}: ${messageOf(cause)}`,
        { cause },
      );
    }
  }

  /** What is sent in pieces is for this package alone: no peer elsewhere may get it. */
  #checkMixture(verb: string, endpoint: string): void {
    const isMixed = isInproc(endpoint) ? this.networked : this.inproc;
    if (isMainThread || !isMixed || !canSend(this.raw)) return;
    const reason = 'in a worker thread, a socket that sends over inproc has no other endpoints';
    throw new BrokerlessError(
      'ADDRESS',
      `${this.#options.owner}: cannot ${verb} ${endpoint}: ${reason}`,
    );
  }

  #checkOpen(): void {
    if (this.closing) throw closedError(this.#options.owner);
  }
}

/** Whether `promise` settles before `deadline`, on the system's clock. */
export async function settlesBefore(promise: Promise<unknown>, deadline: number): Promise<boolean> {
  const timeoutMs = Math.max(0, deadline - systemClock.now());
  try {
    await waitFor('end', promise, { timeoutMs });
    return true;
  } catch (error) {
    if (isBrokerlessError(error, 'TIMEOUT')) return false;
    throw error;
  }
}
