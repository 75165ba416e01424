/**
 * Tests of when a process that has ended is started again, with plain numbers for the time.
 */
import { describe, expect, test } from 'vitest';
import { CrewRules } from '../../../patterns/work-queue/crew-rules.ts';

/** Rules whose waits are as long as they can be. */
function rulesOf(maxQuickDeaths = 100): CrewRules {
  return new CrewRules({
    restart: { baseMs: 100, maxMs: 1000 },
    steadyMs: 5000,
    maxQuickDeaths,
    random: () => 0.999,
  });
}

/** Starts a process at a place, which ends so many milliseconds later; the answer to that. */
function lives(rules: CrewRules, ms: number, { place = 0, now = 0 } = {}): number | 'give up' {
  rules.started(place, now);
  return rules.ended(place, now + ms);
}

describe('a process that ends', () => {
  test('is replaced at once the first time', () => {
    expect(lives(rulesOf(), 10)).toBe(0);
  });

  test('is waited for longer each time, up to the longest wait', () => {
    const rules = rulesOf();
    const waits = Array.from({ length: 7 }, () => lives(rules, 10));
    expect(waits).toEqual([0, 99, 199, 399, 799, 999, 999]);
  });

  test('is replaced at once again after one that has lived long enough', () => {
    const rules = rulesOf();
    for (let deaths = 0; deaths < 4; deaths += 1) lives(rules, 4999);
    expect(lives(rules, 5000)).toBe(0);
    expect(lives(rules, 10)).toBe(99);
  });

  test('has its own waits, whatever happens at other places', () => {
    const rules = rulesOf();
    for (let deaths = 0; deaths < 4; deaths += 1) lives(rules, 10, { place: 1 });
    expect(lives(rules, 10, { place: 2 })).toBe(0);
  });

  test('has a wait drawn between nothing and the longest', () => {
    const restart = { baseMs: 100, maxMs: 1000 };
    const rules = new CrewRules({ restart, steadyMs: 5, maxQuickDeaths: 9, random: () => 0.5 });
    lives(rules, 1);
    expect(lives(rules, 1)).toBe(50);
  });
});

describe('giving up', () => {
  test('comes with so many quick deaths in a row', () => {
    const rules = rulesOf(3);
    expect([lives(rules, 10), lives(rules, 10), lives(rules, 10)]).toEqual([0, 99, 'give up']);
    expect(rules.quickDeaths).toBe(3);
  });

  test('counts the deaths of all places together', () => {
    const rules = rulesOf(3);
    const ends = [0, 1, 2].map((place) => lives(rules, 10, { place }));
    expect(ends).toEqual([0, 0, 'give up']);
  });

  test('counts from nothing after a process that has lived long enough', () => {
    const rules = rulesOf(3);
    lives(rules, 10);
    lives(rules, 10);
    expect(lives(rules, 5000)).toBe(0);
    expect(rules.quickDeaths).toBe(0);
    lives(rules, 10);
    expect(lives(rules, 10)).not.toBe('give up');
    expect(lives(rules, 10)).toBe('give up');
  });

  test('does not come while another process lives on', () => {
    const rules = rulesOf(3);
    rules.started(1, 0);
    const ends = Array.from({ length: 20 }, () => lives(rules, 10, { now: 5000 }));
    expect(ends).not.toContain('give up');
  });

  test('comes although another process has started, if that is as young', () => {
    const rules = rulesOf(3);
    rules.started(1, 0);
    expect([10, 20, 30].map((now) => lives(rules, 1, { now }))).toContain('give up');
  });

  test('does not come while somebody says that processes do their work; the waits grow', () => {
    const rules = rulesOf(3);
    const ends = Array.from({ length: 6 }, () => {
      rules.thrives();
      return lives(rules, 10);
    });
    expect(ends).toEqual([0, 99, 199, 399, 799, 999]);
  });
});
