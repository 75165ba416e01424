/**
 * A run of a scenario: the same each time, in its order, ended when it never would end by itself.
 */

import {
  type Fault,
  faultKinds,
  type Outcome,
  report,
  type Scenario,
  simulate,
} from 'brokerless/testing';
import { describe, expect, test } from 'vitest';
import { pinging } from './programs/ping.ts';
import { dealer, play, router, Writer } from './worlds.ts';

const fields = ({ seed, faults, failure, hash, lines, events, marks }: Outcome): unknown => ({
  ...{ seed, faults, failure, hash, lines, events },
  marks: [...marks],
});

describe('a seed', () => {
  test('gives the same outcome each time, to the last line of the trace', () => {
    for (const seed of [1, 2, 3, 99, 2 ** 31]) {
      const options = { seed, kinds: faultKinds, trace: true };
      expect(fields(simulate(pinging(), options))).toEqual(fields(simulate(pinging(), options)));
    }
  });

  test('gives the same whether all of the trace is kept or its end', () => {
    const [short, long] = [false, true].map((trace) => simulate(pinging(), { seed: 5, trace }));
    expect(short?.hash).toBe(long?.hash);
    expect(short?.lines).toEqual(long?.lines.slice(-200));
    expect(short?.lines).toHaveLength(200);
    expect(long?.lines.length).toBeGreaterThan(200);
  });

  test('differs from the next', () => {
    const hashes = Array.from({ length: 100 }, (_, seed) => simulate(pinging(), { seed }).hash);
    expect(new Set(hashes).size).toBe(100);
  });

  test('shows in its hash whatever is said, also by one bit', () => {
    const say =
      (value: number): Scenario =>
      (world) => {
        router(world);
        const spoke = dealer(world);
        world.at(10, () => spoke.port.send([Uint8Array.of(1, 2, value)]));
      };
    const hashes = [1, 1, 3].map((value) => simulate(say(value), { seed: 1, faults: [] }).hash);
    expect(hashes[0]).toBe(hashes[1]);
    expect(hashes[0]).not.toBe(hashes[2]);
  });
});

describe('faults', () => {
  const storing: Scenario = (world) => {
    world.node('storing', (node) => void node.disk());
    return pinging()(world);
  };
  const drawn = Array.from({ length: 200 }, (_, seed) =>
    simulate(storing, { seed, kinds: faultKinds, forMs: 60_000, healMs: 5000 }),
  );

  test('of each kind are in about half of the seeds, with quiet in between', () => {
    for (const kind of faultKinds) {
      const having = drawn.filter(({ faults }) => faults.some((fault) => fault.kind === kind));
      expect(having.length).toBeGreaterThan(60);
      expect(having.length).toBeLessThan(130);
    }
    for (const { faults } of drawn) {
      for (const kind of faultKinds) {
        const same = faults.filter((fault) => fault.kind === kind);
        const ends = same.map(({ at, forMs }) => at + forMs);
        same
          .slice(1)
          .forEach(({ at }, i) => expect(at - (ends[i] ?? 0)).toBeGreaterThanOrEqual(200));
        expect(Math.max(0, ...ends)).toBeLessThanOrEqual(60_000);
      }
    }
  });

  test('of one kind do not depend on which others are drawn', () => {
    const of = (faults: readonly Fault[]): Fault[] => faults.filter(({ kind }) => kind === 'slow');
    for (const { seed, faults } of drawn.slice(0, 30)) {
      const alone = simulate(storing, { seed, kinds: ['slow'], healMs: 5000 }).faults;
      expect(of(faults)).toEqual(alone);
    }
  });

  test('played again from their list do the same', () => {
    for (const { seed, faults, hash } of drawn.slice(0, 20)) {
      const again = simulate(storing, { seed, faults, healMs: 5000 });
      expect([again.hash, again.faults]).toEqual([hash, faults]);
    }
  });

  test('strike only nodes that may be struck', () => {
    const scenario: Scenario = (world) => {
      world.node('safe', () => {}, { mayCrash: false, mayFreeze: false });
      world.node('other', (node) => {
        node.bind('router', 'self');
        node.connect('dealer', 'self');
      });
    };
    for (let seed = 0; seed < 20; seed += 1) {
      const { faults } = simulate(scenario, { seed, kinds: faultKinds });
      expect(new Set(faults.flatMap(({ nodes }) => nodes)).has('safe')).toBe(false);
      expect(faults.every(({ kind }) => kind === 'crash' || kind === 'freeze')).toBe(true);
    }
  });

  test('are all over when the world is healed', () => {
    const alone = new Map([
      ['freeze', ['router']],
      ['disk', ['writer']],
    ]);
    for (const kind of faultKinds.filter((each) => each !== 'crash')) {
      const nodes = alone.get(kind) ?? ['dealer', 'router'];
      play(
        (world) => {
          const [hub, spoke, writer] = [router(world), dealer(world), new Writer(world)];
          world.at(2999, () => expect(world.isHealed).toBe(false));
          world.at(3001, () => expect(world.isHealed).toBe(true));
          world.at(8000, () => {
            spoke.port.send('well');
            writer.disk.send(['well']);
          });
          return () => expect([hub.values, writer.heard]).toEqual([['well'], ['stored']]);
        },
        { forMs: 3000, healMs: 7000, faults: [{ kind, at: 1000, forMs: 60_000, nodes }] },
      );
    }
  });
});

