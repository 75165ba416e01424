/**
 * Gaps: what is missing is counted to the value, whatever was lost and whoever was restarted.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Gaps, MAX_TOPICS } from '../../src/rules/gaps.ts';

/** A message as it arrives: how many of its topic are found missing before it. */
function arrive(gaps: Gaps, topic: string, epoch: string, first: number, count = 1): number {
  const missing = gaps.arrive(topic, { epoch, first });
  gaps.read(count);
  return missing;
}

describe('of one publisher', () => {
  test('nothing is missing while each message begins where the last one ended', () => {
    const gaps = new Gaps(() => 1);
    expect(arrive(gaps, 'a', 'e', 0, 3)).toBe(0);
    expect(arrive(gaps, 'a', 'e', 3, 1)).toBe(0);
    expect(arrive(gaps, 'a', 'e', 4, 100)).toBe(0);
    expect(arrive(gaps, 'a', 'e', 104)).toBe(0);
    expect(gaps.missed).toBe(0);
  });

  test('the count begins with the first value that arrives', () => {
    const gaps = new Gaps(() => 1);
    expect(arrive(gaps, 'a', 'e', 500)).toBe(0);
    expect(arrive(gaps, 'a', 'e', 502)).toBe(1);
    expect(gaps.missed).toBe(1);
  });

  test('each topic has numbers of its own', () => {
    const gaps = new Gaps(() => 1);
    expect(arrive(gaps, 'a', 'e', 0, 10)).toBe(0);
    expect(arrive(gaps, 'b', 'e', 7, 2)).toBe(0);
    expect(arrive(gaps, 'a', 'e', 12)).toBe(2);
    expect(arrive(gaps, 'b', 'e', 10)).toBe(1);
    expect(gaps.missed).toBe(3);
  });

  test('values are counted as they are read, in slices', () => {
    const gaps = new Gaps(() => 1);
    gaps.arrive('a', { epoch: 'e', first: 0 });
    for (const slice of [128, 128, 0, 44]) gaps.read(slice);
    expect(gaps.arrive('a', { epoch: 'e', first: 300 })).toBe(0);
    gaps.read(1);
    expect(gaps.arrive('a', { epoch: 'e', first: 302 })).toBe(1);
  });

  test('a topic that its publisher has forgotten begins anew, and takes nothing back', () => {
    const gaps = new Gaps(() => 1);
    arrive(gaps, 'a', 'e', 0, 10);
    arrive(gaps, 'a', 'e', 15, 5);
    expect(arrive(gaps, 'a', 'e', 0)).toBe(0);
    expect(arrive(gaps, 'a', 'e', 3)).toBe(2);
    expect(gaps.missed).toBe(7);
  });
});

describe('a message', () => {
  test('without a number changes nothing', () => {
    const gaps = new Gaps(() => 1);
    arrive(gaps, 'a', 'e', 0, 2);
    gaps.unnumbered();
    gaps.read(1000);
    gaps.spoilt();
    expect(arrive(gaps, 'a', 'e', 3)).toBe(1);
  });

  test('that is spoilt is not counted, and the count goes on with the next', () => {
    const gaps = new Gaps(() => 1);
    arrive(gaps, 'a', 'e', 0, 2);
    expect(gaps.arrive('a', { epoch: 'e', first: 5 })).toBe(3);
    gaps.spoilt();
    gaps.read(1);
    expect(arrive(gaps, 'a', 'e', 50)).toBe(0);
    expect(arrive(gaps, 'a', 'e', 52)).toBe(1);
    expect(gaps.missed).toBe(4);
  });

  test('that is spoilt after a restart does not make missing what has arrived', () => {
    const gaps = new Gaps(() => 1);
    arrive(gaps, 'a', 'old', 0);
    arrive(gaps, 'a', 'new', 0, 100);
    gaps.arrive('a', { epoch: 'new', first: 100 });
    gaps.spoilt();
    expect(arrive(gaps, 'a', 'new', 102)).toBe(0);
    expect(gaps.missed).toBe(0);
  });
});

describe('a publisher that was restarted', () => {
  test('is missed from its first value on, on topics that were followed before', () => {
    const gaps = new Gaps(() => 1);
    arrive(gaps, 'a', 'old', 100);
    expect(arrive(gaps, 'a', 'new', 7, 2)).toBe(7);
    expect(arrive(gaps, 'b', 'new', 9)).toBe(0);
    expect(arrive(gaps, 'a', 'new', 10)).toBe(1);
    expect(gaps.missed).toBe(8);
  });

  test('is missed so at each restart', () => {
    const gaps = new Gaps(() => 1);
    arrive(gaps, 'a', 'epoch 0', 0);
    for (let n = 1; n <= 200; n += 1) expect(arrive(gaps, 'a', `epoch ${n}`, 3)).toBe(3);
    expect(gaps.missed).toBe(600);
  });
});

