/**
 * Heeding: waits for signals to fire, and takes its listeners off them again.
 *
 * Each signal has one listener, however many calls share it: Node.js warns of more than ten, and looks through all of
 * them whenever one is added.
 */

type OnAbort = (signal: AbortSignal) => void;

const waiting = new WeakMap<AbortSignal, Set<OnAbort>>();

function tellAll({ currentTarget }: { readonly currentTarget: unknown }): void {
  const signal = currentTarget as AbortSignal;
  const all = waiting.get(signal) ?? [];
  for (const tell of all) tell(signal);
}

function wait(signal: AbortSignal, onAbort: OnAbort): void {
  const all = waiting.get(signal);
  if (all !== undefined) {
    all.add(onAbort);
    return;
  }
  waiting.set(signal, new Set([onAbort]));
  signal.addEventListener('abort', tellAll);
}

function forget(signal: AbortSignal, onAbort: OnAbort): void {
  const all = waiting.get(signal);
  all?.delete(onAbort);
  if (all?.size !== 0) return;
  waiting.delete(signal);
  signal.removeEventListener('abort', tellAll);
}

/** One who waits for signals. */
export class Heeding {
  #signals: readonly AbortSignal[] = [];
  #onAbort: OnAbort = () => {};

  /** Calls `onAbort` with each of these that fires. */
  heed(signals: readonly (AbortSignal | undefined)[], onAbort: OnAbort): void {
    this.#signals = signals.filter((signal) => signal !== undefined);
    this.#onAbort = onAbort;
    for (const signal of this.#signals) wait(signal, onAbort);
  }

  /** No listener stays behind. */
  end(): void {
    for (const signal of this.#signals) forget(signal, this.#onAbort);
    this.#signals = [];
  }
}
