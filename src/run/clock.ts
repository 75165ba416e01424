/**
 * Clock: the only file that knows what time it is, and the only way to wait in this code base.
 *
 * Time is monotonic: a change of the computer's date neither fires nor holds back anything.
 */

/** A monotonic clock. Injected, never reached for, so that tests can turn the hands themselves. */
export interface Clock {
  /** Milliseconds since some moment of the past; never runs backwards. */
  now(): number;
  /** Calls `wake` once, at or after `time`. Returns a function that cancels it. */
  at(time: number, wake: () => void): () => void;
}

// setTimeout fires at once when asked for more than this.
const LONGEST_TIMEOUT_MS = 0x7fff_ffff;

/** The computer's own clock. A wait on it keeps the process alive. */
export const systemClock: Clock = {
  now: () => performance.now(),
  at(time, wake) {
    // A timer may fire a millisecond early, so it is looked again before anyone is woken.
    const look = (): void => {
      const leftMs = time - performance.now();
      if (leftMs > 0) timer = setTimeout(look, Math.min(Math.ceil(leftMs), LONGEST_TIMEOUT_MS));
      else wake();
    };
    const firstMs = Math.ceil(Math.max(0, time - performance.now()));
    let timer = setTimeout(look, Math.min(firstMs, LONGEST_TIMEOUT_MS));
    return () => clearTimeout(timer);
  },
};

/** What is to be added to the time of `clock` to get that of the world's clock, as it is now. */
export function wallOffsetMs(clock: Clock): number {
  return Date.now() - clock.now();
}

/** How long it is until a date of the world's clock, in milliseconds; 0 if it is past. */
export function msUntil(date: Date): number {
  return Math.max(0, Math.ceil(date.getTime() - Date.now()));
}
