/**
 * What outcomes say: in a bench every item must end well.
 */
import type { Outcome } from 'brokerless/patterns/work-queue';

/** The value of an item that was done, at its first attempt. */
export function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome.status === 'done' && outcome.attempts === 1) return outcome.value;
  throw new Error(`${outcome.id} is ${outcome.status} after ${outcome.attempts} attempts`);
}

/** The place, from 0, of such an item among those of the only producer, as its name tells. */
export function placeOf(outcome: Outcome<unknown>): number {
  valueOf(outcome);
  return Number(outcome.id.slice(outcome.id.lastIndexOf('-') + 1)) - 1;
}
