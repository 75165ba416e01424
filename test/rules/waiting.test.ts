/**
 * Waiting: like a list sorted by urgency and age, in all it answers.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Queued, Waiting } from '../../src/rules/waiting.ts';

interface Work extends Queued {
  readonly name: number;
}

let names = 0;
const work = (priority: number, expiresAt = Infinity, bytes = 1): Work => ({
  name: (names += 1),
  priority,
  bytes,
  expiresAt,
});

const line = (maxCount = 1000, maxBytes = 1e9): Waiting<Work> =>
  new Waiting({ maxCount, maxBytes });

describe('work', () => {
  test('that is more urgent goes first, and the older among equals', () => {
    const waiting = line();
    const all = [3, 1, 3, 2, 1].map((priority) => work(priority));
    for (const each of all) waiting.push(each);
    const order = all.map(() => waiting.shift());
    expect(order.map((each) => all.indexOf(each as Work))).toEqual([0, 2, 3, 1, 4]);
    expect([waiting.length, waiting.bytes, waiting.shift()]).toEqual([0, 0, undefined]);
  });

  test('that is put back goes before all others of its urgency, full or not', () => {
    const waiting = line(1);
    const [old, fresh, urgent] = [work(1), work(1), work(2)];
    for (const each of [fresh, urgent]) waiting.push(each);
    waiting.putBack(old);
    expect([waiting.shift(), waiting.shift(), waiting.shift()]).toEqual([urgent, old, fresh]);
  });

  test('may be turned away for its number or its bytes', () => {
    const byCount = line(2);
    byCount.push(work(1));
    expect(byCount.isFull).toBe(false);
    byCount.push(work(2));
    expect(byCount.isFull).toBe(true);
    const byBytes = line(100, 10);
    byBytes.push(work(1, Infinity, 9));
    expect(byBytes.isFull).toBe(false); // One is let in while there is any room.
    byBytes.push(work(1, Infinity, 1));
    expect(byBytes.isFull).toBe(true);
    byBytes.push(work(1, Infinity, 50));
    expect([byBytes.isFull, byBytes.bytes]).toEqual([true, 60]);
    for (let i = 0; i < 3; i += 1) byBytes.shift();
    expect([byBytes.isFull, byBytes.bytes]).toEqual([false, 0]);
  });

  test('crowds a line from when it is full until it is half empty, however it gets there', () => {
    const waiting = line(4, 100);
    const seen = (): [number, boolean] => [waiting.length, waiting.isCrowded];
    for (const name of [1, 2, 3]) waiting.push(work(0, name));
    expect(seen()).toEqual([3, false]);
    waiting.push(work(0, 4));
    expect(seen()).toEqual([4, true]);
    waiting.shift();
    expect(seen()).toEqual([3, true]);
    waiting.shift();
    expect(seen()).toEqual([2, false]);

    waiting.push(work(1, 1, 99)); // Full of bytes.
    waiting.remove(({ expiresAt }) => expiresAt === 3);
    expect(seen()).toEqual([2, true]);
    waiting.shift();
    expect(seen()).toEqual([1, false]);
    waiting.push(work(0, 5, 200));
    expect(waiting.isCrowded).toBe(true);
    waiting.remove(() => true);
    expect(seen()).toEqual([0, false]);
  });

  test('that has waited too long is taken out in one look, and not before it is worth one', () => {
    const waiting = line();
    const [brief, late, long] = [work(1, 100), work(5, 120), work(9, 500)];
    for (const each of [long, brief, late]) waiting.push(each);
    expect(waiting.deadline).toBe(100);
    expect(waiting.expired(99)).toEqual([]);
    expect(waiting.expired(100)).toEqual([brief]);
    expect(waiting.deadline).toBe(150); // And not again at 120: it goes through all that waits.
    expect(waiting.expired(130)).toEqual([]);
    expect(waiting.expired(150)).toEqual([late]);
    expect([waiting.deadline, waiting.length]).toEqual([500, 1]);
    expect(waiting.shift()).toBe(long);
    expect(waiting.deadline).toBeUndefined();
  });

  test('that never expires is not looked for', () => {
    const waiting = line();
    waiting.push(work(0));
    expect(waiting.deadline).toBeUndefined();
    expect(waiting.expired(1e12)).toEqual([]);
  });
});

test('a line answers as a sorted list does, whatever is asked of it', () => {
  const step = fc.tuple(
    fc.constantFrom('push', 'push', 'push', 'putBack', 'shift', 'shift', 'expired', 'remove'),
    fc.nat(4),
    fc.nat(200),
  );
  const property = fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
    const waiting = line();
    let model: Work[] = [];
    let now = 0;
    for (const [what, priority, n] of steps) {
      now += n % 30;
      const each = work(priority, n % 5 === 0 ? Infinity : now + n, n);
      if (what === 'push') {
        waiting.push(each);
        model.push(each);
      } else if (what === 'putBack') {
        waiting.putBack(each);
        model.unshift(each);
      } else if (what === 'shift') {
        const top = Math.max(...model.map((other) => other.priority));
        const first = model.find((other) => other.priority === top);
        expect(waiting.shift()).toBe(first);
        model = model.filter((other) => other !== first);
      } else if (what === 'expired') {
        const isDue = now >= (waiting.deadline ?? Infinity);
        const over = isDue ? model.filter((other) => other.expiresAt <= now) : [];
        expect(new Set(waiting.expired(now))).toEqual(new Set(over));
        model = model.filter((other) => !over.includes(other));
      } else {
        const isOdd = ({ name }: Work): boolean => name % 2 === 1;
        expect(new Set(waiting.remove(isOdd))).toEqual(new Set(model.filter(isOdd)));
        model = model.filter((other) => !isOdd(other));
      }
      expect(waiting.length).toBe(model.length);
      expect(waiting.bytes).toBe(model.reduce((sum, { bytes }) => sum + bytes, 0));
      expect(new Set(waiting)).toEqual(new Set(model));
      const first = Math.min(...model.map(({ expiresAt }) => expiresAt));
      // A look comes at most one pause after the first has expired.
      if (first < Infinity) expect(waiting.deadline).toBeLessThanOrEqual(Math.max(first, now + 50));
    }
  });
  fc.assert(property, { numRuns: 50 });
});
