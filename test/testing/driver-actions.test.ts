/**
 * The driver of the simulator does what rules decide as `drive` does it, and knows whose fault a fault is.
 */

import { type Action, type Rules, reopen, send, tell } from 'brokerless/kit';
import { type SimDriven, type SimNode, simulate, type World } from 'brokerless/testing';
import { describe, expect, test } from 'vitest';
import { isBrokerlessError } from '../../src/errors.ts';
import { Rig } from './rig.ts';
import { type Addressed, play, router } from './worlds.ts';

const brief = { forMs: 10_000, healMs: 0 };

/** Rules with as many ports as they like. */
class ManyRules implements Rules<string, unknown> {
  readonly deadline = undefined;
  onReceive: (from: string, message: unknown) => void = () => {};

  accepts(): boolean {
    return true;
  }

  receive(from: string, message: unknown): readonly never[] {
    this.onReceive(from, message);
    return [];
  }

  tick(): readonly never[] {
    return [];
  }
}

/** Drives them, with no port at first. */
function driveMany(node: SimNode, rules: ManyRules): SimDriven<string, unknown, never> {
  return node.drive<string, unknown, never>(rules, {
    ports: {},
    open: (_name, to) => (to === undefined ? undefined : node.connect('dealer', to)),
  });
}

describe('acting', () => {
  test('tells of a message that did not leave, when the rules have done what they were about', () => {
    play((world) => {
      const rig = new Rig(world, 'router');
      const errors: unknown[] = [];
      rig.rules.onUnsent = (error, message) => {
        errors.push(error);
        return [tell(`unsent ${(message as Addressed).peer}`)];
      };
      world.at(10, () =>
        rig.driven.perform(() => [send('hub', { peer: 'nobody', value: 0 }), tell('after')]),
      );
      return () => {
        expect(rig.told).toEqual(['after', 'unsent nobody']);
        expect(isBrokerlessError(errors[0], 'UNREACHABLE')).toBe(true);
      };
    }, brief);
  });

  test('tells nothing of what did not leave by a port that was opened anew since', () => {
    play((world) => {
      const rig = new Rig(world, 'router');
      world.at(10, () =>
        rig.driven.perform(() => [send('hub', { peer: 'nobody', value: 0 }), reopen('hub')]),
      );
      return () => expect(rig.rules.log).toEqual(['tick']);
    }, brief);
  });

  test('opens a port anew: what waited in it is gone, and the peer takes it for somebody new', () => {
    play((world) => {
      const rig = new Rig(world, 'dealer');
      world.at(100, () => rig.driven.perform(() => [send('hub', 'lost')])); // Nobody is there yet.
      world.at(200, () => rig.driven.perform(() => [reopen('hub'), send('hub', 'first')]));
      let hub: ReturnType<typeof router> | undefined;
      world.at(300, () => {
        hub = router(world);
      });
      world.at(3000, () => rig.driven.perform(() => [reopen('hub'), send('hub', 'second')]));
      return () => {
        expect(hub?.values).toEqual(['first', 'second']);
        expect(hub?.peers).toHaveLength(2);
        expect(hub?.left).toEqual(hub?.peers.slice(0, 1));
      };
    }, brief);
  });

  test('opens a port anew elsewhere, where the rules say so', () => {
    play((world) => {
      const rig = new Rig(world, 'dealer');
      const heard: unknown[] = [];
      world.node('other', (node) => {
        node.bind('router', 'elsewhere').read((message) => heard.push(message));
      });
      world.at(100, () => rig.driven.perform(() => [reopen('hub', 'elsewhere'), send('hub', 1)]));
      return () => expect(heard).toEqual([{ peer: '006b8b4567', value: 1 }]);
    }, brief);
  });

  test('opens a port that was not there, and one that leads nowhere, as it is told', () => {
    play((world) => {
      const hub = router(world);
      const rules = new ManyRules();
      const heard: unknown[] = [];
      world.node('many', (node) => {
        const driven = driveMany(node, rules);
        node.after(100, () =>
          driven.perform(() => [reopen('a', 'hub'), send('a', 1), send('b', 2)]),
        );
        node.after(1000, () => hub.port.send({ peer: hub.peers[0] ?? '', value: 'answer' }));
        node.after(2000, () => driven.perform(() => [reopen('a'), send('a', 3)]));
        node.after(3000, () => driven.perform(() => [reopen('a', 'hub'), send('a', 4)]));
      });
      rules.onReceive = (from, message) => heard.push([from, message]);
      return () => {
        expect(hub.values).toEqual([1, 4]);
        expect(hub.peers).toHaveLength(2);
        expect(hub.left).toEqual(hub.peers.slice(0, 1));
        expect(heard).toEqual([['a', 'answer']]);
      };
    }, brief);
  });

  test('opens no port of which it is not told how', () => {
    const { failure } = simulate(
      (world) => {
        const rig = new Rig(world, 'dealer');
        world.at(10, () => rig.driven.perform(() => [reopen('other' as 'hub')]));
      },
      { seed: 1 },
    );
    expect(failure?.message).toBe('there is no port other');
  });

  test.each([true, false])(
    'tells of what has left if notifications are on: %s',
    (notifications) => {
      play(
        (world) => {
          const [rig, other] = [
            new Rig(world, 'router'),
            new Rig(world, 'dealer', undefined, 'other'),
          ];
          return () => {
            const left = [rig, other].map(({ rules }) =>
              rules.log.filter((line) => line.startsWith('left')),
            );
            expect(left).toEqual(notifications ? [['left 006b8b4567'], ['left hub']] : [[], []]);
          };
        },
        {
          ...brief,
          notifications,
          faults: [{ kind: 'partition', at: 1000, forMs: 4000, nodes: ['rig', 'other'] }],
          seed: 2,
        },
      );
    },
  );

  test('does nothing more when it was stopped, or when its node has died', () => {
    play(
      (world) => {
        const rig = new Rig(world, 'dealer');
        let old: SimDriven<'hub', unknown, string> | undefined;
        world.at(500, () => {
          old = rig.driven;
        });
        world.at(2500, () => {
          old?.perform(() => world.fail('a dead node was asked'));
          rig.driven.stop();
          rig.driven.perform(() => world.fail('rules that were stopped were asked'));
        });
      },
      { ...brief, faults: [{ kind: 'crash', at: 1000, forMs: 1000, nodes: ['rig'] }] },
    );
  });
});