describe('a run that fails', () => {
  test('has the first reason, and its report has all that is needed to play it again', () => {
    const scenario: Scenario = (world) => {
      router(world);
      const spoke = dealer(world);
      world.at(10, () => spoke.port.send([Uint8Array.of(0xff, 1), Uint8Array.of(0x68, 0x69)]));
      world.at(2000, () => {
        try {
          world.fail('as it must never be');
        } finally {
          world.mark('seen');
        }
      });
    };
    const faults = [
      { kind: 'slow', at: 5, forMs: 70, nodes: ['dealer', 'router'], strength: 20 },
    ] as const;
    const outcome = simulate(scenario, { seed: 9, faults });
    expect(outcome.failure?.message).toBe('as it must never be');
    expect(outcome.marks.get('seen')).toBe(1);
    const text = report(outcome);
    expect(text).toMatch(/^seed 9 failed: as it must never be\n/);
    expect(text).toContain(
      "faults: [\n  { kind: 'slow', at: 5, forMs: 70, nodes: ['dealer', 'router'], strength: 20 },\n]",
    );
    expect(text).toMatch(/ {2}10\.00 dealer {5}send {4}to hub #1 \[<ff 01>, "hi"\]\n/);
    expect(text).toMatch(/ router {5}receive from dealer #1\n/);
    expect(text).toMatch(/ 2000\.00 +fail +as it must never be$/);
  });

  test('may do so while it is built, or at the last check', () => {
    const early = simulate(
      () => {
        throw new Error('too early');
      },
      { seed: 1 },
    );
    expect(early.failure?.message).toBe('too early');
    const late = simulate((world) => () => world.fail(`at ${world.now}`), { seed: 1 });
    expect(late.failure?.message).toBe('at 90000');
  });

  test('counts as one that never ends when too much happens', () => {
    const scenario: Scenario = (world) => {
      const again = (): void => world.at(world.now, again);
      again();
    };
    const { failure, events } = simulate(scenario, { seed: 1, maxEvents: 1000 });
    expect(failure?.message).toBe('a run that never ends: 1000 events by 0 ms');
    expect(events).toBe(1001);
  });
});

describe('a world', () => {
  test('has a workload that no fault stops', () => {
    const times: number[] = [];
    play(
      (world) => {
        router(world);
        const stop = world.every(1000, () => times.push(world.now));
        world.at(4500, stop);
      },
      { forMs: 9000, faults: [{ kind: 'crash', at: 100, forMs: 8000, nodes: ['router'] }] },
    );
    expect(times).toEqual([1000, 2000, 3000, 4000]);
  });

  test('draws knobs of its own for each seed', () => {
    const knobs = Array.from({ length: 50 }, (_, seed) => {
      let drawn: [number, string] = [0, ''];
      play(
        (world) => {
          drawn = [world.integer(1, 3), world.pick(['a', 'b'])];
        },
        { seed, forMs: 1, healMs: 0 },
      );
      return drawn;
    });
    expect([...new Set(knobs.map(([knob]) => knob))].toSorted()).toEqual([1, 2, 3]);
    expect([...new Set(knobs.map(([, letter]) => letter))].toSorted()).toEqual(['a', 'b']);
  });

  test('has each name once', () => {
    const { failure } = simulate(
      (world) => {
        router(world, 'same');
        router(world, 'same');
      },
      { seed: 1 },
    );
    expect(failure?.message).toBe('there is a node same already');
  });
});
