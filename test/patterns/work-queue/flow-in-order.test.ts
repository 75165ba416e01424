/**
 * In order: every outcome at its place, however they come, and an error where that cannot be.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inOrder, Ordering } from '../../../patterns/work-queue/in-order.ts';
import { thrownBy } from '../../support/thrown.ts';
import { turns } from '../../support/turns.ts';
import { follow, listOf, Watched } from './watched.ts';

interface Outcome {
  readonly index: number;
  readonly value: string;
}

const outcome = (index: number): Outcome => ({ index, value: `value ${index}` });
const outcomes = (...indexes: number[]): Outcome[] => indexes.map(outcome);

describe('outcomes in order', () => {
  test('come at their place, in whichever order they were', async () => {
    expect(await listOf(inOrder(outcomes(2, 0, 3, 1, 4)))).toEqual(outcomes(0, 1, 2, 3, 4));
    expect(await listOf(inOrder([]))).toEqual([]);
  });

  test('come as soon as all before them have come, and not sooner', async () => {
    const source = new Watched<Outcome>();
    const followed = follow(inOrder(source));
    const seen = async (index: number): Promise<number> => {
      source.give(outcome(index));
      await turns();
      return followed.items.length;
    };
    expect([await seen(1), await seen(2), await seen(0), await seen(3)]).toEqual([0, 0, 3, 4]);
  });

  test('are all there, at their place, whatever the order and as few are held as can be', async () => {
    const shuffled = fc
      .nat(60)
      .chain((count) => fc.shuffledSubarray([...Array(count).keys()], { minLength: count }));
    const property = fc.asyncProperty(shuffled, async (order) => {
      const maxHeld = mostHeld(order);
      const wanted = outcomes(...order.toSorted((a, b) => a - b));
      expect(await listOf(inOrder(outcomes(...order), { maxHeld }))).toEqual(wanted);
      if (maxHeld === 0) return;
      const tooFew = listOf(inOrder(outcomes(...order), { maxHeld: maxHeld - 1 }));
      await expect(tooFew).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    });
    await fc.assert(property, { numRuns: 60 });
  });

  test('are not given out of place when some are missing: it says which', async () => {
    const source = new Watched(outcomes(0, 6, 3, 1, 4));
    const iteration = inOrder(source);
    expect([await iteration.next(), await iteration.next()]).toEqual([
      { value: outcome(0), done: false },
      { value: outcome(1), done: false },
    ]);
    await expect(iteration.next()).rejects.toMatchObject({
      code: 'MISSING_RESULTS',
      message: 'inOrder: the outcomes ended, and outcome 2 has not come; 3 behind it are held',
      mayHaveRun: 'maybe',
      data: { missing: [2, 5], held: 3 },
    });
    expect(await iteration.next()).toEqual({ value: undefined, done: true });
    expect(source.left).toBe(0);
  });

  test('name at most 100,000 of the missing', async () => {
    const error: unknown = await listOf(inOrder(outcomes(1e12))).catch((thrown) => thrown);
    expect(error).toHaveProperty('data.missing.length', 100_000);
    expect(error).toHaveProperty('data.held', 1);
  });

  test('are held up to a limit; beyond it the source is left, and the missing one named', async () => {
    const source = new Watched(outcomes(0, 2, 3, 4, 5, 1));
    let gone = false;
    source.leaving = turns().then(() => {
      gone = true;
    });
    const iteration = inOrder(source, { maxHeld: 3 });
    await iteration.next();
    await expect(iteration.next()).rejects.toMatchObject({
      code: 'QUEUE_FULL',
      message: 'inOrder: outcome 1 has not come, and 3 behind it are held; maxHeld allows no more',
      data: { missing: [1], held: 3 },
    });
    expect(gone).toBe(true);
    await iteration.return?.();
    expect(source).toMatchObject({ asked: 5, left: 1 });
  });

  test('may be held none at all', async () => {
    expect(await listOf(inOrder(outcomes(0, 1, 2), { maxHeld: 0 }))).toEqual(outcomes(0, 1, 2));
    const early = listOf(inOrder(outcomes(1, 0), { maxHeld: 0 }));
    await expect(early).rejects.toMatchObject({ code: 'QUEUE_FULL', data: { held: 0 } });
  });

  test('are held up to 100,000 if nothing else is said', async () => {
    const most = Array.from({ length: 100_000 }, (_, i) => i + 1);
    expect(await listOf(inOrder(outcomes(...most, 0)))).toHaveLength(100_001);
    const tooMany = listOf(inOrder(outcomes(...most, 100_001, 0)));
    await expect(tooMany).rejects.toMatchObject({ code: 'QUEUE_FULL', data: { held: 100_000 } });
  });

  test.each([
    [outcomes(0, 1, 0), 'inOrder: outcome 0 came twice'],
    [outcomes(0, 2, 2), 'inOrder: outcome 2 came twice'],
    [outcomes(-1), 'inOrder: index must be a whole number from 0 up, got -1'],
    [outcomes(0.5), 'inOrder: index must be a whole number from 0 up, got 0.5'],
    [[{}] as Outcome[], 'inOrder: index must be a whole number from 0 up, got undefined'],
  ])('cannot be %j', async (wrong, message) => {
    const source = new Watched(wrong);
    await expect(listOf(inOrder(source))).rejects.toMatchObject({ code: 'BAD_OPTION', message });
    expect(source.left).toBe(1);
  });

  test.each([
    [{ maxHeld: -1 }, 'inOrder: maxHeld must be a whole number from 0 up, got -1'],
    [{ most: 1 }, 'inOrder: unknown option "most"; known are maxHeld'],
  ])('are refused with the options %j', (options, message) => {
    const wrong = options as { maxHeld: number };
    expect(thrownBy(() => void inOrder([], wrong), 'BAD_OPTION').message).toBe(message);
  });
});

describe('an ordering', () => {
  test('holds what is early, and gives it back in order', () => {
    const ordering = new Ordering<Outcome>(2);
    ordering.put(outcome(2));
    ordering.put(outcome(1));
    expect([ordering.take(), ordering.held]).toEqual([undefined, 2]);
    ordering.put(outcome(0));
    expect([ordering.take(), ordering.take(), ordering.take()]).toEqual(outcomes(0, 1, 2));
    expect([ordering.take(), ordering.held]).toEqual([undefined, 0]);
    ordering.end();
  });
});

/** How many of them have to be held at once, at most. */
function mostHeld(order: readonly number[]): number {
  const held = new Set<number>();
  let [next, most] = [0, 0];
  for (const index of order) {
    held.add(index);
    while (held.delete(next)) next += 1;
    most = Math.max(most, held.size);
  }
  return most;
}
