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
 * Calls `onAbort` when `signal` fires. Returns a function that takes the listener away again; with no
 * signal, one that does nothing.
 */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  signal?.addEventListener('abort', listener, { once: true });
  return () => signal?.removeEventListener('abort', listener);
}

/**
 * The outcome of `promise`, unless its signal or deadline comes first. `what` goes on in any case; only
 * the waiting ends.
 */
export function waitFor<T>(
  what: string,
  promise: Promise<T>,
  options: WaitOptions,
  clock: Clock = systemClock,
): Promise<T> {
  const { signal, timeoutMs } = options;
  if (signal?.aborted === true) return Promise.reject(aborted(what, signal));
  if (signal === undefined && timeoutMs === undefined) return promise;
  return new Promise((resolve, reject) => {
    const cancelTimer =
      timeoutMs === undefined
        ? () => {}
        : clock.at(clock.now() + timeoutMs, () => {
            end();
            reject(new BrokerlessError('TIMEOUT', `no ${what} within ${timeoutMs} ms`));
          });
    const forget = onAbort(signal, () => {
      end();
      reject(aborted(what, signal as AbortSignal));
    });
    function end(): void {
      cancelTimer();
      forget();
    }
    promise.then(resolve, reject).finally(end);
  });
}
