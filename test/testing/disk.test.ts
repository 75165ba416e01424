/**
 * The disk of a simulated node keeps what it has said is stored, through every crash, and promises no more.
 */
import { simulate } from 'brokerless/testing';
import { describe, expect, test } from 'vitest';
import { isBrokerlessError } from '../../src/errors.ts';
import { fault, isRising, play, seeds, Writer } from './worlds.ts';

const brief = { forMs: 6000, healMs: 0 };
const crash = fault('crash', ['writer']);

describe('a disk', () => {
  test('has what was stored in all lives before, oldest first', () => {
    play(
      (world) => {
        const writer = new Writer(world);
        world.at(100, () => writer.disk.send(['a', { b: Uint8Array.of(1) }]));
        world.at(500, () => writer.disk.send(['c']));
        world.at(5500, () => writer.disk.send(['d']));
        const first = ['a', { b: Uint8Array.of(1) }, 'c'];
        return () => expect(writer.found).toEqual([[], first, [...first, 'd']]);
      },
      {
        forMs: 9000,
        healMs: 0,
        faults: [crash, { kind: 'crash', at: 7000, forMs: 100, nodes: ['writer'] }],
      },
    );
  });

  test('answers each batch once it is stored, in the order of the batches', () => {
    play(
      (world) => {
        const writer = new Writer(world, { delayMs: 10 });
        const batches = Array.from({ length: 50 }, (_, i) =>
          i % 7 === 0 ? [] : [2 * i, 2 * i + 1],
        );
        world.at(10, () => {
          for (const batch of batches) expect(writer.disk.send(batch)).toBe(true);
          expect([writer.heard, writer.disk.depth]).toEqual([[], 50]);
        });
        return () => {
          expect(writer.heard).toEqual(batches.map(() => 'stored'));
          expect(isRising(writer.times)).toBe(true);
          expect(writer.found[1]).toEqual(batches.flat());
          expect(writer.disk.depth).toBe(0);
        };
      },
      { ...brief, faults: [{ ...crash, at: 3000, forMs: 10 }] },
    );
  });

  test.each([
    [{}, 1],
    [{ delayMs: 40 }, 40],
  ])('takes its time about it: with %o %d ms on average', (options, meanMs) => {
    play(
      (world) => {
        const writer = new Writer(world, options);
        const sent: number[] = [];
        world.every(1000, () => {
          sent.push(world.now);
          writer.disk.send([0]);
        });
        return () => {
          const delays = writer.times.map((time, i) => time - (sent[i] ?? 0));
          const mean = delays.reduce((sum, delay) => sum + delay, 0) / delays.length;
          expect(Math.min(...delays)).toBeGreaterThan(0);
          expect(mean).toBeGreaterThan(meanMs * 0.8);
          expect(mean).toBeLessThan(meanMs * 1.2);
        };
      },
      { forMs: 400_000, healMs: 900 },
    );
  });

  test('keeps records as they were when they were sent, and as they were stored', () => {
    play(
      (world) => {
        const writer = new Writer(world);
        const record = { list: [1] };
        world.at(100, () => {
          writer.disk.send([record]);
          record.list.push(2);
        });
        world.at(5500, () => {
          const [found] = writer.disk.contents as (typeof record)[];
          expect(found).toEqual({ list: [1] });
          found?.list.push(3);
        });
        return () => expect(writer.found[2]).toEqual([{ list: [1] }]);
      },
      { ...brief, faults: [crash, { ...crash, at: 5600, forMs: 100 }] },
    );
  });

  test('keeps values of all kinds that can be kept, and of bytes no more than were sent', () => {
    const memory = Buffer.alloc(70_000);
    const records = [
      1,
      'a',
      undefined,
      null,
      10n,
      new Date(5),
      new Map([[1, { a: new Set([2]) }]]),
    ];
    play(
      (world) => {
        const writer = new Writer(world);
        world.at(100, () => writer.disk.send([...records, memory.subarray(3, 5)]));
        return () => {
          const found = writer.found[1] ?? [];
          expect(found).toEqual([...records, new Uint8Array(2)]);
          expect((found.at(-1) as Uint8Array).buffer.byteLength).toBe(2);
        };
      },
      { ...brief, faults: [crash] },
    );
  });

  test('that is closed says nothing more and takes nothing, and what was under way gets there', () => {
    play(
      (world) => {
        const writer = new Writer(world, { delayMs: 10 });
        world.at(100, () => {
          writer.disk.send([1]);
          writer.disk.send([2]);
          writer.disk.close();
          expect(isBrokerlessError(writer.disk.send([3]), 'CLOSED')).toBe(true);
        });
        return () => expect([writer.heard, writer.found]).toEqual([[], [[], [1, 2]]]);
      },
      { ...brief, faults: [crash] },
    );
  });

  test('is open once in a life, and again when it was closed', () => {
    play((world) => {
      world.node('opening', (node) => {
        const first = node.disk();
        expect(() => node.disk()).toThrow('opening: the disk is open already');
        first.send(['kept']);
        node.after(500, () => {
          first.close();
          expect(node.disk().contents).toEqual(['kept']);
        });
      });
    }, brief);
  });

  test('is the one of its node, and no other has it', () => {
    play((world) => {
      const writer = new Writer(world);
      const others: unknown[] = [];
      world.node('other', (node) => {
        node.after(500, () => others.push(node.disk().contents));
      });
      world.at(100, () => writer.disk.send([1]));
      return () => expect(others).toEqual([[]]);
    }, brief);
  });

  test('takes arrays of records only', () => {
    const { failure } = simulate(
      (world) => {
        const writer = new Writer(world);
        world.at(10, () => void writer.disk.send('a record'));
      },
      { seed: 1 },
    );
    expect(failure?.message).toBe('writer: a disk takes arrays of records');
  });
});

