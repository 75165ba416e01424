/**
 * Piscina: the pool of threads, as much of it as is used here, loaded only for those who want threads.
 */
import type { ThreadAnswer, ThreadOrder } from './in-thread.ts';

// Named here and not where it is imported: its own types do not compile under every setting that a user may have.
const PISCINA = 'piscina';

/** A pool of threads. */
export interface Pool {
  /** Those there are. */
  readonly threads: readonly unknown[];
  /** Gives the next thread that is free something to do. */
  run(
    order: Pick<ThreadOrder, 'file'>,
    options: { readonly name: string; readonly signal?: AbortSignal },
  ): Promise<ThreadAnswer>;
  /** Hears of threads that ended with an error while they had nothing to do. */
  on(name: 'error', listener: (error: unknown) => void): unknown;
  /** Ends all threads. */
  destroy(): Promise<void>;
}

interface PiscinaModule {
  readonly Piscina: new (options: object) => Pool;
}

/** Opens a pool. Rejects if there is no such package. */
export async function openPool(options: object): Promise<Pool> {
  const { Piscina } = (await import(PISCINA)) as PiscinaModule;
  return new Piscina(options);
}
