/**
 * Departures: the workers of a process that dies go together, though ZeroMQ tells of them one by one.
 */
import type { Clock } from './clock.ts';

// They are lost together, when no more has been told for so long, or when the first has waited for so long.
const GATHER_MS = 20;
const LONGEST_GATHER_MS = 100;

/**
 * Gathers the workers whose connections end together: a process that dies takes several with it, and ZeroMQ
 * tells of them one by one. A request would be tried out on one dead lane after the other.
 */
export class Departures {
  readonly #clock: Clock;
  readonly #tell: (workers: readonly string[]) => void;
  #gone: string[] = [];
  #gatheredBy = 0;
  #cancel = (): void => {};

  /** @param tell Hears of those who went together. */
  constructor(clock: Clock, tell: (workers: readonly string[]) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** The connection of a worker has ended. */
  add(worker: string): void {
    const now = this.#clock.now();
    if (this.#gone.push(worker) === 1) this.#gatheredBy = now + LONGEST_GATHER_MS;
    this.#cancel();
    this.#cancel = this.#clock.at(Math.min(this.#gatheredBy, now + GATHER_MS), () => {
      const gone = this.#gone;
      this.#gone = [];
      this.#tell(gone);
    });
  }

  /** Tells of nobody any more. */
  stop(): void {
    this.#cancel();
  }
}