describe('several publishers', () => {
  test('are each followed by themselves, from the first value that arrives', () => {
    const gaps = new Gaps(() => 2);
    expect(arrive(gaps, 'a', 'one', 10)).toBe(0);
    expect(arrive(gaps, 'a', 'two', 90)).toBe(0);
    expect(arrive(gaps, 'a', 'one', 11)).toBe(0);
    expect(arrive(gaps, 'a', 'two', 92)).toBe(1);
    expect(gaps.missed).toBe(1);
  });

  test('and a third epoch among two of them is a restart', () => {
    const gaps = new Gaps(() => 2);
    arrive(gaps, 'a', 'one', 10);
    arrive(gaps, 'a', 'two', 90);
    expect(arrive(gaps, 'a', 'three', 4)).toBe(4);
  });

  test('of whom any number may come are never taken for restarted', () => {
    const gaps = new Gaps(() => Infinity);
    for (let n = 0; n < 100; n += 1) expect(arrive(gaps, 'a', `epoch ${n}`, 10 + n)).toBe(0);
    expect(arrive(gaps, 'a', 'epoch 99', 112)).toBe(2);
  });
});

describe('a topic that is no longer subscribed to', () => {
  test('begins anew when it is again: what came meanwhile was not missed', () => {
    const gaps = new Gaps(() => 1);
    arrive(gaps, 'a', 'epoch', 0, 2);
    arrive(gaps, 'b', 'epoch', 0, 2);
    const asked: string[] = [];
    gaps.forget((topic) => {
      asked.push(topic);
      return topic === 'a';
    });
    expect(asked).toEqual(['a', 'b']);
    expect(arrive(gaps, 'a', 'epoch', 50)).toBe(0);
    expect(arrive(gaps, 'b', 'epoch', 5)).toBe(3);
    expect(arrive(gaps, 'a', 'epoch', 52)).toBe(1);
  });

  test('and comes back under a publisher that was restarted is missed from its first value on', () => {
    const gaps = new Gaps(() => 1);
    arrive(gaps, 'a', 'old', 0);
    gaps.forget(() => true);
    expect(arrive(gaps, 'a', 'new', 4)).toBe(4);
  });
});

test('among more publishers than are remembered, nobody is taken for restarted', () => {
  const gaps = new Gaps(() => 100);
  for (let n = 0; n < 200; n += 1) expect(arrive(gaps, 'a', `epoch ${1000 + n}`, 10)).toBe(0);
});

test('a topic too many makes the one followed for longest begin anew', () => {
  const gaps = new Gaps(() => 1);
  for (let n = 0; n <= MAX_TOPICS; n += 1) arrive(gaps, `${n}`, 'e', 0);
  expect(arrive(gaps, '1', 'e', 2)).toBe(1);
  expect(arrive(gaps, '0', 'e', 5)).toBe(0);
  expect(gaps.missed).toBe(1);
});

interface Batch {
  readonly who: number;
  readonly topic: string;
  readonly count: number;
  readonly lost: boolean;
}

const batches: fc.Arbitrary<Batch[]> = fc.array(
  fc.record({
    who: fc.nat(2),
    topic: fc.constantFrom('', 'a', 'ab', 'b'),
    count: fc.integer({ min: 1, max: 300 }),
    lost: fc.boolean(),
  }),
  { maxLength: 80, size: 'max' },
);

/** Sends batches, loses some, and tells what a subscriber counts beside what a bystander would. */
function play(gaps: Gaps, sent: readonly Batch[], wasFollowed: (key: string) => boolean) {
  const [numbers, known] = [new Map<string, number>(), new Map<string, number>()];
  let counted = 0;
  let expected = 0;
  for (const { who, topic, count, lost } of sent) {
    const key = `${who}:${topic}`;
    const first = numbers.get(key) ?? 0;
    numbers.set(key, first + count);
    if (lost) continue;
    expected += first - (known.get(key) ?? (wasFollowed(topic) ? 0 : first));
    known.set(key, first + count);
    counted += gaps.arrive(topic, { epoch: `epoch ${who}`, first });
    for (let left = count; left > 0; left -= 128) gaps.read(Math.min(left, 128));
  }
  const topics = new Set([...known.keys()].map((key) => key.slice(2)));
  return { counted, expected, topics };
}

describe('whatever is lost', () => {
  test('of three publishers, is counted exactly once there is a later value', () => {
    const property = fc.property(batches, (sent) => {
      const gaps = new Gaps(() => 3);
      const { counted, expected } = play(gaps, sent, () => false);
      expect([counted, gaps.missed]).toEqual([expected, expected]);
    });
    fc.assert(property, { numRuns: 300 });
  });

  test('across restarts, is counted exactly on the topics followed before', () => {
    const property = fc.property(fc.array(batches, { maxLength: 5 }), (lives) => {
      const gaps = new Gaps(() => 1);
      const followed = new Set<string>();
      let total = 0;
      lives.forEach((life, n) => {
        const before = new Set(followed);
        const own = life.map((batch) => ({ ...batch, who: n }));
        const { counted, expected, topics } = play(gaps, own, (topic) => before.has(topic));
        expect(counted).toBe(expected);
        for (const topic of topics) followed.add(topic);
        total += expected;
      });
      expect(gaps.missed).toBe(total);
    });
    fc.assert(property, { numRuns: 200 });
  });
});
