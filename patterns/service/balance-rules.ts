/**
 * Balance: which of several servers is asked next. Pure functions, which a user may replace.
 */
import type { Check } from 'brokerless/kit';

/** A server as whoever chooses sees it. All are there and take calls. */
export interface ServerView {
  /** Where it is. */
  readonly endpoint: string;
  /** What it has been asked and has not answered yet. */
  readonly inFlight: number;
  /** How often it has been asked in all. */
  readonly asked: number;
}

/**
 * Chooses one of `servers`, which are in the order of the endpoints and at least two. `turn` counts the choices that
 * were made before. What is not one of them counts as the first.
 */
export type Balance = (
  servers: readonly ServerView[],
  turn: number,
  method: string,
) => ServerView | undefined;

/** The policies that have a name. */
export type BalanceName = 'roundRobin' | 'leastBusy';

/** One after the other. */
export const roundRobin: Balance = (servers, turn) => servers[turn % servers.length];

/** Who has the least to do; among equals one after the other. */
export const leastBusy: Balance = (servers, turn) => {
  let best = servers[turn % servers.length] as ServerView;
  for (let step = 1; step < servers.length; step += 1) {
    const other = servers[(turn + step) % servers.length] as ServerView;
    if (other.inFlight < best.inFlight) best = other;
  }
  return best;
};

const named: Readonly<Record<BalanceName, Balance>> = { roundRobin, leastBusy };

/** A check of an option that is one of these, or a function. */
export const isBalance: Check = (value) => {
  if (typeof value === 'function' || Object.hasOwn(named, String(value))) return undefined;
  return "'roundRobin', 'leastBusy' or a function";
};

/** The function of a policy. */
export function balanceBy(balance: BalanceName | Balance): Balance {
  return typeof balance === 'function' ? balance : named[balance];
}
