/**
 * Turns of the event loop: when one is overdue, and how to wait for the next.
 */
import { describe, expect, test } from 'vitest';
import { afterTurn, atTurnEnd, nextTurn, overdue, TURN_MS, workOf } from '../../src/run/turn.ts';
import { turns } from '../support/turns.ts';

/** Enough work for a look at the clock. */
const MUCH = 1_000_000;

/** Keeps the event loop busy, as a loop over settled promises would. */
function holdTurn(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

describe('a turn', () => {
  test('is overdue once it has lasted longer than its time, and not before', async () => {
    await nextTurn();
    expect(overdue(MUCH)).toBe(false);
    holdTurn(TURN_MS + 0.5);
    expect(overdue(MUCH)).toBe(true);
    expect(overdue(MUCH)).toBe(true);
  });

  test('is not overdue because the one before it was', async () => {
    await nextTurn();
    overdue(MUCH);
    holdTurn(TURN_MS + 0.5);
    expect(overdue(MUCH)).toBe(true);
    await nextTurn();
    expect(overdue(MUCH)).toBe(false);
  });

  test('is measured across promises that settle within it', async () => {
    await nextTurn();
    overdue(MUCH);
    holdTurn(TURN_MS + 0.5);
    await Promise.resolve();
    expect(overdue(MUCH)).toBe(true);
  });

  test('ends by itself, whether or not someone waits for the next', async () => {
    overdue(MUCH);
    await turns(2);
    holdTurn(TURN_MS + 0.5);
    expect(overdue(MUCH)).toBe(false);
  });
});

describe('work', () => {
  test('that is small is not worth a look at the clock, until it adds up', async () => {
    await nextTurn();
    overdue(MUCH);
    holdTurn(TURN_MS + 0.5);
    const looks = Array.from({ length: 1000 }, () => overdue(workOf(1, 0)));
    expect(looks[0]).toBe(false);
    expect(looks).toContain(true);
    expect(looks.filter(Boolean).length).toBeLessThan(200);
    await nextTurn();
  });

  test('is more for more values and for more bytes', () => {
    expect(workOf(100, 0)).toBeGreaterThan(workOf(1, 0));
    expect(workOf(1, 1 << 20)).toBeGreaterThan(workOf(1, 100));
    expect(workOf(0, 0)).toBeGreaterThan(0);
  });
});

describe('the next turn', () => {
  test('comes after timers and other immediates had their chance', async () => {
    const order: string[] = [];
    await turns(1);
    setImmediate(() => order.push('immediate'));
    setTimeout(() => order.push('timer'), 0);
    holdTurn(2);
    while (!order.includes('timer')) {
      order.push('turn');
      await nextTurn();
    }
    expect(order).toContain('immediate');
    expect(order.filter((each) => each === 'turn').length).toBeLessThan(6);
  });

  test('is shared by all who wait for it', async () => {
    const [one, other] = [nextTurn(), nextTurn()];
    expect(one).toBe(other);
    await one;
    expect(nextTurn()).not.toBe(one);
    await nextTurn();
  });

  test('is not this one: promises that settle now are heard before it', async () => {
    const order: string[] = [];
    const next = nextTurn().then(() => order.push('next turn'));
    for (let i = 0; i < 5; i += 1) await Promise.resolve();
    order.push('this turn');
    await next;
    expect(order).toEqual(['this turn', 'next turn']);
  });

  test('can be waited for again and again without starving a timer', async () => {
    const fired: true[] = [];
    setTimeout(() => fired.push(true), 1);
    for (let i = 0; fired.length === 0 && i < 1_000_000; i += 1) await nextTurn();
    expect(fired).toEqual([true]);
  });
});

describe('the end of a turn', () => {
  test('comes after what was put off until then, by promises too, and before the next turn', async () => {
    const order: string[] = [];
    const putOff = (what: string): void => atTurnEnd(() => order.push(what));
    const next = nextTurn().then(() => order.push('next turn'));
    const after = afterTurn().then(() => order.push('after'));
    putOff('sent');
    void Promise.resolve()
      .then(() => Promise.resolve())
      .then(() => putOff('sent by a promise'));
    await Promise.all([next, after]);
    expect(order).toEqual(['sent', 'sent by a promise', 'after', 'next turn']);
  });

  test('is shared by all who wait for it, and another one later', async () => {
    const [one, other] = [afterTurn(), afterTurn()];
    expect(one).toBe(other);
    await one;
    expect(afterTurn()).not.toBe(one);
    await afterTurn();
  });
});
