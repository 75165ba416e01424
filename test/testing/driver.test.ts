/**
 * The driver of the simulator reads and ticks as `drive` does, in simulated time.
 */

import { send } from 'brokerless/kit';
import { describe, expect, test } from 'vitest';
import { Rig } from './rig.ts';
import { dealer, play, router } from './worlds.ts';

const brief = { forMs: 10_000, healMs: 0 };

describe('reading', () => {
  test('begins with a tick, and goes on only while the rules accept', () => {
    play((world) => {
      const rig = new Rig(world, 'router');
      const spoke = dealer(world);
      rig.rules.isOpen = false;
      world.at(10, () => spoke.port.send(1));
      world.at(2000, () => expect(rig.rules.log).toEqual(['tick']));
      world.at(3000, () => {
        rig.driven.perform(() => {
          rig.rules.isOpen = true;
          return [];
        });
        expect(rig.rules.log, 'not while the application is at it').toEqual(['tick']);
      });
      world.at(3001, () => {
        expect(rig.rules.log).toEqual(['tick', 'receive {"peer":"006b8b4567","value":1}']);
      });
    }, brief);
  });

  test('asks again after each message whether to go on', () => {
    play((world) => {
      const rig = new Rig(world, 'router');
      const spoke = dealer(world);
      rig.rules.onReceive = () => {
        rig.rules.isOpen = false;
        return [];
      };
      world.at(10, () => [1, 2, 3].forEach((i) => spoke.port.send(i)));
      return () => expect(rig.rules.log).toHaveLength(2);
    }, brief);
  });

  test('waits while what a message caused has not been taken', () => {
    play((world) => {
      const rig = new Rig(world, 'router');
      const spoke = dealer(world);
      rig.rules.onReceive = () => [send('hub', { peer: 'nobody', value: 0 })];
      world.at(10, () => [1, 2, 3].forEach((i) => spoke.port.send(i)));
      return () => {
        const kinds = rig.rules.log.map((line) => line.split(' ')[0]);
        const one = ['receive', 'unsent'];
        expect(kinds).toEqual(['tick', ...one, ...one, ...one]);
      };
    }, brief);
  });

  test('of a dealer waits when its queue is full, and goes on when a peer takes from it', () => {
    play(
      (world) => {
        const rig = new Rig(world, 'dealer');
        const hub = router(world);
        rig.rules.onReceive = (message) =>
          message === 'flood' ? Array.from({ length: 1500 }, (_, i) => send('hub', i)) : [];
        world.at(0, () => rig.driven.perform(() => [send('hub', 'hello')]));
        world.at(900, () => {
          const [peer = ''] = hub.peers;
          for (const value of ['flood', 'next']) hub.port.send({ peer, value });
        });
        world.at(2000, () => expect(rig.rules.log).toEqual(['tick', 'receive "flood"']));
        return () => expect(rig.rules.log).toEqual(['tick', 'receive "flood"', 'receive "next"']);
      },
      {
        ...brief,
        faults: [{ kind: 'freeze', at: 950, forMs: 3000, nodes: ['router'] }],
        highWaterMark: 100,
      },
    );
  });
});

describe('time', () => {
  test('ticks at the deadline or a little later, never before it', () => {
    play(
      (world) => {
        const rig = new Rig(world, 'dealer');
        const times: number[] = [];
        rig.rules.onTick = (now) => {
          times.push(now);
          rig.rules.deadline = Math.floor(now / 100) * 100 + 100;
          return [];
        };
        return () => {
          expect(times).toHaveLength(100 + 1);
          times.forEach((time, i) => {
            expect(time).toBeGreaterThanOrEqual(100 * i);
            expect(time).toBeLessThan(100 * i + 5);
          });
          expect(
            times.some((time) => time % 100 > 0),
            'some are late',
          ).toBe(true);
        };
      },
      { forMs: 10_004, healMs: 0 },
    );
  });

  test('a deadline that moved away is not kept', () => {
    play((world) => {
      const rig = new Rig(world, 'dealer');
      rig.rules.onTick = () => {
        rig.rules.deadline = 1000;
        return [];
      };
      world.at(500, () =>
        rig.driven.perform(() => {
          rig.rules.deadline = undefined;
          return [];
        }),
      );
      return () => expect(rig.rules.log).toEqual(['tick']);
    }, brief);
  });

  test('a deadline that moved to a later time is kept then', () => {
    play((world) => {
      const rig = new Rig(world, 'dealer');
      const times: number[] = [];
      rig.rules.onTick = (now) => {
        times.push(now);
        if (now < 1000) rig.rules.deadline = 1000;
        return [];
      };
      world.at(500, () =>
        rig.driven.perform(() => {
          rig.rules.deadline = 2000;
          return [];
        }),
      );
      return () => expect(times.map((time) => Math.floor(time / 10) * 10)).toEqual([0, 2000]);
    }, brief);
  });

  test('a node that was frozen ticks once, late', () => {
    play(
      (world) => {
        const rig = new Rig(world, 'dealer');
        const times: number[] = [];
        rig.rules.onTick = (now) => {
          times.push(now);
          rig.rules.deadline = now + 100;
          return [];
        };
        return () => {
          expect(times.filter((time) => time > 1000 && time < 3000)).toEqual([]);
          expect(times.filter((time) => time >= 3000 && time < 3050)).toEqual([3000]);
        };
      },
      { ...brief, faults: [{ kind: 'freeze', at: 1000, forMs: 2000, nodes: ['rig'] }] },
    );
  });
});
