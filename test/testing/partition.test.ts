/**
 * Partitions in the simulated network: what they hold back, what they end, and who notices when.
 */
import { type Fault } from 'brokerless/testing';
import { describe, expect, test } from 'vitest';
import { dealer, fault, isRising, link, play, router, seeds, talk, within } from './worlds.ts';

describe('partition', () => {
  test('lets nothing pass; then all arrives, unless the connection ended by it', () => {
    const peers = new Set<number>();
    for (const seed of seeds) {
      play(
        (world) => {
          const { hub } = talk(world);
          return () => {
            expect(within(hub.times, 1001, 5000)).toBe(0);
            expect(isRising(hub.values)).toBe(true);
            expect(Number(hub.values.at(-1))).toBeGreaterThan(1800);
            if (hub.peers.length === 1) expect(hub.values).toEqual(hub.values.map((_, i) => i));
            peers.add(hub.peers.length);
          };
        },
        { seed, forMs: 20_000, healMs: 0, faults: [fault('partition', link)] },
      );
    }
    expect([...peers].toSorted(), 'both ways of it are seen').toEqual([1, 2]);
  });

  test('that begins right after another lets nothing slip through in between', () => {
    const second: Fault = { kind: 'partition', at: 5000.25, forMs: 3000, nodes: link };
    let slipped = 0;
    for (const seed of seeds) {
      play(
        (world) => {
          const { hub } = talk(world);
          return () => {
            slipped += within(hub.times, 5000.25, 8000);
            expect(isRising(hub.values)).toBe(true);
          };
        },
        { seed, forMs: 20_000, healMs: 0, faults: [fault('partition', link), second] },
      );
    }
    expect(slipped).toBe(0);
  });

  test('is noticed by each side at a time of its own, or when it heals', () => {
    const times = new Set<string>();
    for (const seed of seeds) {
      play(
        (world) => {
          const { hub } = talk(world);
          world.at(4999, () => times.add(`${hub.left.length > 0}`));
          world.at(15_000, () => times.add(`${hub.left.length > 0} after`));
        },
        { seed, forMs: 20_000, faults: [fault('partition', link)] },
      );
    }
    expect([...times].toSorted()).toEqual(['false', 'false after', 'true', 'true after']);
  });

  test('one way holds back one direction only', () => {
    for (const seed of seeds.slice(0, 10)) {
      play(
        (world) => {
          const { hub, spoke } = talk(world);
          world.every(10, () => {
            const [peer] = hub.peers;
            if (peer !== undefined) hub.port.send({ peer, value: 'answer' });
          });
          return () => {
            expect(within(hub.times, 1001, 5000)).toBe(0);
            expect(within(spoke.times, 1000, 1200)).toBeGreaterThan(2);
          };
        },
        { seed, forMs: 10_000, healMs: 0, faults: [fault('one-way', link)] },
      );
    }
  });

  test('one way or the other, no connection is made', () => {
    for (const nodes of [link, link.toReversed()]) {
      play(
        (world) => {
          const { hub } = talk(world);
          return () => {
            expect(within(hub.times, 0, 5000)).toBe(0);
            expect(hub.values).toEqual(hub.values.map((_, i) => i));
            expect(hub.values.length).toBeGreaterThan(1000);
          };
        },
        {
          forMs: 20_000,
          healMs: 0,
          faults: [{ kind: 'one-way', at: 0, forMs: 5000, nodes }],
        },
      );
    }
  });

  test('of two nodes does not concern the others', () => {
    play(
      (world) => {
        const hub = router(world);
        const [near, far] = [dealer(world, 'near'), dealer(world, 'far')];
        world.every(10, () => [near, far].forEach((each) => each.port.send(each.handle.name)));
        world.at(4999, () => {
          const heard = hub.values.filter((_, i) => (hub.times[i] ?? 0) > 1500);
          expect(new Set(heard)).toEqual(new Set(['near']));
        });
      },
      { forMs: 6000, faults: [fault('partition', ['far', 'router'])] },
    );
  });
});
