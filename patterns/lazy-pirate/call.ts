/**
 * Call: whoever asked and waits, from the call to the answer or the error.
 */
import { BrokerlessError, isBrokerlessError } from 'brokerless';
import { messageOf } from 'brokerless/kit';

/** Somebody who waits. */
export class Call<In> {
  /** When it began, in the clock's milliseconds. */
  readonly askedAt: number;
  readonly #resolve: (value: In | Promise<In>) => void;
  readonly #reject: (error: unknown) => void;
  #forget: () => void = () => {};

  constructor(
    askedAt: number,
    resolve: (value: In | Promise<In>) => void,
    reject: (error: unknown) => void,
  ) {
    this.askedAt = askedAt;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Calls `onAbort` when `signal` fires before the call is settled. No listener stays behind. */
  heed(signal: AbortSignal, onAbort: () => void): void {
    signal.addEventListener('abort', onAbort, { once: true });
    this.#forget = () => signal.removeEventListener('abort', onAbort);
  }

  /** The answer is there. */
  resolve(value: In | Promise<In>): void {
    this.#forget();
    this.#resolve(value);
  }

  /** There will be none. */
  reject(error: unknown): void {
    this.#forget();
    this.#reject(error);
  }
}

/** The error of asking a client that is closed, or that is closed before the answer has come. */
export function closedError(mayHaveRun: 'no' | 'maybe'): BrokerlessError {
  return new BrokerlessError('CLOSED', 'LazyPirate: the client is closed', { mayHaveRun });
}

/** The error of a wait that its signal has ended. */
export function abortedError(signal: AbortSignal, mayHaveRun: 'no' | 'maybe'): BrokerlessError {
  const details = { cause: signal.reason, mayHaveRun };
  return new BrokerlessError('ABORTED', 'aborted while waiting for a reply', details);
}

/** The error of a wait that ends because there is no socket to ask by; `cause` says why. */
export function brokenError(cause: unknown, mayHaveRun: 'no' | 'maybe'): BrokerlessError {
  const code = isBrokerlessError(cause) ? cause.code : 'SOCKET';
  return new BrokerlessError(code, messageOf(cause), { cause, mayHaveRun });
}
