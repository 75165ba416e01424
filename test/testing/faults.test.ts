/**
 * Each kind of fault in the simulated network does what it says, and no more.
 */

import { type SimNode, type SimPort, simulate } from 'brokerless/testing';
import { describe, expect, test } from 'vitest';
import { isBrokerlessError } from '../../src/errors.ts';
import { dealer, fault, isRising, link, play, router, seeds, talk, within } from './worlds.ts';

describe('crash', () => {
  test('ends a life and begins another, which knows nothing', () => {
    const lives: number[] = [];
    play(
      (world) => {
        const handle = world.node('node', (node) => {
          lives.push(node.incarnation);
          node.after(2000, () => world.fail(node.incarnation === 1 ? 'a dead node acts' : 'fine'));
        });
        world.at(3000, () => expect(handle.isUp).toBe(false));
      },
      { forMs: 6500, healMs: 0, faults: [fault('crash', ['node'])] },
    );
    expect(lives).toEqual([1, 2]);
  });

  test('of a node that is down already keeps it down until both are over', () => {
    play(
      (world) => {
        const { handle } = router(world);
        world.at(4000, () => expect(handle.isUp).toBe(false));
        world.at(5500, () => expect(handle.isUp).toBe(false));
        return () => expect([handle.isUp, handle.incarnation]).toEqual([true, 2]);
      },
      {
        forMs: 9000,
        faults: [
          fault('crash', ['router']),
          { kind: 'crash', at: 2000, forMs: 1000, nodes: ['router'] },
          { kind: 'crash', at: 4500, forMs: 1500, nodes: ['router'] },
        ],
      },
    );
  });

  test('cuts a tail off what was said, and the other side hears of the end', () => {
    let whole = 0;
    for (const seed of seeds) {
      play(
        (world) => {
          const [hub, spoke] = [router(world), dealer(world)];
          world.at(500, () => spoke.port.send(0));
          world.at(999.9, () => [1, 2, 3, 4].forEach((i) => spoke.port.send(i)));
          world.at(4000, () => {
            const { values } = hub;
            expect(values).toEqual([0, 1, 2, 3, 4].slice(0, values.length));
            if (values.length === 5) whole += 1;
            expect(hub.left).toEqual(hub.peers);
            const refused = hub.port.send({ peer: hub.peers[0] ?? '', value: 'late' });
            expect(isBrokerlessError(refused, 'UNREACHABLE')).toBe(true);
          });
        },
        { seed, forMs: 6000, healMs: 0, faults: [fault('crash', ['dealer'])] },
      );
    }
    expect(whole).toBeGreaterThan(3);
    expect(whole).toBeLessThan(21);
  });

  test('of a router takes along what its dealer had received and not read, and not the reverse', () => {
    for (const dies of ['router', 'dealer']) {
      play(
        (world) => {
          const read: unknown[] = [];
          const reader = (
            name: string,
            open: (node: SimNode) => SimPort,
            message: unknown,
          ): void => {
            world.node(name, (node) => {
              const port = open(node);
              if (node.incarnation > 1) return;
              const note = (what: unknown): void => void read.push(what);
              node.after(500, () => port.send(message));
              node.after(4000, () => port.read(note, (gone) => note(`left ${gone}`)));
            });
          };
          const peer = '006b8b4567';
          reader('router', (node) => node.bind('router', 'hub'), { peer, value: 'unread' });
          reader('dealer', (node) => node.connect('dealer', 'hub'), 'unread');
          const kept = [{ peer, value: 'unread' }, `left ${peer}`];
          return () => expect(read).toEqual(dies === 'router' ? [] : kept);
        },
        { forMs: 4500, healMs: 0, faults: [fault('crash', [dies])] },
      );
    }
  });

  test('of a router: its dealers connect again by themselves, and what they had queued is kept', () => {
    play(
      (world) => {
        const { hub } = talk(world);
        return () => {
          expect(within(hub.times, 1000, 5000)).toBe(0);
          expect(isRising(hub.values)).toBe(true);
          expect(hub.values).toContain(300); // It was said while nobody was there.
          expect(Number(hub.values.at(-1))).toBeGreaterThan(1900);
        };
      },
      { forMs: 20_000, faults: [fault('crash', ['router'])], healMs: 0 },
    );
  });
});

