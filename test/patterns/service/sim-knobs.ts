/**
 * The knobs of one seed of the simulated services: small numbers find more.
 */
import { type Balance, leastBusy, roundRobin } from '../../../patterns/service/balance-rules.ts';
import type { World } from '../../../src/testing/index.ts';

/** When the faults are over and everybody has found everybody: what is asked from then on succeeds. */
export const CALM_AT = 70_000;

/** The knobs of one seed. */
export interface Knobs {
  readonly heartbeatMs: number;
  readonly missesAllowed: number;
  readonly concurrency: number;
  readonly maxQueued: number;
  readonly keepRepliesMs: number;
  readonly maxReplies: number;
  readonly maxReplyBytes: number;
  readonly maxUnreadBytes: number;
  readonly crowd: number;
  readonly retries: number;
  readonly waits: boolean;
  readonly balance: Balance;
  readonly budget: { readonly ratio: number; readonly max: number };
  readonly credit: number;
  readonly workMs: number;
  /** How much of what is asked does not go well. */
  readonly trouble: number;
  /** How many keys there are. */
  readonly keys: number;
  /** Whether clients may stand still. */
  readonly mayFreeze: boolean;
  /** Whether the servers are replaced, one after the other, when all is well. */
  readonly isRolling: boolean;
}

/** Draws them. */
export function drawKnobs(world: World): Knobs {
  return {
    heartbeatMs: world.pick([1000, 2000, 2000]),
    missesAllowed: world.pick([2, 3]),
    concurrency: world.pick([1, 2, 100]),
    maxQueued: world.pick([1, 3, 100]),
    keepRepliesMs: world.pick([500, 5000, 60_000]),
    maxReplies: world.pick([2, 1000]),
    maxReplyBytes: world.pick([600, 1 << 20]),
    retries: world.integer(1, 3),
    waits: world.random() < 0.7,
    balance: world.pick([roundRobin, leastBusy]),
    budget: world.pick([
      { ratio: 0.2, max: 5 },
      { ratio: 1, max: 1000 },
    ]),
    credit: world.pick([1, 2, 8]),
    workMs: world.pick([5, 50, 500]),
    trouble: world.pick([0, 0.2, 0.5]),
    keys: world.pick([1, 4]),
    mayFreeze: world.random() < 0.5,
    isRolling: world.random() < 0.5,
    maxUnreadBytes: world.pick([2000, 1 << 20]),
    crowd: world.pick([1, 3, 64]),
  };
}
