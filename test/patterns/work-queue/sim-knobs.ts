/**
 * The knobs of one seed of the simulated work queue: small numbers find more.
 */
import type { World } from '../../../src/testing/index.ts';

/** When the faults are over and everybody has found everybody: what is sent from then on is done. */
export const CALM_AT = 75_000;

/** The knobs of one seed. */
export interface Knobs {
  readonly heartbeatMs: number;
  readonly missesAllowed: number;
  readonly maxAttempts: number;
  readonly maxItems: number;
  readonly overflow: 'wait' | 'reject';
  readonly uniqueMs: number;
  readonly maxUnique: number;
  readonly keepResultsMs: number;
  readonly maxResults: number;
  readonly maxDeadLetters: number;
  readonly maxUnanswered: number;
  readonly credit: number | undefined;
  readonly concurrency: number;
  readonly workMs: number;
  /** How much of what is sent is no plain errand. */
  readonly trouble: number;
  /** How many wishes there are. */
  readonly wishes: number;
  readonly diskMs: number;
}

/** Draws them. */
export function drawKnobs(world: World): Knobs {
  const credit = world.pick([1, 2, 5, undefined]);
  return {
    heartbeatMs: world.pick([500, 2000, 2000]),
    missesAllowed: world.pick([2, 3]),
    maxAttempts: world.pick([1, 2, 3]),
    maxItems: world.pick([3, 20, 1000]),
    overflow: world.pick(['wait', 'reject'] as const),
    uniqueMs: world.pick([1000, 10_000, 60_000]),
    maxUnique: world.pick([2, 1000]),
    keepResultsMs: world.pick([1000, 60_000]),
    maxResults: world.pick([2, 1000]),
    maxDeadLetters: world.pick([0, 2, 1000]),
    maxUnanswered: world.pick([2, 1000]),
    credit,
    concurrency: credit === 1 ? 1 : world.pick([1, 2]),
    workMs: world.pick([10, 200, 1500]),
    trouble: world.pick([0, 0.2, 0.5]),
    wishes: world.pick([0, 0.3, 0.7]),
    diskMs: world.pick([1, 30]),
  };
}
