/**
 * In order: gives outcomes in the order of their items, whichever worker was first.
 *
 * What comes early is held until all before it has come. So one slow item holds back those behind it, and the
 * memory this takes is bounded by how far the source is read ahead of that item, and by `maxHeld`.
 */
import { BrokerlessError } from 'brokerless';
import { type Checks, checkArgument, checkOptions, integer, iterable } from 'brokerless/kit';
import { Passage } from './passage.ts';

/** What has a place in the order, as an outcome of `fanOut` has. */
export interface Indexed {
  /** Its place, counted from 0 in the order of the source. */
  readonly index: number;
}

// ── I. The rules: what is held, and for what ─────────────────────────────────────────────────

// An error names no more than so many of the missing.
const MAX_NAMED = 100_000;

const isIndex = integer(0);

/** Puts outcomes in order: they are put in as they come, and taken out by their index, from 0 up. */
export class Ordering<T extends Indexed> {
  readonly #maxHeld: number;
  readonly #held = new Map<number, T>();
  #next = 0; // The index of the one to be taken next.

  /** @param maxHeld How many it holds at most for one that is missing. */
  constructor(maxHeld: number) {
    this.#maxHeld = maxHeld;
  }

  /** How many are held. */
  get held(): number {
    return this.#held.size;
  }

  /**
   * Puts one in.
   *
   * @throws BrokerlessError `QUEUE_FULL` if more would be held than may be; `BAD_OPTION` if its index is no
   *   index, or has come before.
   */
  put(outcome: T): void {
    const { index } = outcome;
    checkArgument('inOrder', 'index', index, isIndex);
    if (index < this.#next || this.#held.has(index)) throw cameBefore(index);
    if (index !== this.#next && this.held >= this.#maxHeld) throw this.#full();
    this.#held.set(index, outcome);
  }

  /** Takes the next one, if it has come. */
  take(): T | undefined {
    const outcome = this.#held.get(this.#next);
    if (outcome === undefined) return undefined;
    this.#held.delete(this.#next);
    this.#next += 1;
    return outcome;
  }

  /**
   * No more are put in.
   *
   * @throws BrokerlessError `MISSING_RESULTS` if some are held, for those before them will not come.
   */
  end(): void {
    if (this.held > 0) throw this.#incomplete();
  }

  #full(): BrokerlessError {
    const [missing, held] = [this.#next, this.held];
    return new BrokerlessError(
      'QUEUE_FULL',
      `inOrder: outcome ${missing} has not come, and ${held} behind it are held; maxHeld allows no more`,
      { data: { missing: [missing], held } },
    );
  }

  #incomplete(): BrokerlessError {
    const { held } = this;
    const missing: number[] = [];
    let found = 0;
    for (let index = this.#next; found < held && missing.length < MAX_NAMED; index += 1) {
      if (this.#held.has(index)) found += 1;
      else missing.push(index);
    }
    return new BrokerlessError(
      'MISSING_RESULTS',
      `inOrder: the outcomes ended, and outcome ${this.#next} has not come; ${held} behind it are held`,
      { mayHaveRun: 'maybe', data: { missing, held } },
    );
  }
}

function cameBefore(index: number): BrokerlessError {
  return new BrokerlessError('BAD_OPTION', `inOrder: outcome ${index} came twice`);
}

// ── II. The source ───────────────────────────────────────────────────────────────────────────

/** Options of {@link inOrder}. */
export interface InOrderOptions {
  /** How many outcomes are held at most for one that is missing. Default 100,000. */
  readonly maxHeld?: number | undefined;
}

const optionChecks: Checks<InOrderOptions> = { maxHeld: integer(0) };

/**
 * Gives `outcomes`, such as those of a `fanOut`, in the order of their `index`. It gives none out of place: if
 * they end while some are missing, it rejects with `MISSING_RESULTS`, and if more than `maxHeld` would have to
 * be held, with `QUEUE_FULL`. The `data` of both is `{ missing, held }`: the indexes of the missing (the first
 * 100,000; with `QUEUE_FULL` the one that is waited for), and how many were held.
 *
 * @throws BrokerlessError `BAD_OPTION`; an index that comes twice rejects with it.
 */
export function inOrder<T extends Indexed>(
  outcomes: Iterable<T> | AsyncIterable<T>,
  options: InOrderOptions = {},
): AsyncIterableIterator<T, undefined> {
  checkArgument('inOrder', 'outcomes', outcomes, iterable);
  checkOptions('inOrder', options, optionChecks);
  const ordering = new Ordering<T>(options.maxHeld ?? 100_000);
  return new Passage<T, T>(outcomes, async (pull) => {
    for (;;) {
      const value = ordering.take();
      if (value !== undefined) return { value, done: false };
      const result = await pull();
      if (result.done === true) {
        ordering.end();
        return result;
      }
      ordering.put(result.value);
    }
  });
}
