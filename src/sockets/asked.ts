/**
 * Asked: one request, from the call to its end, and how far it has got.
 */
import { BrokerlessError, type ErrorCode, messageOf } from '../errors.ts';
import type { TimedCall } from '../rules/call-table.ts';
import type { Parcel } from './writer.ts';

/** Until when a request waits, and how often it is asked. */
export interface Patience {
  /** How long each attempt waits for its reply, in milliseconds. */
  readonly timeoutMs: number;
  /** When all is to be over, by the socket's clock. */
  readonly deadline: number;
  /** How many attempts there may be. */
  readonly maxAttempts: number;
}

/** Whoever asked. */
export interface Asking<In> {
  /** Takes the answer. */
  readonly resolve: (value: In | Promise<In>) => void;
  /** Takes why there is none. */
  readonly reject: (error: unknown) => void;
  /** Ends the wait. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Where a request is: waiting in this process, being offered to ZeroMQ, with ZeroMQ or beyond, resting
 * before the next attempt, or done with.
 */
export type Stage = 'queued' | 'leaving' | 'away' | 'resting' | 'over';

/** A request. It is its own message, and its own entry among the calls. */
export class Asked<In> implements TimedCall, Parcel {
  readonly number: number;
  readonly frames: Uint8Array[];
  readonly count = 1;
  /** Until when it waits. */
  readonly patience: Patience;
  wakeAt = 0;
  /** How many attempts there have been. */
  attempts = 0;
  /** Where it is. */
  stage: Stage = 'queued';
  #isQueued = false;
  #hasLeft = false;
  readonly #asking: Asking<In>;
  readonly #onOver: (asked: Asked<In>) => void;
  readonly #onAbort: (() => void) | undefined;

  /** @param onOver Called once, when nobody waits any more. */
  constructor(
    number: number,
    frames: Uint8Array[],
    patience: Patience,
    asking: Asking<In>,
    onOver: (asked: Asked<In>) => void,
  ) {
    this.number = number;
    this.frames = frames;
    this.patience = patience;
    this.#asking = asking;
    this.#onOver = onOver;
    const { signal } = asking;
    if (signal !== undefined) {
      this.#onAbort = () => this.#abort(signal);
      signal.addEventListener('abort', this.#onAbort, { once: true });
    }
  }

  /** Whether the effect may have happened: an attempt has left, or is just leaving. */
  get mayHaveRun(): 'no' | 'maybe' {
    return this.#hasLeft || this.stage === 'leaving' ? 'maybe' : 'no';
  }

  /** Whether it waits in this process, as nobody takes it. */
  get isQueued(): boolean {
    return this.#isQueued;
  }

  /** Begins an attempt, for which it must be put into the queue. */
  begins(): void {
    this.attempts += 1;
    this.stage = 'queued';
    this.#isQueued = true;
  }

  /** Rests until it is woken, if the last attempt has left this process. */
  rests(): void {
    this.stage = 'resting';
  }

  wanted(): boolean {
    return this.stage !== 'over';
  }

  leaves(): void {
    this.stage = 'leaving';
  }

  stays(): void {
    if (this.stage === 'leaving') this.stage = 'queued';
  }

  sent(): void {
    this.#isQueued = false;
    this.#hasLeft = true;
    if (this.stage === 'leaving') this.stage = 'away';
  }

  failed(cause: unknown): void {
    this.#isQueued = false;
    const reason = `ZeroMQ would not send the request: ${messageOf(cause)}`;
    this.reject('SOCKET', reason, { cause });
  }

  /** The answer is there. */
  resolve(value: In | Promise<In>): void {
    if (this.#ends()) this.#asking.resolve(value);
  }

  /** There will be no answer. The error says whether the effect may have happened. */
  reject(
    code: ErrorCode,
    message: string,
    details: { readonly cause?: unknown; readonly data?: unknown } = {},
  ): void {
    const { mayHaveRun } = this;
    if (!this.#ends()) return;
    this.#asking.reject(new BrokerlessError(code, message, { ...details, mayHaveRun }));
  }

  #abort(signal: AbortSignal): void {
    this.reject('ABORTED', 'aborted while waiting for a reply', { cause: signal.reason });
  }

  #ends(): boolean {
    if (this.stage === 'over') return false;
    this.stage = 'over';
    if (this.#onAbort) this.#asking.signal?.removeEventListener('abort', this.#onAbort);
    this.#onOver(this);
    return true;
  }
}