describe('a source', () => {
  /** Rules that take so many at a time from a source, and send each on. */
  class TakingRules implements Rules<'items' | 'out', unknown, string> {
    readonly deadline = undefined;
    credit = 3;

    accepts(port: 'items' | 'out'): boolean {
      return port === 'out' || this.credit > 0;
    }

    receive(from: 'items' | 'out', message: unknown): readonly Action<'items' | 'out', unknown>[] {
      if (from === 'out') this.credit += 1;
      else this.credit -= 1;
      return from === 'items' ? [send('out', message)] : [];
    }

    tick(): readonly never[] {
      return [];
    }

    ended(port: 'items' | 'out'): readonly Action<'items' | 'out', unknown, string>[] {
      return [tell(`${port} ended`)];
    }
  }

  test('gives one value after the other, as the rules accept them, and ends', () => {
    play((world) => {
      const told: string[] = [];
      let given = 0;
      function* values(): Generator<number> {
        for (given = 0; given < 10; given += 1) yield given;
      }
      const hub = router(world);
      world.node('taking', (node) => {
        node.drive(new TakingRules(), {
          ports: { items: node.source(values()), out: node.connect('dealer', 'hub') },
          tell: (what) => told.push(what),
        });
      });
      world.at(1000, () => {
        expect([given, hub.values, told]).toEqual([2, [0, 1, 2], []]);
        const [peer = ''] = hub.peers;
        for (let i = 0; i < 20; i += 1) hub.port.send({ peer, value: 'more' });
      });
      return () => {
        expect(hub.values).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        expect(told).toEqual(['items ended']);
      };
    }, brief);
  });

  test('without end, and rules without measure, are a run that never ends', () => {
    function* endless(): Generator<number> {
      for (let i = 0; ; i += 1) yield i;
    }
    const { failure } = simulate(
      (world) => {
        const rules = new TakingRules();
        rules.credit = Number.POSITIVE_INFINITY;
        world.node('taking', (node) => {
          const ports = { items: node.source(endless()), out: node.source([]) };
          rules.receive = () => [];
          node.drive(rules, { ports });
        });
      },
      { seed: 1, maxEvents: 100 },
    );
    expect(failure?.message).toMatch(/^a run that never ends/);
  });

  test('takes nothing, and is not opened anew', () => {
    for (const action of [send('out' as const, 1), reopen('out' as const)]) {
      const { failure } = simulate(
        (world) => {
          world.node('taking', (node) => {
            const ports = { items: node.source([]), out: node.source([]) };
            node.drive(new TakingRules(), { ports }).perform(() => [action]);
          });
        },
        { seed: 1 },
      );
      expect(failure?.message).toMatch(/a source takes nothing|only a socket can be opened anew/);
    }
  });
});

describe('what rules throw', () => {
  const broken = (world: World, onError?: (error: unknown) => void): void => {
    const rig = new Rig(world, 'dealer', onError);
    world.at(10, () =>
      rig.driven.perform(() => {
        throw new Error('a mistake');
      }),
    );
  };

  test('fails the run', () => {
    const { failure } = simulate((world) => broken(world), { seed: 1 });
    expect(failure?.message).toBe('a mistake');
  });

  test('goes to whoever asked for it', () => {
    const errors: unknown[] = [];
    play((world) => broken(world, (error) => errors.push(error)), brief);
    expect(errors.map(String)).toEqual(['Error: a mistake']);
  });

  test('does not hide a check that failed', () => {
    const errors: unknown[] = [];
    const { failure } = simulate(
      (world) => {
        const rig = new Rig(world, 'dealer', (error) => errors.push(error));
        world.at(10, () => rig.driven.perform(() => world.fail('as it must never be')));
      },
      { seed: 1 },
    );
    expect([failure?.message, errors]).toEqual(['as it must never be', []]);
  });
});
