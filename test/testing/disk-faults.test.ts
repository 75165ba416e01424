/**
 * Faults of the disk in a simulated world: whom they strike, what they do, and who is found out by them.
 */
import { explore, type Fault, faultKinds, report, simulate } from 'brokerless/testing';
import { describe, expect, test } from 'vitest';
import { HastyRules, JournalRules, journaling, TrustingRules } from './programs/journal.ts';
import { pinging } from './programs/ping.ts';
import { fault, isRising, play, seeds, Writer } from './worlds.ts';

const brief = { forMs: 6000, healMs: 0 };

describe('a fault of the disk', () => {
  const faulty = (strength?: number): Fault => fault('disk', ['writer'], strength);

  test('makes it slow, and passes', () => {
    const outcome = play(
      (world) => {
        const writer = new Writer(world);
        const sent: number[] = [];
        world.every(200, () => {
          sent.push(world.now);
          writer.disk.send([0]);
        });
        return () => {
          const delays = writer.times.map((time, i) => time - (sent[i] ?? 0));
          const mean = (from: number, to: number): number => {
            const some = delays.filter((_, i) => (sent[i] ?? 0) > from && (sent[i] ?? 0) <= to);
            return some.reduce((sum, delay) => sum + delay, 0) / some.length;
          };
          expect(mean(1000, 5000)).toBeGreaterThan(20 * mean(0, 1000));
          expect(mean(6000, 20_000)).toBeLessThan(2);
          expect(new Set(writer.heard)).toEqual(new Set(['stored']));
        };
      },
      { forMs: 20_000, healMs: 0, faults: [faulty(100)] },
    );
    expect(outcome.marks.get('fault:disk')).toBe(1);
  });

  test('makes what is being written slow, and the rest of it fast again', () => {
    const means = [undefined, 50].map((strength) => {
      const times = seeds.map((seed) => {
        let time = 0;
        play(
          (world) => {
            const writer = new Writer(world, { delayMs: 4000 });
            world.at(999, () => writer.disk.send([1]));
            return () => {
              [time = 0] = writer.times;
            };
          },
          { forMs: 200_000, healMs: 0, seed, faults: strength ? [faulty(strength)] : [] },
        );
        return time;
      });
      return times.reduce((sum, time) => sum + time, 0) / times.length;
    });
    // In those four seconds it gets only as far as in a fiftieth of them, and then goes on as before.
    expect((means[1] ?? 0) - (means[0] ?? 0)).toBeGreaterThan(3500);
    expect((means[1] ?? 0) - (means[0] ?? 0)).toBeLessThan(4000);
  });

  test('makes it fail, and leave nothing or the first records, and passes', () => {
    const outcome = play(
      (world) => {
        const writer = new Writer(world);
        let next = 0;
        world.every(100, () => {
          if (world.now < 6000) writer.disk.send([next, next + 1]);
          next += 2;
        });
        return () => {
          const bad = writer.heard.map((kind, i) => (kind === 'failed' ? i : 0)).filter(Boolean);
          expect([bad.length, bad[0], bad.at(-1)]).toEqual([40, 9, 48]);
          const lengths = writer.heard.map(
            (_, i) =>
              writer.found[1]?.filter((record) => Math.floor(Number(record) / 2) === i).length,
          );
          expect(isRising(writer.found[1] ?? [])).toBe(true);
          expect(new Set(lengths.filter((_, i) => !bad.includes(i)))).toEqual(new Set([2]));
          expect(new Set(lengths.filter((_, i) => bad.includes(i)))).toEqual(new Set([0, 1, 2]));
        };
      },
      {
        forMs: 9000,
        healMs: 0,
        faults: [faulty(0), { kind: 'crash', at: 7000, forMs: 100, nodes: ['writer'] }],
      },
    );
    expect(outcome.marks.get('append:failed')).toBe(40);
    expect(outcome.marks.get('torn')).toBeGreaterThan(0);
    expect(outcome.marks.get('unheard')).toBeGreaterThan(0);
  });

  test('says why', () => {
    play(
      (world) => {
        const heard: unknown[] = [];
        world.node('writer', (node) => {
          const disk = node.disk();
          disk.read((answer) => heard.push(answer));
          node.after(2000, () => disk.send([]));
        });
        const error = new Error('writer: the disk has failed');
        return () => expect(heard).toEqual([{ kind: 'failed', error }]);
      },
      { ...brief, faults: [faulty()] },
    );
  });

  test('strikes no node without a disk', () => {
    const outcome = play((world) => void world.node('writer', () => {}), {
      ...brief,
      faults: [faulty(0)],
    });
    expect(outcome.marks.get('fault:disk')).toBe(undefined);
    for (let seed = 0; seed < 50; seed += 1) {
      const { faults } = simulate(pinging(), { seed, kinds: faultKinds, healMs: 0 });
      expect(faults.some(({ kind }) => kind === 'disk')).toBe(false);
    }
  });

  test('is drawn for nodes that have one, and shifts nothing that is drawn besides', () => {
    const others = faultKinds.filter((kind) => kind !== 'disk');
    const drawn: Fault[] = [];
    for (let seed = 0; seed < 50; seed += 1) {
      const [all, without] = [faultKinds, others].map(
        (kinds) => simulate(journaling(), { seed, kinds }).faults,
      );
      expect(all?.filter(({ kind }) => kind !== 'disk')).toEqual(without);
      drawn.push(...(all?.filter(({ kind }) => kind === 'disk') ?? []));
    }
    const failing = drawn.filter(({ strength }) => strength === 0);
    const strengths = drawn.map(({ strength }) => strength ?? 0).filter(Boolean);
    expect(drawn.length).toBeGreaterThan(50);
    expect(new Set(drawn.flatMap(({ nodes }) => nodes))).toEqual(new Set(['journal']));
    expect(failing.length / drawn.length).toBeGreaterThan(0.3);
    expect(failing.length / drawn.length).toBeLessThan(0.7);
    expect(Math.min(...strengths)).toBeGreaterThanOrEqual(20);
    expect(Math.max(...strengths)).toBeLessThanOrEqual(500);
  });
});

describe('a journal', () => {
  test('that accepts what is stored loses nothing in 200 seeds, each the same when run again', () => {
    const { failure, marks } = explore(journaling(), { seeds: 200, replayEvery: 1 });
    expect(failure && report(failure)).toBe(undefined);
    for (const kind of ['crash', 'freeze', 'disk']) {
      expect(marks.get(`fault:${kind}`), kind).toBeGreaterThan(200);
    }
    expect(marks.get('append:failed')).toBeGreaterThan(1000);
    expect(marks.get('torn')).toBeGreaterThan(100);
    expect(marks.get('unheard')).toBeGreaterThan(100);
  }, 60_000);

  test.each([
    ['before it is stored', HastyRules, 'crash'],
    ['that was not stored', TrustingRules, 'disk'],
  ])('that accepts something %s is found out within twenty seeds', (_, rules, kind) => {
    const { failure } = explore(journaling(rules satisfies typeof JournalRules), { seeds: 20 });
    expect(failure?.failure?.message).toMatch(/^\d+ was accepted and is gone$/);
    expect(failure?.faults.map((each) => each.kind)).toContain(kind);
  });
});
