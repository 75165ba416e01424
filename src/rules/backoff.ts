/**
 * Backoff: how long to wait before the next try, longer each time and never twice the same.
 *
 * Exponential with full jitter: the wait is drawn between nothing and a ceiling that doubles. Of all
 * the usual shapes this one spreads a crowd of retrying peers the most evenly. Pure: the randomness
 * is an argument.
 */

/** How a wait grows from one try to the next. */
export interface BackoffOptions {
  /** The ceiling of the first wait, in milliseconds. */
  readonly baseMs: number;
  /** What no wait exceeds, in milliseconds. */
  readonly maxMs: number;
}

/**
 * The wait before try number `attempt` (1 is the first retry), in milliseconds.
 *
 * @param random A number from 0 up to but not including 1, such as `Math.random()` gives.
 */
export function backoffMs(attempt: number, options: BackoffOptions, random: number): number {
  const ceiling = Math.min(options.maxMs, options.baseMs * 2 ** Math.min(attempt - 1, 52));
  return Math.floor(random * ceiling);
}
