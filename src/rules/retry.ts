/**
 * Retry: whether to ask again, and how long to wait before it. Pure: time and randomness are arguments.
 *
 * A budget keeps retries a small share of all requests: when a service is down for everybody, asking it
 * several times as often is what keeps it down.
 */
import { type BackoffOptions, backoffMs } from './backoff.ts';

/** How retries are limited for all requests of a socket together. */
export interface RetryBudgetOptions {
  /** How many retries each request adds to the budget, such as 0.2: one for five requests. */
  readonly ratio: number;
  /** How many may be saved up; as many are there at the beginning. */
  readonly max: number;
}

/** A bounded stock of retries, filled by requests and emptied by retries. */
export class RetryBudget {
  readonly #options: RetryBudgetOptions;
  #stock: number;

  constructor(options: RetryBudgetOptions) {
    this.#options = options;
    this.#stock = options.max;
  }

  /** A request has been made. */
  deposit(): void {
    this.#stock = Math.min(this.#options.max, this.#stock + this.#options.ratio);
  }

  /** Whether a retry can be afforded; it is paid for then. */
  withdraw(): boolean {
    if (this.#stock < 1) return false;
    this.#stock -= 1;
    return true;
  }
}

/** What is known of a request when an attempt has brought no reply in time. */
export interface Attempted {
  /** How many attempts there have been. */
  readonly attempts: number;
  /** How many there may be. */
  readonly maxAttempts: number;
  /** When all is to be over. */
  readonly deadline: number;
}

/**
 * When to ask again: a time, or undefined if never. The budget is asked last, so that nothing is paid
 * for a retry that cannot be.
 */
export function retryAt(
  request: Attempted,
  budget: RetryBudget,
  backoff: BackoffOptions,
  { now, random }: { readonly now: number; readonly random: number },
): number | undefined {
  if (request.attempts >= request.maxAttempts) return undefined;
  const at = now + backoffMs(request.attempts, backoff, random);
  if (at >= request.deadline || !budget.withdraw()) return undefined;
  return at;
}
