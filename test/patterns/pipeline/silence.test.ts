/**
 * Tests of when the sink gives up: only a silence that means something does, and what it names is right.
 */
import { describe, expect, test } from 'vitest';
import { SinkRules } from '../../../patterns/pipeline/sink-rules.ts';
import { toldBy } from './actions.ts';

const SILENCE = 1000;
const made = (maxDepth = 100): SinkRules => new SinkRules({ silenceMs: SILENCE, maxDepth });
const done = (id: number) => ['done', 'r', id, 'w', 'x'] as const;

/** Everything that is told up to time `end`, if `message` comes every 500 ms. */
function repeat(rules: SinkRules, message: unknown, end: number): unknown[] {
  const told = [];
  for (let now = 500; now <= end; now += 500) {
    const { deadline } = rules;
    if (deadline !== undefined && deadline <= now) told.push(...toldBy(rules.tick(deadline)));
    if (rules.accepts()) told.push(...toldBy(rules.receive('results', message, now)));
  }
  return told;
}

describe('silence', () => {
  test('means nothing before anything was heard', () => {
    const rules = made();
    expect(rules.deadline).toBeUndefined();
    expect(rules.tick(1e9)).toEqual([]);
  });

  test('ends the batch while results are owed', () => {
    const rules = made();
    rules.receive('results', ['sent', 'r', 3], 0);
    rules.receive('results', done(1), 700);
    expect(rules.deadline).toBe(1700);
    expect(rules.tick(1699)).toEqual([]);
    expect(toldBy(rules.tick(1700))).toEqual(['silent']);
    expect(rules.missing).toEqual([0, 2]);
    expect(rules.accepts()).toBe(false);
  });

  test('is told once', () => {
    const rules = made();
    rules.receive('results', ['sent', 'r', 3], 0);
    rules.tick(1000);
    expect([...rules.tick(2000), ...rules.lastCall(1, 3000), ...rules.tick(1e9)]).toEqual([]);
    expect(rules.deadline).toBeUndefined();
  });

  test('is not broken by reports while results are owed', () => {
    const rules = made();
    rules.receive('results', ['sent', 'r', 1], 0);
    expect(repeat(rules, ['sent', 'r', 1], 5000)).toEqual(['silent']);
    expect(rules.missing).toEqual([0]);
  });

  test('is broken by reports while the source is slow and nothing is owed', () => {
    const rules = made();
    rules.receive('results', ['sent', 'r', 1], 0);
    rules.receive('results', done(0), 1);
    expect(repeat(rules, ['sent', 'r', 1], 100_000)).toEqual([]);
  });

  test('is broken by no refused result and no nonsense', () => {
    for (const message of [done(0), ['done', 'old', 1, 'w', 'x'], ['sent', 'old', 9], 'nonsense']) {
      const rules = made();
      rules.receive('results', ['end', 'r', 2], 0);
      rules.receive('results', done(0), 1);
      expect(repeat(rules, message, 5000), String(message)).toEqual(['silent']);
    }
  });

  test('gives an item its time even if it is dealt long after the last result', () => {
    const rules = made();
    rules.receive('results', ['sent', 'r', 0], 0);
    repeat(rules, ['sent', 'r', 0], 10_000);
    rules.receive('results', ['sent', 'r', 1], 10_500);
    expect(rules.tick(11_400)).toEqual([]);
    rules.receive('results', done(0), 11_450);
    expect(rules.tick(12_400)).toEqual([]);
  });
});

describe('a ventilator that dies', () => {
  test('has two seconds to be heard of while nothing is owed, however short a silence may be', () => {
    const rules = made();
    rules.receive('results', ['sent', 'r', 1], 0);
    expect(rules.deadline).toBe(SILENCE);
    rules.receive('results', done(0), 100);
    expect(rules.deadline).toBe(2100);
    const patient = new SinkRules({ silenceMs: 60_000, maxDepth: 10 });
    patient.receive('results', ['sent', 'r', 0], 0);
    expect(patient.deadline).toBe(60_000);
  });

  test('is noticed when its reports stay away, though no result is known to be owed', () => {
    const rules = made();
    rules.receive('results', ['sent', 'r', 1], 0);
    rules.receive('results', done(0), 100);
    expect(toldBy(rules.tick(rules.deadline ?? 0))).toEqual(['silent']);
    expect([rules.expected, rules.missing]).toEqual([undefined, []]);
  });

  test('leaves no gap unnamed below the results that came after its last report', () => {
    const rules = made();
    rules.receive('results', ['sent', 'r', 2], 0);
    for (const id of [0, 1, 4]) rules.receive('results', done(id), 1);
    rules.tick(5000);
    expect(rules.missing).toEqual([2, 3]);
  });
});

describe('the last call', () => {
  test('makes a shorter silence enough', () => {
    const rules = made();
    rules.receive('results', ['end', 'r', 2], 0);
    expect(rules.lastCall(50, 100)).toEqual([]);
    expect(rules.deadline).toBe(150);
    rules.receive('results', done(0), 140);
    expect(rules.deadline).toBe(190);
    expect(toldBy(rules.tick(190))).toEqual(['silent']);
    expect(rules.missing).toEqual([1]);
  });

  test('ends a batch of which nothing was ever heard', () => {
    const rules = made();
    rules.lastCall(50, 100);
    expect(toldBy(rules.tick(150))).toEqual(['silent']);
  });

  test('does not touch a batch that is complete', () => {
    const rules = made();
    rules.receive('results', ['end', 'r', 0], 0);
    rules.lastCall(50, 100);
    expect(rules.tick(1e9)).toEqual([]);
  });
});

describe('back-pressure', () => {
  test('nothing is read while maxDepth results wait for the application', () => {
    const rules = made(2);
    rules.receive('results', ['end', 'r', 3], 0);
    rules.receive('results', done(0), 0);
    expect(rules.accepts()).toBe(true);
    rules.receive('results', done(1), 0);
    expect(rules.accepts()).toBe(false);
    expect(rules.taken(5)).toEqual([]);
    expect(rules.accepts()).toBe(true);
  });

  test('raises no false alarm, however long it lasts', () => {
    const rules = made(2);
    rules.receive('results', ['end', 'r', 3], 0);
    rules.receive('results', done(0), 0);
    rules.receive('results', done(1), 0);
    expect(rules.deadline).toBeUndefined();
    expect(rules.tick(1e6)).toEqual([]);
    rules.taken(1e6);
    expect(rules.deadline).toBe(1e6 + SILENCE);
    expect(rules.tick(1e6 + SILENCE - 1)).toEqual([]);
    expect(toldBy(rules.tick(1e6 + SILENCE))).toEqual(['silent']);
  });

  test('an application that takes slowly, but never held anything up, puts nothing off', () => {
    const rules = made(10);
    rules.receive('results', ['end', 'r', 3], 0);
    rules.receive('results', done(0), 0);
    rules.taken(900);
    expect(rules.deadline).toBe(SILENCE);
  });
});
