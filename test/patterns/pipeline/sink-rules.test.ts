/**
 * Tests of the sink's rules: which results count, and what makes no sense. With no sockets.
 */
import { describe, expect, test } from 'vitest';
import { SinkRules } from '../../../patterns/pipeline/sink-rules.ts';
import { toldBy } from './actions.ts';

const HUGE = Number.MAX_SAFE_INTEGER;
const made = (): SinkRules => new SinkRules({ silenceMs: 1000, maxDepth: 10 });
const done = (id: number, run = 'r') => ['done', run, id, 'w', `result ${id}`] as const;
const result = (id: number) => ({ ok: true, id, worker: 'w', value: `result ${id}` });

/** What the rules tell when these messages come, all at time 0. */
const hear = (rules: SinkRules, ...messages: readonly unknown[]): unknown[] =>
  messages.flatMap((message) => toldBy(rules.receive('results', message, 0)));

describe('the end', () => {
  test('comes exactly with the last result', () => {
    const rules = made();
    expect(hear(rules, ['sent', 'r', 0], done(1), done(0))).toEqual([result(1), result(0)]);
    expect(hear(rules, ['end', 'r', 3])).toEqual([]);
    expect(rules.accepts()).toBe(true);
    expect(hear(rules, done(2))).toEqual([result(2), 'complete']);
    expect(rules.accepts()).toBe(false);
    expect(rules.deadline).toBeUndefined();
  });

  test('comes with the word of the ventilator if all results are there', () => {
    const rules = made();
    hear(rules, ['sent', 'r', 0], done(0), done(1));
    expect(hear(rules, ['end', 'r', 2])).toEqual(['complete']);
  });

  test('may be known before the first result', () => {
    const rules = made();
    expect(hear(rules, ['end', 'r', 2])).toEqual([]);
    expect(rules.expected).toBe(2);
    expect(hear(rules, done(1), done(0))).toEqual([result(1), result(0), 'complete']);
  });

  test('of no items at all comes at once', () => {
    expect(hear(made(), ['sent', 'r', 0], ['end', 'r', 0])).toEqual(['complete']);
  });

  test('is told once', () => {
    const rules = made();
    hear(rules, ['end', 'r', 1], done(0));
    expect(hear(rules, ['end', 'r', 1], done(0), ['sent', 'r', 1])).toEqual([]);
    expect(rules.tick(1e9)).toEqual([]);
  });

  test('does not come while an item before it has no result, whatever else has come', () => {
    const rules = made();
    hear(rules, ['sent', 'r', 0], done(0), done(5));
    expect(hear(rules, ['end', 'r', 2])).not.toContain('complete');
    expect(rules.missing).toEqual([1]);
  });
});

