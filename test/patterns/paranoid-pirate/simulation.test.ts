/**
 * Bad weeks of a simulated Paranoid Pirate: queue and workers crash and freeze, clients come and go, the
 * network is cut, slow and full. What is promised is in simulated.ts.
 *
 * A run has 48 requests and more, 60 seconds of faults, and 30 in which everybody must find back.
 */
import { describe, expect, test } from 'vitest';
import { QueueRules } from '../../../patterns/paranoid-pirate/queue-rules.ts';
import { LaneRules } from '../../../patterns/paranoid-pirate/worker-rules.ts';
import { type Exploration, explore, faultKinds, report } from '../../../src/testing/index.ts';
import { pirates, type Variant } from './simulated.ts';

const SEEDS = 5000;
const FIRST = 300;
const HOSTILE = 250;

const makers = {
  queue: (options: ConstructorParameters<typeof QueueRules>[0]) => new QueueRules(options),
  lane: (options: ConstructorParameters<typeof LaneRules>[0]) => new LaneRules(options),
};

function play(from: number, count: number, variant: Variant = {}): Exploration {
  const kinds = faultKinds.filter((kind) => kind !== 'hostile' || variant.isHostile);
  const explored = explore(pirates(makers, variant), { seeds: { from, count }, kinds });
  if (explored.failure !== undefined) throw new Error(report(explored.failure));
  return explored;
}

// Each hundredth seed is played twice, and must be the same to the byte: see `explore`.
describe('a simulated Paranoid Pirate keeps its promises', () => {
  test(`in the first ${FIRST} bad weeks`, () => {
    play(1, FIRST);
  }, 120_000);

  test(`in the next ${SEEDS - FIRST}, which had enough of everything that can go wrong`, () => {
    const { marks } = play(FIRST + 1, SEEDS - FIRST);
    const thousands = (SEEDS - FIRST) / 1000;
    // Nobody here has a disk.
    for (const kind of faultKinds.filter((each) => each !== 'hostile' && each !== 'disk')) {
      expect(marks.get(`fault:${kind}`), kind).toBeGreaterThan(1000 * thousands);
    }
    for (const [what, least] of Object.entries(rareness)) {
      expect(marks.get(what) ?? 0, what).toBeGreaterThanOrEqual(least * thousands);
    }
  }, 400_000);

  test(`so far as it can where ZeroMQ does not keep its own, in ${HOSTILE} more`, () => {
    const { marks } = play(100_001, HOSTILE, { isHostile: true });
    expect(marks.get('fault:hostile')).toBeGreaterThan(HOSTILE);
  }, 120_000);
});

/** How often, in a thousand seeds, the rarer branches are gone through at least. */
const rareness = {
  'answered late': 200,
  'failure:QUEUE_FULL': 200,
  'failure:WORKER_LOST': 5,
  'failure:EXPIRED': 5,
  'lost:gone': 500,
  'lost:silent': 300,
  'lost:nothing': 5,
  'unsent:UNREACHABLE': 300,
  'work in vain': 20,
};
