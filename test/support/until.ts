/**
 * Waits for a condition and not for time to pass: a test that is right goes on at once, and one that
 * is wrong says what it waited for.
 */

/** How a wait ends that is in vain. */
export interface UntilOptions {
  /** How long the condition may take. Default 20 s. */
  readonly timeoutMs?: number;
  /** What was waited for, as the failure tells it. Default: the condition's own text. */
  readonly what?: string;
}

/**
 * Resolves once `condition` holds; it is looked at again after every turn of the event loop.
 *
 * @throws Error that names the condition, after the deadline; at once what the condition throws.
 */
export function until(
  condition: () => boolean,
  { timeoutMs = 20_000, what = String(condition) }: UntilOptions = {},
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  return new Promise((resolve, reject) => {
    const look = (): void => {
      try {
        if (condition()) resolve();
        else if (performance.now() < deadline) setTimeout(look, 1);
        else reject(new Error(`waited ${timeoutMs} ms in vain until ${what}`));
      } catch (error) {
        reject(error);
      }
    };
    look();
  });
}
