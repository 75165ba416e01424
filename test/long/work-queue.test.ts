/**
 * Ordeals of a work queue: a hundred thousand items, and worker processes that are killed or frozen five times a
 * second.
 */
import { describe, expect, test } from 'vitest';
import { freeze, type Ordeal, survive } from '../patterns/work-queue/ordeal.ts';

const PATIENT = { timeout: 300_000 } as const;

const ordeals: readonly [string, Ordeal['strike']][] = [
  ['killed', (victim) => victim.kill('SIGKILL')],
  ['frozen', freeze],
];

describe('eight worker processes', PATIENT, () => {
  test.each(ordeals)('that are %s one after the other do 100,000 items', async (_, strike) => {
    const ordeal = { count: 100_000, everyMs: 200, strike };
    const { strikes, redelivered } = await survive(ordeal);
    expect(strikes).toBeGreaterThan(10);
    expect(redelivered).toBeGreaterThan(0);
  });
});
