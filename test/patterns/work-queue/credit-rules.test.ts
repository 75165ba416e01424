/**
 * Tests of credit: how much a worker takes at a time.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Credit } from '../../../patterns/work-queue/credit-rules.ts';

const QUICK = 1000; // So many measurements that earlier ones count for nothing.

function learned(concurrency: number, ms: number, credit = new Credit(concurrency, undefined)) {
  for (let i = 0; i < QUICK; i += 1) {
    credit.learn(ms);
    credit.change();
  }
  return credit.now;
}

describe('the credit of a worker', () => {
  test('is what somebody has said, however long items take', () => {
    const credit = new Credit(4, 3);
    expect(learned(4, 0, credit)).toBe(3);
    expect(credit.change()).toBeUndefined();
  });

  test('may be nothing, if somebody has said so', () => {
    expect(new Credit(4, 0).now).toBe(0);
  });

  test('is two for each handler to begin with, and never less', () => {
    expect(new Credit(3, undefined).now).toBe(6);
    expect(learned(3, 60_000)).toBe(6);
  });

  test.each([
    [1, 1, 20],
    [1, 0.1, 200],
    [4, 1, 80],
    [1, 10, 2],
  ])('of %i handlers that take %f ms is about what is done in some 20 ms: %i', (many, ms, most) => {
    const credit = learned(many, ms);
    expect(credit).toBeLessThanOrEqual(1.5 * most + 1);
    expect(credit).toBeGreaterThanOrEqual(most / 2);
  });

  test('is bounded, however quick they are', () => {
    expect(learned(1, 0)).toBeGreaterThan(1000);
    expect(learned(3000, 0)).toBe(6000);
  });

  test('comes down again when they are slow', () => {
    const credit = new Credit(1, undefined);
    expect(learned(1, 0.01, credit)).toBeGreaterThan(1000);
    expect(learned(1, 100, credit)).toBe(2);
  });

  test('is told only when it is another by far', () => {
    const credit = new Credit(1, undefined);
    let told = 0;
    for (let i = 0; i < QUICK; i += 1) {
      credit.learn(1 + (i % 2) / 10);
      if (credit.change() !== undefined) told += 1;
    }
    expect(told).toBeLessThan(8);
  });

  test('is always a whole number within bounds, and what was told last', () => {
    const runs = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { maxLength: 50 });
    const property = fc.property(fc.integer({ min: 1, max: 100 }), runs, (concurrency, times) => {
      const credit = new Credit(concurrency, undefined);
      for (const ms of times) {
        credit.learn(ms);
        const told = credit.change();
        if (told !== undefined) expect(credit.now).toBe(told);
        expect(Number.isInteger(credit.now)).toBe(true);
        expect(credit.now).toBeGreaterThanOrEqual(2 * concurrency);
        expect(credit.now).toBeLessThanOrEqual(1536);
      }
    });
    fc.assert(property);
  });
});