describe('a crash', () => {
  test('leaves of what was under way nothing, or the first records of the first batch', () => {
    const kept: number[] = [];
    const marks = new Map<string, number>();
    for (const seed of Array.from({ length: 100 }, (_, i) => i)) {
      const outcome = play(
        (world) => {
          const writer = new Writer(world, { delayMs: 1e6 });
          world.at(900, () => {
            for (const batch of [[0, 1, 2], [3], [4, 5]]) writer.disk.send(batch);
          });
          world.at(5500, () => writer.disk.send([6]));
          return () => {
            const found = writer.found[1] ?? [];
            expect(found).toEqual([0, 1, 2].slice(0, found.length));
            expect(writer.heard).toEqual([]);
            kept.push(found.length);
          };
        },
        { ...brief, seed, faults: [crash] },
      );
      for (const [name, times] of outcome.marks) marks.set(name, (marks.get(name) ?? 0) + times);
    }
    const counts = [0, 1, 2, 3].map((count) => kept.filter((each) => each === count).length);
    expect(Math.min(...counts)).toBeGreaterThan(5);
    expect(marks.get('torn')).toBe((counts[1] ?? 0) + (counts[2] ?? 0));
    expect(marks.get('unheard')).toBe(counts[3]);
  });

  test('leaves what was stored and not heard, because the node stood still', () => {
    play(
      (world) => {
        const writer = new Writer(world, { delayMs: 5 });
        world.at(999, () => writer.disk.send([1]));
        return () => expect([writer.heard, writer.found]).toEqual([[], [[], [1]]]);
      },
      { ...brief, faults: [fault('freeze', ['writer']), { ...crash, at: 3000, forMs: 1000 }] },
    );
  });
});

test('a node that stands still hears when it goes on that something was stored', () => {
  for (const seed of seeds) {
    play(
      (world) => {
        const writer = new Writer(world, { delayMs: 100 });
        world.at(990, () => [1, 2, 3].forEach((i) => writer.disk.send([i])));
        return () => {
          expect(writer.heard).toEqual(['stored', 'stored', 'stored']);
          expect(writer.times.filter((time) => time > 1000 && time < 5000)).toEqual([]);
          expect(writer.times.at(-1)).toBeGreaterThanOrEqual(5000);
        };
      },
      { ...brief, seed, faults: [fault('freeze', ['writer'])] },
    );
  }
});
