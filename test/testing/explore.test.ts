/**
 * Many seeds: a right protocol passes, a wrong one is found, and its failure is made small.
 */

import {
  explore,
  type Fault,
  faultKinds,
  type Scenario,
  shrink,
  simulate,
} from 'brokerless/testing';
import { describe, expect, test } from 'vitest';
import { tell } from '../../src/rules/rules.ts';
import { HopefulRules } from './programs/hopeful.ts';
import { PingRules, pinging } from './programs/ping.ts';

/** Takes any answer for the one it waits for. */
class TrustingRules extends PingRules {
  override receive(_from: 'server', message: unknown, now: number): ReturnType<PingRules['tick']> {
    this.number += 1;
    this.deadline = now + 1000;
    return [tell((message as Uint8Array[])[0]?.[0] ?? -1)];
  }
}

describe('a protocol', () => {
  test('that is right passes 500 seeds, in which all that can go wrong does', () => {
    const kinds = faultKinds.filter((kind) => kind !== 'disk'); // Nobody here has one.
    const { failure, seeds, marks } = explore(pinging(), { seeds: 500, kinds });
    expect([failure, seeds]).toEqual([undefined, 500]);
    for (const kind of kinds) expect(marks.get(`fault:${kind}`), kind).toBeGreaterThan(500);
    for (const mark of ['lost', 'left', 'unsent:UNREACHABLE', 'hostile:double']) {
      expect(marks.get(mark), mark).toBeGreaterThan(20);
    }
    expect(marks.get('answered')).toBeGreaterThan(500 * 40);
  }, 60_000);

  test('that takes a late answer for the next is found within ten seeds', () => {
    const found = explore(
      pinging(() => new TrustingRules()),
      { seeds: 10 },
    );
    expect(found.failure?.failure?.message).toMatch(/was answered when \d+ was asked/);
    expect(found.failure?.faults).toHaveLength(1);
  });

  test('that does not ask again is found within twenty seeds, by one fault of many', () => {
    const found = explore(
      pinging(() => new HopefulRules()),
      { seeds: 20 },
    );
    expect(found.failure?.failure?.message).toMatch(/^nothing was answered/);
    expect(found.failure?.faults).toHaveLength(1);
    expect(found.found?.faults.length).toBeGreaterThan(5);
    expect(found.failure?.seed).toBe(found.found?.seed);
  });
});

describe('shrinking', () => {
  const scenario = pinging(() => new HopefulRules());
  const link = ['client', 'server'];
  const five: Fault[] = [
    { kind: 'slow', at: 3000, forMs: 4000, nodes: link, strength: 60 },
    { kind: 'freeze', at: 9000, forMs: 3000, nodes: ['server'] },
    { kind: 'crash', at: 20_000, forMs: 2000, nodes: ['client'] },
    { kind: 'partition', at: 30_000, forMs: 8000, nodes: link },
    { kind: 'full', at: 45_000, forMs: 5000, nodes: link, strength: 1 },
  ];

  test('finds the one fault of five that matters, and makes it shorter', () => {
    const failed = Array.from({ length: 50 }, (_, seed) =>
      simulate(scenario, { seed, faults: five }),
    ).filter(({ failure }) => failure !== undefined);
    expect(failed.length).toBeGreaterThan(5);
    for (const outcome of failed) {
      const small = shrink(scenario, outcome);
      expect(small.failure).not.toBe(undefined);
      expect(small.faults.map(({ kind }) => kind)).toEqual(['partition']);
      expect(small.faults[0]?.forMs).toBeLessThan(8000);
      expect(small.lines.length, 'all of the trace is there').toBeGreaterThan(0);
      expect(simulate(scenario, { seed: small.seed, faults: small.faults }).hash).toBe(small.hash);
    }
  });

  test('keeps two faults that do it only together', () => {
    const both: Scenario = (world) => {
      const down = ['a', 'b'].map((name) => world.node(name, () => {}));
      world.every(100, () => {
        if (down.every(({ isUp }) => !isUp)) world.fail('both are down');
      });
    };
    const seven = ['a', 'b', 'a', 'b', 'a', 'b', 'a'].map((name, i): Fault => {
      const at = i === 5 ? 40_500 : 8000 * (i + 1);
      return { kind: 'crash', at, forMs: 2000, nodes: [name] };
    });
    // The two that matter are the first and the last, so that no half has both.
    const faults = [
      ...seven.slice(4, 5),
      ...seven.slice(0, 4),
      ...seven.slice(6),
      ...seven.slice(5, 6),
    ];
    const outcome = simulate(both, { seed: 1, faults });
    expect(outcome.failure?.message).toBe('both are down');
    expect(
      shrink(both, outcome)
        .faults.map(({ at }) => at)
        .toSorted(),
    ).toEqual([40_000, 40_500]);
  });

  test('leaves no fault where none is needed', () => {
    const always: Scenario = (world) => () => world.fail('always');
    const outcome = simulate(always, { seed: 1, faults: [] });
    expect(shrink(always, { ...outcome, faults: [] }).faults).toEqual([]);
  });
});

test('a scenario that draws on something outside is found out', () => {
  let runs = 0;
  const unsteady: Scenario = (world) => {
    runs += 1;
    const mine = runs;
    world.at(10, () => world.note('outside', mine));
  };
  const { failure, seeds } = explore(unsteady, { seeds: 10, replayEvery: 5 });
  expect(failure?.failure?.message).toMatch(/^two runs of this seed were not the same/);
  expect(seeds).toBe(1);
});

test('exploring goes from the seed it is told to', () => {
  const seen: number[] = [];
  const scenario: Scenario = (world) => void seen.push(world.seed);
  const { seeds } = explore(scenario, { seeds: { from: 40, count: 3 }, replayEvery: 100 });
  expect([seeds, seen]).toEqual([3, [40, 40, 41, 42]]);
});
