/**
 * Hear: calls a listener of the application's, whose mistakes are its own.
 *
 * What it throws surfaces as an uncaught exception, as it should, and does not get in the way of whoever
 * calls: that a listener fails is no reason to stop receiving.
 */

/** Calls `listener`, if there is one, with `what`. Never throws. */
export function hear<What>(listener: ((what: What) => void) | undefined, what: What): void {
  try {
    listener?.(what);
  } catch (error) {
    surface(error);
  }
}

/** Makes an error that nobody else hears of an uncaught exception. */
export function surface(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
