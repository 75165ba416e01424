/**
 * Store conformance: whether a store does what a work queue relies on, as checks for any test runner.
 *
 * ```ts
 * for (const { name, run } of storeConformance({ open: (place) => new MyStore(`/tmp/${place}`) })) test(name, run);
 * ```
 */
import { boolean, type Checks, callback, checkArgument, checkOptions } from 'brokerless/kit';
import type { Store } from './store.ts';
import { afterCrash, afterFailure, afterTear, inLife, reopened } from './store-checks.ts';
import { Trial } from './store-trial.ts';

/** How to try a store. All but `open` may be left out, and with each some checks. */
export interface StoreConformanceOptions<S extends Store = Store> {
  /**
   * Opens the store at a place: a word of letters and digits, such as the name of a file. What is at a place that
   * has not been named before is empty; the same place has what was kept there.
   */
  readonly open: (place: string) => S | Promise<S>;
  /** Whether it promises to keep anything beyond its own end. Default true. */
  readonly durable?: boolean | undefined;
  /** Ends a store as the death of its process would: what it has not kept by now it never will. */
  readonly crash?: ((store: S) => unknown) | undefined;
  /** Takes so many bytes from the end of what is kept at a place, as a disk may that has lost power. */
  readonly tear?: ((place: string, bytes: number) => unknown) | undefined;
  /** Has appends fail, at best half way, as on a full disk, until what it answers with is called. */
  readonly fail?: ((store: S) => (() => unknown) | Promise<() => unknown>) | undefined;
}

/** Something that a store has to do. */
export interface StoreCheck {
  /** What it is, to be read after the words "the store". */
  readonly name: string;
  /** Tries it. Rejects if the store does not do it, and says what it does instead. */
  run(): Promise<void>;
}

const conformanceChecks: Checks<Partial<Record<keyof StoreConformanceOptions, unknown>>> = {
  open: callback,
  durable: boolean,
  crash: callback,
  tear: callback,
  fail: callback,
};

/**
 * The checks for a store. Each opens stores of its own, closes them, and can be run by itself. Throws `BAD_OPTION`.
 */
export function storeConformance<S extends Store>(
  options: StoreConformanceOptions<S>,
): readonly StoreCheck[] {
  checkOptions('storeConformance', options, conformanceChecks);
  checkArgument('storeConformance', 'open', options.open, callback);
  const { durable = true, crash, tear, fail } = options;
  const all = {
    ...inLife,
    ...(durable ? reopened : {}),
    ...(durable && crash ? afterCrash(crash) : {}),
    ...(durable && tear ? afterTear(tear) : {}),
    ...(durable && fail ? afterFailure(fail) : {}),
  };
  let places = 0;
  return Object.entries(all).map(([name, check]) => ({
    name,
    async run() {
      places += 1;
      const trial = new Trial(`place${places}`, options.open);
      try {
        await check(trial);
      } catch (error) {
        await trial.giveUp();
        throw error;
      }
    },
  }));
}
