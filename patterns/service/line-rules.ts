/**
 * Line: calls that wait for a server, first come, first served. Pure.
 */
import type { Stage } from './call-rules.ts';

// So many are not worth being looked through.
const SLACK = 64;

/** Those that wait. Whoever is over meanwhile is passed over. */
export class Line<Waiting extends { readonly stage: Stage }> {
  #calls: Waiting[] = [];
  #tidyAt = SLACK;

  /** How many there are at most. */
  get length(): number {
    return this.#calls.length;
  }

  /** Adds one at the end. */
  push(call: Waiting): void {
    if (this.#calls.length >= this.#tidyAt) {
      this.#calls = this.#calls.filter(isWaiting);
      this.#tidyAt = 2 * this.#calls.length + SLACK;
    }
    this.#calls.push(call);
  }

  /** Takes all out. */
  take(): readonly Waiting[] {
    const calls = this.#calls.filter(isWaiting);
    this.#calls = [];
    return calls;
  }
}

function isWaiting({ stage }: { readonly stage: Stage }): boolean {
  return stage === 'waiting';
}