describe('results', () => {
  test('that come before the batch is named wait for its name', () => {
    const rules = made();
    expect(hear(rules, done(1), done(0))).toEqual([]);
    expect(hear(rules, ['sent', 'r', 2])).toEqual([result(1), result(0)]);
  });

  test('that come before the batch is named ask for nothing, and are handed out once', () => {
    const rules = made();
    expect(rules.receive('results', done(0), 0)).toEqual([]);
    expect(rules.receive('results', ['sent', 'r', 2], 0)).toHaveLength(1);
    expect(rules.receive('results', ['sent', 'r', 3], 0)).toEqual([]);
    expect(rules).toMatchObject({ received: 1, refused: 0 });
  });

  test('that are refused ask for nothing', () => {
    const rules = made();
    hear(rules, ['sent', 'r', 3], done(0));
    for (const message of [done(0), done(1, 'old'), ['end', 'old', 9]]) {
      expect(rules.receive('results', message, 0)).toEqual([]);
    }
    expect(rules.refused).toBe(3);
  });

  test('of another batch are refused, before and after this one is named', () => {
    const rules = made();
    expect(hear(rules, done(0, 'old'), ['sent', 'r', 1], done(0, 'old'))).toEqual([]);
    expect(rules.refused).toBe(2);
    expect(hear(rules, done(0), ['end', 'r', 1])).toEqual([result(0), 'complete']);
  });

  test('are not ended by another batch', () => {
    const rules = made();
    hear(rules, ['sent', 'r', 1]);
    expect(hear(rules, ['end', 'old', 0])).toEqual([]);
    expect(rules).toMatchObject({ expected: undefined, refused: 1 });
  });

  test('count once, however often they come and in whatever order', () => {
    const rules = made();
    hear(rules, ['end', 'r', 4]);
    expect(hear(rules, done(0), done(0), done(2), done(2), done(0))).toEqual([
      result(0),
      result(2),
    ]);
    expect(rules).toMatchObject({ received: 2, refused: 3 });
    expect(rules.missing).toEqual([1, 3]);
  });

  test('count once if one of them is a failure', () => {
    const rules = made();
    hear(rules, ['end', 'r', 2], ['failed', 'r', 0, 'w', 'no'], done(0));
    expect(rules).toMatchObject({ received: 1, failed: 1, refused: 1 });
  });

  test('with a number that was never dealt are refused', () => {
    const rules = made();
    expect(hear(rules, ['end', 'r', 2], done(2), done(HUGE))).toEqual([]);
    expect(rules.refused).toBe(2);
  });

  test('that are failures say who failed and why', () => {
    const rules = made();
    const told = hear(rules, ['end', 'r', 1], ['failed', 'r', 0, 'w', 'no']);
    expect(told).toEqual([{ ok: false, id: 0, worker: 'w', reason: 'no' }, 'complete']);
  });
});

describe('hostile input', () => {
  test.each([
    ['nothing', undefined],
    ['null', null],
    ['text', 'done'],
    ['an empty list', []],
    ['an unknown word', ['gone', 'r', 0]],
    ['an end without a count', ['end', 'r']],
    ['a negative count', ['end', 'r', -1]],
    ['half a count', ['sent', 'r', 1.5]],
    ['no number', ['sent', 'r', Number.NaN]],
    ['a bigint', ['end', 'r', 1n]],
    ['a result without a value', ['done', 'r', 0, 'w']],
    ['a result of nobody', ['done', 'r', 0, 7, 'x']],
    ['a failure without a reason', ['failed', 'r', 0, 'w', 7]],
    ['a run that is no text', ['end', {}, 0]],
  ])('%s is counted as a fault and dropped', (_, message) => {
    const rules = made();
    expect(rules.receive('results', message, 0)).toEqual([]);
    expect(rules).toMatchObject({ faults: 1, received: 0, refused: 0 });
  });

  test.each(['sent', 'end'])('"%s" with the largest of counts hangs nobody', (kind) => {
    const rules = made();
    hear(rules, [kind, 'r', HUGE], done(1), done(3));
    const { missing } = rules;
    expect(missing.slice(0, 4)).toEqual([0, 2, 4, 5]);
    expect(missing).toHaveLength(100_000);
    expect(toldBy(rules.tick(1000))).toEqual(['silent']);
  });

  test('a result with the largest of numbers hangs nobody', () => {
    const rules = made();
    hear(rules, ['sent', 'r', 2], done(HUGE), done(HUGE - 1), done(0));
    expect(rules.missing[0]).toBe(1);
    expect(rules.missing.length).toBeLessThanOrEqual(100_000);
  });

  test('early results are bounded, and so is what is handed out of them', () => {
    const rules = new SinkRules({ silenceMs: 1000, maxDepth: 3 });
    hear(rules, ...Array.from({ length: 1000 }, (_, id) => done(id, 'hostile')), ['sent', 'r', 1]);
    expect(rules.refused).toBe(1000);
    expect(hear(rules, done(0))).toEqual([result(0)]);
  });

  test('of early results as many are kept as the application may have to take at a time', () => {
    const rules = new SinkRules({ silenceMs: 1000, maxDepth: 3 });
    expect(hear(rules, ...[0, 1, 2, 3, 4].map((id) => done(id)))).toEqual([]);
    expect(rules.refused).toBe(2);
    expect(hear(rules, ['sent', 'r', 5])).toEqual([result(0), result(1), result(2)]);
  });
});
