/**
 * Retry: asked again while attempts, time and the budget allow it, and after a wait that grows.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RetryBudget, retryAt } from '../../src/rules/retry.ts';

const backoff = { baseMs: 100, maxMs: 1000 };
const rich = (): RetryBudget => new RetryBudget({ ratio: 0, max: 1000 });

/** How many retries can be afforded right now. */
function affordable(budget: RetryBudget): number {
  let count = 0;
  while (count < 1000 && budget.withdraw()) count += 1;
  return count;
}

describe('a retry', () => {
  const request = { attempts: 1, maxAttempts: 10, deadline: Infinity };

  test('comes after a wait whose ceiling doubles with each attempt up to its limit', () => {
    const waits = [1, 2, 3, 4, 5, 6].map((attempts) =>
      retryAt({ ...request, attempts }, rich(), backoff, { now: 5000, random: 0.5 }),
    );
    expect(waits).toEqual([5050, 5100, 5200, 5400, 5500, 5500]);
  });

  test('comes at any time between now and the ceiling', () => {
    const at = (random: number): number | undefined =>
      retryAt(request, rich(), backoff, { now: 0, random });
    expect([at(0), at(0.25), at(0.999)]).toEqual([0, 25, 99]);
  });

  test('does not come when all attempts have been made', () => {
    const last = { ...request, attempts: 3, maxAttempts: 3 };
    expect(retryAt(last, rich(), backoff, { now: 0, random: 0 })).toBeUndefined();
    expect(
      retryAt({ ...last, maxAttempts: 1 }, rich(), backoff, { now: 0, random: 0 }),
    ).toBeUndefined();
  });

  test('does not come at the deadline or after it', () => {
    const until = (deadline: number): number | undefined =>
      retryAt({ ...request, deadline }, rich(), backoff, { now: 0, random: 0.5 });
    expect([until(49), until(50), until(51)]).toEqual([undefined, undefined, 50]);
  });

  test('is paid for only if it comes', () => {
    const budget = new RetryBudget({ ratio: 0, max: 1 });
    const now = { now: 0, random: 0.5 };
    expect(retryAt({ ...request, deadline: 10 }, budget, backoff, now)).toBeUndefined();
    expect(retryAt({ ...request, attempts: 10 }, budget, backoff, now)).toBeUndefined();
    expect(retryAt(request, budget, backoff, now)).toBe(50);
    expect(retryAt(request, budget, backoff, now)).toBeUndefined();
  });
});

describe('the budget', () => {
  test('is full at the beginning', () => {
    expect(affordable(new RetryBudget({ ratio: 0.2, max: 10 }))).toBe(10);
  });

  test('grows with requests, one retry for five of them', () => {
    const budget = new RetryBudget({ ratio: 0.2, max: 10 });
    affordable(budget);
    for (let i = 0; i < 4; i += 1) budget.deposit();
    expect(budget.withdraw()).toBe(false);
    budget.deposit();
    expect(affordable(budget)).toBe(1);
    for (let i = 0; i < 26; i += 1) budget.deposit();
    expect(affordable(budget)).toBe(5);
  });

  test('never holds more than its limit', () => {
    const budget = new RetryBudget({ ratio: 5, max: 3 });
    for (let i = 0; i < 100; i += 1) budget.deposit();
    expect(affordable(budget)).toBe(3);
  });

  test('of nothing allows no retry, and one of less than one neither', () => {
    const none = new RetryBudget({ ratio: 0, max: 0 });
    const little = new RetryBudget({ ratio: 1, max: 0.9 });
    for (const budget of [none, little]) {
      budget.deposit();
      expect(affordable(budget)).toBe(0);
    }
  });

  test('keeps retries to its share of the requests, whatever their order', () => {
    const steps = fc.array(fc.boolean(), { maxLength: 500 });
    const property = fc.property(
      fc.constantFrom(0, 0.1, 0.2, 0.5, 1, 2),
      fc.nat(20),
      steps,
      (ratio, max, order) => {
        const budget = new RetryBudget({ ratio, max });
        let [requests, retries] = [0, 0];
        for (const isRequest of order) {
          if (isRequest) {
            requests += 1;
            budget.deposit();
          } else if (budget.withdraw()) retries += 1;
          expect(retries).toBeLessThanOrEqual(max + ratio * requests + 1e-9);
        }
      },
    );
    fc.assert(property);
  });
});
