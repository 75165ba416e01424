/**
 * Rate limit: reads a source no faster than so many items in so much time.
 *
 * For work that leans on something which takes no more: a service that counts calls, a disk, a database.
 * The window slides: wherever a stretch of `perMs` milliseconds begins, at most `limit` items are given in it.
 * So item number n + limit comes no sooner than `perMs` after item number n, and the first `limit` may come
 * at once. Nothing is saved up beyond that: after a silence of an hour no more than `limit` come at once.
 */
import { BrokerlessError } from 'brokerless';
import {
  type Checks,
  type Clock,
  checkArgument,
  checkOptions,
  Fifo,
  integer,
  iterable,
  shaped,
  systemClock,
} from 'brokerless/kit';
import { Passage } from './passage.ts';

// ── I. The rules: when there is room in the window ───────────────────────────────────────────

/** A window of time that slides: the moments of the last so many items. */
export class SlidingWindow {
  readonly #limit: number;
  readonly #perMs: number;
  readonly #moments = new Fifo<number>();

  /**
   * @param limit How many items it has room for.
   * @param perMs How long it is, in milliseconds.
   */
  constructor(limit: number, perMs: number) {
    this.#limit = limit;
    this.#perMs = perMs;
  }

  /** From when on there is room for one more. */
  get roomAt(): number {
    const first = this.#moments.length < this.#limit ? undefined : this.#moments.peek();
    return first === undefined ? Number.NEGATIVE_INFINITY : first + this.#perMs;
  }

  /** An item was given. */
  add(now: number): void {
    if (this.#moments.length === this.#limit) this.#moments.shift();
    this.#moments.push(now);
  }
}

// ── II. The source, and the clock ────────────────────────────────────────────────────────────

/** Options of {@link rateLimit}. */
export interface RateLimitOptions {
  /** How many items may come in `perMs`; 1 to 1,000,000. */
  readonly limit: number;
  /** How long the window is, in milliseconds. */
  readonly perMs: number;
  /** The clock that counts. Default: the computer's own. */
  readonly clock?: Clock | undefined;
  /** Ends the iteration with an error of code `ABORTED`, and leaves the source, when it fires. */
  readonly signal?: AbortSignal | undefined;
}

const optionChecks: Checks<RateLimitOptions> = {
  limit: integer(1, 1_000_000),
  perMs: integer(1),
  clock: shaped('an object with now and at', 'now', 'at'),
  signal: shaped('an AbortSignal', 'addEventListener'),
};

/**
 * Gives the items of `source`, at most `limit` in any stretch of `perMs` milliseconds. An item counts from the
 * moment at which it is given, and the source is asked for the next one only when there is room for it. That
 * it has ended it says when it is asked, so the end may have to wait for room as an item does.
 *
 * @throws BrokerlessError `BAD_OPTION`.
 */
export function rateLimit<T>(
  source: Iterable<T> | AsyncIterable<T>,
  options: RateLimitOptions,
): AsyncIterableIterator<T, undefined> {
  const { limit, perMs, clock = systemClock, signal } = checked(source, options);
  const window = new SlidingWindow(limit, perMs);
  let cancelAlarm = (): void => {};
  const wait = (time: number): Promise<void> =>
    new Promise((resolve) => {
      cancelAlarm = clock.at(time, resolve);
    });
  const abort = (): void => passage.fail(aborted(signal));
  const passage = new Passage<T, T>(
    source,
    async (pull) => {
      if (window.roomAt > clock.now()) await wait(window.roomAt);
      const result = await pull();
      window.add(clock.now());
      return result;
    },
    () => {
      cancelAlarm();
      signal?.removeEventListener('abort', abort);
    },
  );
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted === true) abort();
  return passage;
}

function checked(source: unknown, options: RateLimitOptions): RateLimitOptions {
  checkArgument('rateLimit', 'source', source, iterable);
  checkOptions('rateLimit', options, optionChecks);
  checkArgument('rateLimit', 'limit', options.limit, optionChecks.limit);
  checkArgument('rateLimit', 'perMs', options.perMs, optionChecks.perMs);
  return options;
}

function aborted(signal: AbortSignal | undefined): BrokerlessError {
  const cause: unknown = signal?.reason;
  return new BrokerlessError('ABORTED', 'aborted while waiting for an item', { cause });
}