test('the waits for a connection grow, and are short again once there was one', () => {
  play(
    (world) => {
      const { hub } = talk(world);
      return () => {
        expect(within(hub.times, 20_000, 27_000), 'back at last').toBeGreaterThan(0);
        expect(within(hub.times, 40_150, 40_500), 'back at once').toBeGreaterThan(0);
      };
    },
    {
      forMs: 50_000,
      healMs: 0,
      faults: [
        { kind: 'crash', at: 1000, forMs: 19_000, nodes: ['router'] },
        { kind: 'crash', at: 40_000, forMs: 50, nodes: ['router'] },
      ],
    },
  );
});

test('slow makes messages take longer, still in order, and passes', () => {
  play(
    (world) => {
      const { hub } = talk(world);
      return () => {
        const delays = hub.times.map((time, i) => time - 10 * (i + 1));
        const mean = (from: number, to: number): number => {
          const some = delays.slice(from, to);
          return some.reduce((sum, delay) => sum + delay, 0) / some.length;
        };
        expect(hub.values).toEqual(hub.values.map((_, i) => i));
        expect(mean(150, 450)).toBeGreaterThan(10 * mean(50, 99));
        expect(mean(700, 900)).toBeLessThan(3 * mean(50, 99));
      };
    },
    { forMs: 12_000, healMs: 0, faults: [fault('slow', link, 50)] },
  );
});

test('full leaves room for a message or two: a dealer waits, a router is refused', () => {
  play(
    (world) => {
      const { hub, spoke } = talk(world);
      world.at(2000, () => {
        [...Array(5).keys()].forEach(() => spoke.port.send('many'));
        expect(spoke.port.depth).toBeGreaterThan(2);
        const [peer = ''] = hub.peers;
        const outcomes = [1, 2, 3].map((value) => hub.port.send({ peer, value }));
        expect(outcomes.map((outcome) => outcome === true)).toEqual([true, true, false]);
      });
      world.at(8000, () => {
        const [peer = ''] = hub.peers;
        const outcomes = [1, 2, 3, 4].map((value) => hub.port.send({ peer, value }));
        expect(outcomes).toEqual([true, true, true, true]);
      });
      return () => {
        expect(hub.values.filter((value) => value === 'many')).toHaveLength(5);
        expect(hub.peers).toHaveLength(1);
      };
    },
    { forMs: 10_000, healMs: 0, faults: [fault('full', link, 2)] },
  );
});

test('hostile loses, doubles and reorders single messages, and the connection stays', () => {
  const outcome = play(
    (world) => {
      const { hub } = talk(world);
      return () => {
        const values = hub.values.map(Number);
        const inBad = values.filter((value) => value > 100 && value < 490);
        expect(new Set(inBad).size, 'some are lost').toBeLessThan(389);
        expect(inBad.length, 'some are doubled').toBeGreaterThan(new Set(inBad).size);
        expect(isRising([...new Set(inBad)]), 'some come late').toBe(false);
        expect(values.filter((value) => value > 520)).toHaveLength((values.at(-1) as number) - 520);
        expect([hub.peers.length, hub.left]).toEqual([1, []]);
      };
    },
    { forMs: 10_000, healMs: 0, faults: [fault('hostile', link)] },
  );
  expect(outcome.marks.get('hostile:lose')).toBeGreaterThan(0);
});

test('a fault that strikes nobody is an error', () => {
  const faults = [fault('crash', ['nobody'])];
  const { failure } = simulate((world) => void router(world), { seed: 1, faults });
  expect(failure?.message).toBe('no such fault: crash of nobody');
});
