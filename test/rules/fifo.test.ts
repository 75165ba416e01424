/**
 * Fifo: like a plain array in all it answers, and quick when it is long.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Fifo } from '../../src/rules/fifo.ts';
import { collectGarbage } from '../support/garbage.ts';

type Step = readonly ['push' | 'unshift' | 'shift' | 'peek' | 'remove' | 'list', number];

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.tuple(fc.constant('push' as const), fc.nat(20)) },
    { weight: 4, arbitrary: fc.tuple(fc.constant('shift' as const), fc.nat(20)) },
    fc.tuple(fc.constantFrom('unshift', 'peek', 'remove', 'list'), fc.nat(20)),
  ),
  { maxLength: 400, size: 'max' },
);

describe('a fifo', () => {
  test('answers as a plain array does, whatever is asked of it', () => {
    const property = fc.property(steps, (script) => {
      const fifo = new Fifo<number>();
      const array: number[] = [];
      for (const step of script) {
        expect(answer(fifo, step)).toEqual(answerOfArray(array, step));
        expect(fifo.length).toBe(array.length);
      }
      expect([...fifo]).toEqual(array);
    });
    fc.assert(property, { numRuns: 80 });
  });

  test('keeps its order over many rounds of filling and emptying', () => {
    const fifo = new Fifo<number>();
    let [put, taken] = [0, 0];
    for (let round = 1; round < 150; round += 1) {
      for (let i = 0; i < round; i += 1) fifo.push(put++);
      for (let i = 0; i < round - (round % 3); i += 1) expect(fifo.shift()).toBe(taken++);
    }
    while (fifo.length > 0) expect(fifo.shift()).toBe(taken++);
    expect(taken).toBe(put);
    expect(fifo.shift()).toBeUndefined();
    expect(fifo.peek()).toBeUndefined();
    expect(fifo.length).toBe(0);
  });

  test('is as good as new when all was taken out', () => {
    const fifo = new Fifo<number>();
    for (const n of [1, 2, 3]) fifo.push(n);
    fifo.shift();
    fifo.clear();
    expect([fifo.length, fifo.shift(), [...fifo]]).toEqual([0, undefined, []]);
    fifo.push(4);
    expect([...fifo]).toEqual([4]);
  });

  test('holds undefined like anything else', () => {
    const fifo = new Fifo<number | undefined>();
    fifo.push(undefined);
    fifo.push(1);
    expect(fifo.length).toBe(2);
    expect(fifo.shift()).toBeUndefined();
    expect(fifo.shift()).toBe(1);
  });

  test('puts an item back before all others, whether or not one has been taken', () => {
    const fifo = new Fifo<string>();
    fifo.push('b');
    fifo.unshift('a');
    expect([fifo.shift(), fifo.length]).toEqual(['a', 1]);
    fifo.unshift('again');
    expect([...fifo]).toEqual(['again', 'b']);
  });

  test('removes the first item too, before any has been taken', () => {
    const fifo = new Fifo<string>();
    for (const item of ['a', 'b']) fifo.push(item);
    expect(fifo.remove('a')).toBe(true);
    expect([...fifo]).toEqual(['b']);
  });

  test('removes an item once, and not one that was taken', () => {
    const fifo = new Fifo<string>();
    for (const item of ['a', 'b', 'a', 'c']) fifo.push(item);
    expect(fifo.shift()).toBe('a');
    expect(fifo.remove('a')).toBe(true);
    expect(fifo.remove('a')).toBe(false);
    expect([...fifo]).toEqual(['b', 'c']);
  });

  test('is iterated as it was when the iteration began', () => {
    const fifo = new Fifo<number>();
    for (const item of [1, 2, 3]) fifo.push(item);
    const seen: number[] = [];
    for (const item of fifo) {
      seen.push(item);
      fifo.shift();
    }
    expect(seen).toEqual([1, 2, 3]);
    expect(fifo.length).toBe(0);
  });

  test('keeps no memory of what has passed through it, however many wait', () => {
    for (const waiting of [0, 100]) {
      const fifo = fill(waiting);
      const before = heapUsed();
      for (let i = 0; i < 3_000_000; i += 1) {
        fifo.push(i);
        fifo.shift();
      }
      expect(heapUsed() - before).toBeLessThan(8e6); // An array that is never cut takes 24 MB.
      expect(fifo.length).toBe(waiting);
    }
  });

  test('takes time that does not grow with its length', () => {
    const long = fill(200_000);
    const began = performance.now();
    while (long.length > 0) long.shift();
    // With `Array.shift`, which moves all that is left, this takes many seconds.
    expect(performance.now() - began).toBeLessThan(1000);
  });
});

/** How many bytes are in use once what is not has been thrown away. */
function heapUsed(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

function fill(count: number): Fifo<number> {
  const fifo = new Fifo<number>();
  for (let i = 0; i < count; i += 1) fifo.push(i);
  return fifo;
}

function answer(fifo: Fifo<number>, [what, item]: Step): unknown {
  if (what === 'push') return fifo.push(item);
  if (what === 'unshift') return fifo.unshift(item);
  if (what === 'shift') return fifo.shift();
  if (what === 'peek') return fifo.peek();
  return what === 'remove' ? fifo.remove(item) : [...fifo];
}

function answerOfArray(array: number[], [what, item]: Step): unknown {
  if (what === 'push') {
    array.push(item);
    return undefined;
  }
  if (what === 'unshift') {
    array.unshift(item);
    return undefined;
  }
  if (what === 'shift') return array.shift();
  if (what === 'peek') return array[0];
  if (what === 'list') return [...array];
  const at = array.indexOf(item);
  if (at >= 0) array.splice(at, 1);
  return at >= 0;
}
