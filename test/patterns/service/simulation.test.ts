/**
 * Bad weeks of simulated services: clients and servers crash and freeze, the network is cut, slow and full, servers
 * have too much to do, drain and are replaced, handlers throw, hang and come too late. What is promised is in
 * simulated.ts.
 *
 * A run has some fifty calls, streams and events and more, 60 seconds of faults, and 30 in which nothing may fail.
 */
import { describe, expect, test } from 'vitest';
import { ClientRules } from '../../../patterns/service/client-rules.ts';
import { ServerRules } from '../../../patterns/service/server-rules.ts';
import { type Exploration, explore, faultKinds, report } from '../../../src/testing/index.ts';
import { type Makers, services } from './simulated.ts';

const SEEDS = 5000;
const FIRST = 250;
const HOSTILE = 250;

const makers: Makers = {
  client: (options) => new ClientRules(options),
  server: (options) => new ServerRules(options),
};

function play(from: number, count: number, isHostile = false): Exploration {
  const kinds = faultKinds.filter((kind) => kind !== 'hostile' || isHostile);
  const explored = explore(services(makers, isHostile), { seeds: { from, count }, kinds });
  if (explored.failure !== undefined) throw new Error(report(explored.failure));
  return explored;
}

// Each hundredth seed is played twice, and must be the same to the byte: see `explore`.
describe('simulated services keep their promises', () => {
  test(`in the first ${FIRST} bad weeks`, () => {
    play(1, FIRST);
  }, 300_000);

  test(`in the next ${SEEDS - FIRST}, which had enough of everything that can go wrong`, () => {
    const { marks, seeds } = play(FIRST + 1, SEEDS - FIRST);
    const faults = faultKinds.filter((kind) => kind !== 'hostile' && kind !== 'disk');
    for (const kind of faults) expect(marks.get(`fault:${kind}`), kind).toBeGreaterThan(seeds);
    for (const [what, often] of Object.entries(rareness)) {
      expect(marks.get(what) ?? 0, what).toBeGreaterThanOrEqual((often * seeds) / 1000);
    }
  }, 600_000);

  test(`also where ZeroMQ does not keep its own, in ${HOSTILE}`, () => {
    const { marks } = play(300_001, HOSTILE, true);
    expect(marks.get('fault:hostile')).toBeGreaterThan(HOSTILE);
  }, 300_000);
});

/** How often, in a thousand seeds, the rarer branches are gone through at least. */
const rareness = {
  'client lost:gone': 1000,
  'client lost:left': 1000,
  'client lost:nothing': 1000,
  'client lost:silent': 500,
  'done again': 200,
  'down:draining': 2000,
  'down:dropped': 2000,
  'down:gone': 1000,
  'down:silent': 2000,
  drained: 1500,
  'end:BAD_VALUE': 700,
  'end:OVERLOADED': 100,
  'end:TIMEOUT running': 1500,
  'end:TIMEOUT sent': 700,
  'end:TIMEOUT waiting': 80,
  'end:UNREACHABLE': 300,
  'end:failed': 700,
  'given up: begun': 1000,
  'given up: sent': 200,
  'given up: waiting': 20,
  informed: 700,
  'kept answer': 1000,
  'key again': 1000,
  late: 100,
  'left undone': 5,
  retried: 150,
  'server:forsaken': 10,
  'server:refused': 300,
  'shared answer': 200,
  'stop:cancelled': 2000,
  'stop:expired': 1000,
  'stop:gone': 70,
  stream: 3000,
  unanswered: 40,
  'unsent:PEER_FULL': 30,
  'unwanted:cancelled': 300,
  'unwanted:expired': 50,
  'unwanted:gone': 10,
};
