/**
 * Bad weeks of a simulated work queue: hub, workers and producers crash and freeze, disks are slow and fail, items
 * kill their workers, the network is cut, slow and full. What is promised is in simulated.ts.
 *
 * A run has 48 items and more, 60 seconds of faults, and 30 in which everybody must find back.
 */
import { describe, expect, test } from 'vitest';
import { FanOutRules } from '../../../patterns/work-queue/fan-out-rules.ts';
import { HubRules } from '../../../patterns/work-queue/hub-rules.ts';
import { ProducerRules } from '../../../patterns/work-queue/producer-rules.ts';
import { WorkerRules } from '../../../patterns/work-queue/worker-rules.ts';
import {
  type Exploration,
  explore,
  faultKinds,
  report,
  type Scenario,
} from '../../../src/testing/index.ts';
import { type Makers, type Variant, workQueues } from './simulated.ts';
import { type FanOutMakers, fanOuts } from './simulated-fan-out.ts';

const SEEDS = 2800;
const FIRST = 300;
const FORGETFUL = 800;
const FANS = 1200;
const HOSTILE = 200;

const makers: Makers & FanOutMakers = {
  hub: (options) => new HubRules(options),
  worker: (options) => new WorkerRules(options),
  producer: (options) => new ProducerRules(options),
  fanOut: (options) => new FanOutRules(options),
};

function play(scenario: Scenario, from: number, count: number, isHostile = false): Exploration {
  const kinds = faultKinds.filter((kind) => kind !== 'hostile' || isHostile);
  const explored = explore(scenario, { seeds: { from, count }, kinds });
  if (explored.failure !== undefined) throw new Error(report(explored.failure));
  return explored;
}

function expectMarks({ marks, seeds }: Exploration, least: Readonly<Record<string, number>>): void {
  for (const [what, often] of Object.entries(least)) {
    expect(marks.get(what) ?? 0, what).toBeGreaterThanOrEqual((often * seeds) / 1000);
  }
}

const hub = (variant: Variant = {}): Scenario => workQueues(makers, variant);

// Each hundredth seed is played twice, and must be the same to the byte: see `explore`.
describe('a simulated work queue keeps its promises', () => {
  test(`in the first ${FIRST} bad weeks`, () => {
    play(hub(), 1, FIRST);
  }, 300_000);

  test(`in the next ${SEEDS - FIRST}, which had enough of everything that can go wrong`, () => {
    const explored = play(hub(), FIRST + 1, SEEDS - FIRST);
    for (const kind of faultKinds.filter((each) => each !== 'hostile')) {
      expect(explored.marks.get(`fault:${kind}`), kind).toBeGreaterThan(SEEDS - FIRST);
    }
    expectMarks(explored, rareness);
  }, 600_000);

  test(`with a hub that forgets all when it dies, in ${FORGETFUL}`, () => {
    expectMarks(play(hub({ isDurable: false }), 100_001, FORGETFUL), {
      'told:lost': 1000,
      'asked of another': 5,
    });
  }, 300_000);

  test(`as a fan-out, in ${FANS}`, () => {
    expectMarks(play(fanOuts(makers), 200_001, FANS), fanRareness);
  }, 300_000);

  test(`so far as it can where ZeroMQ does not keep its own, in ${HOSTILE}`, () => {
    const { marks } = play(hub({ isHostile: true }), 300_001, HOSTILE, true);
    expect(marks.get('fault:hostile')).toBeGreaterThan(HOSTILE);
  }, 300_000);
});

/** How often, in a thousand seeds, the rarer branches are gone through at least. */
const rareness = {
  'append:failed': 1500,
  back: 100,
  'cancel all': 50,
  'cancelled while held': 1000,
  'dead letter': 1000,
  'expired after an attempt': 500,
  'given again': 1000,
  joined: 200,
  'key at once': 1,
  leave: 300,
  'lost:gone': 1000,
  'lost:left': 300,
  'lost:nothing': 10,
  'lost:silent': 300,
  'not resent': 10,
  'refused:QUEUE_FULL': 200,
  'refused:STORE_FAILED': 500,
  resent: 500,
  reserved: 1000,
  'told:cancelled': 500,
  'told:discarded': 300,
  'told:expired': 500,
  'told:failed': 500,
  'told:lost': 500,
  torn: 200,
  unheard: 300,
  'unsent:items': 50,
  'unsent:PEER_FULL': 30,
  'waited for room': 500,
  'work in vain': 30,
};

const fanRareness = {
  'bad piece': 500,
  'dead letter': 1000,
  finished: 1000,
  'given again': 1000,
  reserved: 1000,
  'told:discarded': 300,
  'told:failed': 1000,
};
