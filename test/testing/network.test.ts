/**
 * The simulated network while nothing is wrong: it connects, queues, refuses and names as ZeroMQ does.
 */
import { describe, expect, test } from 'vitest';
import { isBrokerlessError } from '../../src/errors.ts';
import { dealer, Party, play, router } from './worlds.ts';

const count = (length: number): number[] => Array.from({ length }, (_, i) => i);
const short = { forMs: 5000, healMs: 0 };

describe('a connection', () => {
  test('carries messages both ways, each once and in order, however long each takes', () => {
    play((world) => {
      const hub = router(world);
      const spoke = dealer(world);
      world.at(100, () => count(100).forEach((i) => spoke.port.send([i])));
      world.at(1000, () => {
        const [peer = ''] = hub.peers;
        for (const i of count(100)) expect(hub.port.send({ peer, value: i })).toBe(true);
      });
      return () => {
        expect(hub.values).toEqual(count(100).map((i) => [i]));
        expect(spoke.read).toEqual(count(100));
        expect(new Set(spoke.times).size, 'latencies differ').toBeGreaterThan(3);
      };
    }, short);
  });

  test('is made by itself, also when the one that is bound comes later', () => {
    play(
      (world) => {
        const spoke = dealer(world);
        let hub: Party | undefined;
        world.at(0, () => spoke.port.send('early'));
        world.at(3000, () => {
          hub = router(world);
        });
        return () => {
          expect(hub?.values).toEqual(['early']);
          expect(hub?.times[0]).toBeGreaterThan(3000);
        };
      },
      { forMs: 15_000, healMs: 0 },
    );
  });

  test('waits in the queue of a dealer that has no peer, up to its bound', () => {
    play((world) => {
      const spoke = dealer(world);
      world.at(10, () => {
        const taken = count(1001).map((i) => spoke.port.send(i));
        expect(taken).toEqual([...count(1000).map(() => true), false]);
        expect(spoke.port.depth).toBe(1001);
      });
    }, short);
  });
});

describe('a router', () => {
  test('names its peers by a row that begins anew with each life, so that names collide', () => {
    const lives: string[][] = [];
    play(
      (world) => {
        const hub = router(world);
        for (const name of ['a', 'b']) {
          const spoke = dealer(world, name);
          world.every(500, () => spoke.port.send(name));
        }
        world.at(4000, () => lives.push([...hub.peers]));
        return () => {
          const later = hub.read.slice(-4).map((message) => (message as { peer: string }).peer);
          lives.push([...new Set(later)]);
        };
      },
      { forMs: 20_000, faults: [{ kind: 'crash', at: 5000, forMs: 1000, nodes: ['router'] }] },
    );
    const [before = [], after = []] = lives;
    expect(before.toSorted()).toEqual(['006b8b4567', '006b8b4568']);
    expect(after.toSorted()).toEqual(before.toSorted());
  });

  test('refuses what is for a peer that is not connected', () => {
    play((world) => {
      const hub = router(world);
      world.at(10, () => {
        const refused = hub.port.send({ peer: '006b8b4567', value: 1 });
        expect(isBrokerlessError(refused, 'UNREACHABLE')).toBe(true);
      });
    }, short);
  });

  test('refuses what a peer has no room for, and serves the others', () => {
    play(
      (world) => {
        const hub = router(world);
        const slow = world.node('slow', (node) => {
          node.connect('dealer', 'hub').send('slow'); // And never reads.
        });
        const quick = dealer(world, 'quick');
        world.at(0, () => quick.port.send('quick'));
        world.at(1000, () => {
          const [first, second] = hub.read as { peer: string; value: string }[];
          const names = new Map([first, second].map((each) => [each?.value, each?.peer ?? '']));
          const outcomes = count(6).map((i) =>
            hub.port.send({ peer: names.get('slow') ?? '', value: i }),
          );
          expect(outcomes.filter((outcome) => outcome === true)).toHaveLength(4);
          expect(
            outcomes.filter((outcome) => isBrokerlessError(outcome, 'PEER_FULL')),
          ).toHaveLength(2);
          expect(hub.port.send({ peer: names.get('quick') ?? '', value: 'served' })).toBe(true);
        });
        return () => {
          expect(quick.read).toEqual(['served']);
          expect(slow.isUp).toBe(true);
        };
      },
      { ...short, highWaterMark: 4 },
    );
  });

  test('reads from its peers in turn', () => {
    play((world) => {
      const read: unknown[] = [];
      world.node('router', (node) => {
        const port = node.bind('router', 'hub');
        node.after(1000, () =>
          port.read((message) => read.push((message as { value: unknown }).value)),
        );
      });
      const [a, b] = [dealer(world, 'a'), dealer(world, 'b')];
      world.at(100, () => {
        for (const each of [a, b])
          for (const i of count(3)) each.port.send(`${each.handle.name}${i}`);
      });
      return () => {
        const turns = read.map((value) => String(value).slice(0, 1)).join('');
        expect(['ababab', 'bababa']).toContain(turns);
      };
    }, short);
  });
});

describe('push and pull', () => {
  test('deal to those that have room, and hold back the rest', () => {
    play(
      (world) => {
        const sink = new Party(world, 'sink', (node) => node.connect('pull', 'work'));
        world.node('idle', (node) => node.connect('pull', 'work')); // Never reads.
        const source = new Party(world, 'source', (node) => node.bind('push', 'work'));
        world.at(1000, () => count(20).forEach((i) => source.port.send(i)));
        return () => {
          expect(sink.read.length).toBe(18); // The other one holds two.
          expect(sink.read).toEqual([...sink.read].toSorted((a, b) => Number(a) - Number(b)));
          expect(source.port.depth).toBe(0);
        };
      },
      { ...short, highWaterMark: 2 },
    );
  });

  test('a pull socket sends nothing', () => {
    play((world) => {
      const sink = new Party(world, 'sink', (node) => node.bind('pull', 'work'));
      world.at(1, () => expect(() => sink.port.send(1)).toThrow('sends nothing'));
    }, short);
  });
});

test('an address is for one socket', () => {
  play(
    (world) => {
      const first = router(world, 'one');
      world.node('two', (node) => {
        expect(() => node.bind('router', 'hub')).toThrow('hub is taken');
      });
      const spoke = dealer(world);
      world.at(3000, () => spoke.port.send('still there'));
      return () => expect(first.values).toEqual(['still there']);
    },
    { ...short, faults: [{ kind: 'crash', at: 100, forMs: 100, nodes: ['two'] }] },
  );
});

test('a socket that is closed leaves its address, and takes nothing more', () => {
  play((world) => {
    const hub = router(world);
    const spoke = dealer(world);
    world.at(0, () => spoke.port.send('hello'));
    world.at(1000, () => spoke.port.close());
    world.at(1001, () => expect(isBrokerlessError(spoke.port.send(1), 'CLOSED')).toBe(true));
    return () => {
      expect(hub.left).toEqual(hub.peers);
    };
  }, short);
});
