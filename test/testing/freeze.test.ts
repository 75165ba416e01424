/**
 * Nodes that stand still in the simulated network: what waits for them, and in what order they go on.
 */
import { describe, expect, test } from 'vitest';
import { isBrokerlessError } from '../../src/errors.ts';
import { dealer, fault, play, router, seeds, talk, within } from './worlds.ts';

describe('freeze', () => {
  test('holds back messages and timers, and then lets them go, each late timer once', () => {
    play(
      (world) => {
        const ticks: number[] = [];
        const { hub } = talk(world);
        world.node('ticking', (node) => {
          const tick = (): void => {
            ticks.push(node.now);
            node.after(100, tick);
          };
          tick();
        });
        return () => {
          expect(within(hub.times, 1000, 5000)).toBe(0);
          expect(hub.values, 'nothing is lost').toEqual(hub.values.map((_, i) => i));
          expect([hub.peers.length, hub.left]).toEqual([1, []]);
          expect(within(ticks, 1000, 5000)).toBe(0);
          expect(within(ticks, 4999, 5001)).toBe(1);
        };
      },
      {
        forMs: 8000,
        healMs: 0,
        faults: [fault('freeze', ['router']), fault('freeze', ['ticking'])],
      },
    );
  });

  test('of a peer fills its pipe, and the other is told that it is full', () => {
    play(
      (world) => {
        const { hub } = talk(world);
        world.at(3000, () => {
          const [peer = ''] = hub.peers;
          const outcomes = [1, 2, 3, 4].map((value) => hub.port.send({ peer, value }));
          expect(outcomes.filter((outcome) => outcome === true)).toHaveLength(3);
          expect(isBrokerlessError(outcomes[3], 'PEER_FULL')).toBe(true);
        });
      },
      { forMs: 4000, healMs: 0, highWaterMark: 3, faults: [fault('freeze', ['dealer'])] },
    );
  });

  test('ends with what was due, or with what had come: either may be first', () => {
    const firsts = new Set<unknown>();
    for (const seed of seeds) {
      play(
        (world) => {
          const done: unknown[] = [];
          world.node('router', (node) => {
            node.bind('router', 'hub').read(() => done.push('message'));
            node.after(2000, () => done.push('timer'));
          });
          const spoke = dealer(world);
          world.at(1500, () => spoke.port.send('hello'));
          return () => {
            expect(done.toSorted()).toEqual(['message', 'timer']);
            firsts.add(done[0]);
          };
        },
        { seed, forMs: 6000, healMs: 0, faults: [fault('freeze', ['router'])] },
      );
    }
    expect([...firsts].toSorted()).toEqual(['message', 'timer']);
  });

  test('ends with timers in their order, and one that another calls off does not go off', () => {
    play(
      (world) => {
        const done: number[] = [];
        world.node('timing', (node) => {
          const [, second] = [1, 2, 3].map((i) =>
            node.after(2000 + i, () => {
              done.push(i);
              if (i === 1) second?.();
            }),
          );
        });
        return () => expect(done).toEqual([1, 3]);
      },
      { forMs: 6000, faults: [fault('freeze', ['timing'])] },
    );
  });

  test('of a router: who left meanwhile is gone when it goes on', () => {
    play(
      (world) => {
        const outcomes: unknown[] = [];
        world.node('router', (node) => {
          const port = node.bind('router', 'hub');
          node.after(2000, () => outcomes.push(port.send({ peer: '006b8b4567', value: 1 })));
        });
        dealer(world);
        return () =>
          expect(outcomes.map((each) => isBrokerlessError(each, 'UNREACHABLE'))).toEqual([true]);
      },
      {
        forMs: 6000,
        faults: [
          fault('freeze', ['router']),
          { kind: 'crash', at: 3000, forMs: 9000, nodes: ['dealer'] },
        ],
      },
    );
  });

  test('ends with a crash of the same node', () => {
    play(
      (world) => {
        const hub = router(world);
        world.at(1600, () => expect([hub.handle.isUp, hub.handle.isFrozen]).toEqual([true, false]));
      },
      {
        forMs: 6000,
        faults: [
          fault('freeze', ['router']),
          { kind: 'crash', at: 1100, forMs: 400, nodes: ['router'] },
        ],
      },
    );
  });
});
