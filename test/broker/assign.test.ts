/**
 * Assigning work: who gets the next request, by each of the four names and by a function of one's own.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Assign,
  type AssignName,
  assignBy,
  type IdleWorker,
  isAssign,
} from '../../src/broker/assign.ts';

const workers: IdleWorker[] = Array.from({ length: 5 }, (_, joined) => ({
  id: `w${joined}`,
  joined,
  answered: 0,
}));

/** Who is picked of these workers, longest idle first. */
function pick(
  assign: AssignName | Assign,
  idle: readonly number[],
  { last, random = 0 }: { last?: number; random?: number } = {},
): number | undefined {
  const set = new Set(idle.map((joined) => workers[joined] as IdleWorker));
  const context = { last: last === undefined ? undefined : workers[last], priority: 0, random };
  return assignBy(assign)(set, context)?.joined;
}

describe('by name', () => {
  test("'longest-idle' is whoever comes first", () => {
    expect(pick('longest-idle', [3, 0, 4])).toBe(3);
  });

  test("'round-robin' is the next after the last, and after the end the first again", () => {
    expect(pick('round-robin', [3, 0, 4])).toBe(0);
    expect(pick('round-robin', [3, 0, 4], { last: 0 })).toBe(3);
    expect(pick('round-robin', [3, 0, 4], { last: 1 })).toBe(3);
    expect(pick('round-robin', [3, 0, 4], { last: 3 })).toBe(4);
    expect(pick('round-robin', [3, 0, 4], { last: 4 })).toBe(0);
    expect(pick('round-robin', [2, 1], { last: 4 })).toBe(1);
    expect(pick('round-robin', [2], { last: 2 })).toBe(2);
  });

  test("'random' is each as likely as the others", () => {
    const picks = [0, 0.2, 0.25, 0.49, 0.5, 0.74, 0.75, 0.999].map((random) =>
      pick('random', [4, 1, 0, 3], { random }),
    );
    expect(picks).toEqual([4, 4, 1, 1, 0, 0, 3, 3]);
  });

  test("'priority' is whoever joined first", () => {
    expect(pick('priority', [3, 2, 4])).toBe(2);
  });

  test('any of them picks one that is idle', () => {
    const names = ['longest-idle', 'round-robin', 'random', 'priority'] as const;
    const property = fc.property(
      fc.uniqueArray(fc.nat(4), { minLength: 1 }),
      fc.nat(4),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (idle, last, random) => {
        for (const name of names) expect(idle).toContain(pick(name, idle, { last, random }));
      },
    );
    fc.assert(property);
  });
});

describe('a function of your own', () => {
  test('is told who is idle, and who was last', () => {
    expect(pick((idle, { last }) => [...idle].find((worker) => worker !== last), [2, 1])).toBe(2);
    expect(
      pick((idle, { last }) => [...idle].find((worker) => worker !== last), [2, 1], { last: 2 }),
    ).toBe(1);
  });

  test('that throws has picked nobody, where somebody hears of it', () => {
    const mistake = new Error('whom?');
    const broken = (): never => {
      throw mistake;
    };
    const heard: unknown[] = [];
    const idle = new Set(workers);
    const context = { last: undefined, priority: 0, random: 0 };
    expect(assignBy(broken, (error) => heard.push(error))(idle, context)).toBeUndefined();
    expect(heard).toEqual([mistake]);
    expect(() => assignBy(broken)(idle, context)).toThrow(mistake);
  });
});

test('an option that is neither a name nor a function is refused', () => {
  for (const good of ['longest-idle', 'round-robin', 'random', 'priority', () => undefined]) {
    expect(isAssign(good)).toBeUndefined();
  }
  for (const bad of ['lru', 'toString', '', 7, null, {}]) {
    expect(isAssign(bad)).toContain('"longest-idle", "round-robin", "random", "priority"');
  }
});
