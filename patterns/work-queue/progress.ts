/**
 * Progress: tells how far things are, how quickly they go, and when they will be done.
 *
 * The rate is smoothed: what counts most are the last ten seconds, or the last twenty items if those took
 * longer. So one slow item does not double the time that seems to be left, and a change is seen soon.
 */
import {
  type Checks,
  type Clock,
  callback,
  checkArgument,
  checkOptions,
  integer,
  iterable,
  shaped,
  systemClock,
} from 'brokerless/kit';
import { Passage } from './passage.ts';

/** How far things are. */
export interface Progress {
  /** Outcomes that have come. */
  readonly done: number;
  /** Outcomes that are to come in all, if that is known. */
  readonly total: number | undefined;
  /** Outcomes a second, smoothed; 0 until some time has passed. */
  readonly perSecond: number;
  /** How long the rest will take at this rate, in milliseconds; undefined if nobody can tell. */
  readonly etaMs: number | undefined;
  /** How long it has taken so far, in milliseconds. */
  readonly elapsedMs: number;
}

// ── I. The rules: the rate, and what follows from it ─────────────────────────────────────────

const MEMORY_MS = 10_000;
const MEMORY_ITEMS = 20;

/** Works out the progress from counts and times. */
export class Pace {
  readonly #startedAt: number;
  readonly #total: number | undefined;
  #done = 0;
  #at: number;
  // Items, and the time they took, of which the past counts less and less. One divided by the other is exact
  // from the start, where a plain moving average would begin too low.
  #items = 0;
  #ms = 0;

  /**
   * @param startedAt When it began.
   * @param total How many there will be, if that is known.
   */
  constructor(startedAt: number, total: number | undefined) {
    this.#startedAt = startedAt;
    this.#total = total;
    this.#at = startedAt;
  }

  /** So many have come by now, in all. */
  reach(done: number, now: number): Progress {
    const [items, ms] = [done - this.#done, now - this.#at];
    const faded = Math.exp(-Math.min(items / MEMORY_ITEMS, ms / MEMORY_MS));
    this.#items = this.#items * faded + items;
    this.#ms = this.#ms * faded + ms;
    this.#done = done;
    this.#at = now;
    return this.#report();
  }

  #report(): Progress {
    const [done, total] = [this.#done, this.#total];
    const perMs = this.#ms > 0 ? this.#items / this.#ms : 0;
    const left = total === undefined ? undefined : Math.max(0, total - done);
    return {
      done,
      total,
      perSecond: perMs * 1000,
      etaMs: left === undefined ? undefined : timeFor(left, perMs),
      elapsedMs: this.#at - this.#startedAt,
    };
  }
}

function timeFor(items: number, perMs: number): number | undefined {
  if (items === 0) return 0;
  return perMs > 0 ? items / perMs : undefined;
}

// ── II. The source, and the clock ────────────────────────────────────────────────────────────

/** Options of {@link progress}. */
export interface ProgressOptions {
  /** How many outcomes there will be; without it there is no `etaMs`. */
  readonly total?: number | undefined;
  /** Is told the progress. What it throws ends the iteration. */
  readonly onProgress: (progress: Progress) => void;
  /** How often it is told at most, in milliseconds. Default 250. */
  readonly everyMs?: number | undefined;
  /** The clock that counts. Default: the computer's own. */
  readonly clock?: Clock | undefined;
}

const optionChecks: Checks<ProgressOptions> = {
  total: integer(0),
  onProgress: callback,
  everyMs: integer(0),
  clock: shaped('an object with now and at', 'now', 'at'),
};

/**
 * Gives `outcomes`, or the items of any source, as they come, and tells `onProgress` how far they are: once
 * `everyMs` at most and only if something has come meanwhile, and once when they have ended. Time counts from
 * when the first is asked for.
 *
 * @throws BrokerlessError `BAD_OPTION`.
 */
export function progress<T>(
  outcomes: Iterable<T> | AsyncIterable<T>,
  options: ProgressOptions,
): AsyncIterableIterator<T, undefined> {
  checkArgument('progress', 'outcomes', outcomes, iterable);
  checkOptions('progress', options, optionChecks);
  checkArgument('progress', 'onProgress', options.onProgress, callback);
  const reporter = new Reporter(options, (error) => passage.fail(error));
  const passage = new Passage<T, T>(
    outcomes,
    async (pull) => {
      reporter.start();
      const result = await pull();
      if (result.done === true) reporter.tell();
      else reporter.count();
      return result;
    },
    () => reporter.stop(),
  );
  return passage;
}

/** Tells the progress when it is time to. */
class Reporter {
  readonly #options: ProgressOptions;
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #onError: (error: unknown) => void;
  #pace: Pace | undefined;
  #done = 0;
  #dueAt = 0; // When it may be told next.
  #cancelAlarm: (() => void) | undefined;

  /** @param onError Is told what the callback throws while nobody asks for an item. */
  constructor(options: ProgressOptions, onError: (error: unknown) => void) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#everyMs = options.everyMs ?? 250;
    this.#onError = onError;
  }

  /** The first item is asked for. */
  start(): void {
    if (this.#pace !== undefined) return;
    const now = this.#clock.now();
    this.#pace = new Pace(now, this.#options.total);
    this.#dueAt = now + this.#everyMs;
  }

  /** An item has come: it is told now, or as soon as that is due. */
  count(): void {
    this.#done += 1;
    if (this.#clock.now() >= this.#dueAt) this.tell();
    else this.#cancelAlarm ??= this.#clock.at(this.#dueAt, () => this.#tellLate());
  }

  /** Tells it, due or not. */
  tell(): void {
    this.stop();
    const now = this.#clock.now();
    this.#dueAt = now + this.#everyMs;
    if (this.#pace !== undefined) this.#options.onProgress(this.#pace.reach(this.#done, now));
  }

  /** Tells nothing more by itself. */
  stop(): void {
    this.#cancelAlarm?.();
    this.#cancelAlarm = undefined;
  }

  #tellLate(): void {
    try {
      this.tell();
    } catch (error) {
      this.#onError(error);
    }
  }
}
