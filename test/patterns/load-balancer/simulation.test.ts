/**
 * Bad weeks of a simulated load balancer: broker and workers crash and freeze, clients come and go, the
 * network is cut, slow and full. What is promised is in simulated.ts.
 *
 * A run has 48 requests and more, 60 seconds of faults, and 30 in which everybody must find back.
 */
import { expect, test } from 'vitest';
import { BalancerRules } from '../../../patterns/load-balancer/rules.ts';
import { LaneRules } from '../../../patterns/load-balancer/worker-rules.ts';
import { explore, faultKinds, report } from '../../../src/testing/index.ts';
import { balancers } from './simulated.ts';

const SEEDS = 1000;
const kinds = faultKinds.filter((kind) => kind !== 'hostile' && kind !== 'disk'); // Nobody has one.

const makers = {
  broker: (options: ConstructorParameters<typeof BalancerRules>[0]) => new BalancerRules(options),
  lane: (options: ConstructorParameters<typeof LaneRules>[0]) => new LaneRules(options),
};

// Each hundredth seed is played twice, and must be the same to the byte: see `explore`.
test(`a simulated load balancer keeps its promises in ${SEEDS} bad weeks`, () => {
  const { failure, marks } = explore(balancers(makers), {
    seeds: SEEDS,
    kinds,
    notifications: true,
  });
  expect(failure && report(failure)).toBeUndefined();
  for (const kind of kinds) expect(marks.get(`fault:${kind}`), kind).toBeGreaterThan(SEEDS);
  for (const [what, least] of Object.entries(rareness)) {
    expect(marks.get(what) ?? 0, what).toBeGreaterThanOrEqual(least);
  }
}, 200_000);

/** How often the rarer branches are gone through at least. */
const rareness = {
  'answered late': 1,
  'failure:QUEUE_FULL': 1,
  'failure:WORKER_LOST': 1,
  'failure:EXPIRED': 1,
  'lost:gone': 1,
  'lost:silent': 1,
  'lost:left': 1,
  'unsent:UNREACHABLE': 1,
  'work in vain': 1,
};
