/**
 * Wait: no wait without a way out. A signal or a deadline ends it, and no listener stays behind.
 */
import { BrokerlessError } from '../errors.ts';
import { type Clock, systemClock } from './clock.ts';

/** How a wait can end early. */
export interface WaitOptions {
  /** Ends the wait with an error of code `ABORTED`, whose cause is the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Ends the wait with an error of code `TIMEOUT` after so many milliseconds. Default: never. */
  readonly timeoutMs?: number | undefined;
}

/** The error of a wait that its signal ended; `what` says what was waited for. */
export function aborted(what: string, signal: AbortSignal): BrokerlessError {
  return new BrokerlessError('ABORTED', `aborted while waiting for ${what}`, {
    cause: signal.reason,
  });
}

/**
 * The two ways in which a wait is ended by whoever has what is waited for. Methods, so that a socket of
 * numbers is also one of anything.
 */
export interface Waiter<T> {
  /** Gives it. */
  resolve(value: T): void;
  /** Says that it will not come. */
  reject(error: unknown): void;
}

/**
 * Waits in a line until someone there resolves or rejects, or `signal` fires. `enlist` puts the waiter
 * into the line, and returns what takes it out again.
 */
export function waitInLine<T>(
  what: string,
  signal: AbortSignal | undefined,
  enlist: (waiter: Waiter<T>) => () => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const forget = onAbort(signal, () => {
      leave();
      reject(aborted(what, signal as AbortSignal));
    });
    const leave = enlist({
      resolve: (value) => {
        forget();
        resolve(value);
      },
      reject: (error) => {
        forget();
        reject(error);
      },
    });
  });
}

function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  signal?.addEventListener('abort', listener, { once: true });
  return () => signal?.removeEventListener('abort', listener);
}

/**
 * The outcome of `promise`, unless its signal or deadline comes first. What is waited for goes on in any
 * case; only the waiting ends.
 */
export function waitFor<T>(
  what: string,
  promise: Promise<T>,
  options: WaitOptions,
  clock: Clock = systemClock,
): Promise<T> {
  const { signal, timeoutMs } = options;
  if (signal?.aborted === true) {
    promise.catch(() => {}); // Nobody waits for it any more, however it ends.
    return Promise.reject(aborted(what, signal));
  }
  if (signal === undefined && timeoutMs === undefined) return promise;
  let cancelTimer = (): void => {};
  const wait = waitInLine<T>(what, signal, (waiter) => {
    promise.then(
      (value) => waiter.resolve(value),
      (error: unknown) => waiter.reject(error),
    );
    if (timeoutMs !== undefined) {
      cancelTimer = clock.at(clock.now() + timeoutMs, () => {
        waiter.reject(new BrokerlessError('TIMEOUT', `no ${what} within ${timeoutMs} ms`));
      });
    }
    return () => {};
  });
  return wait.finally(() => cancelTimer());
}
