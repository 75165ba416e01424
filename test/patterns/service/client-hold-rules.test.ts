/**
 * Tests of a client's rules: while many calls are under way, a message waits a little for more to go with it.
 */
import { describe, expect, test } from 'vitest';
import type { Balance } from '../../../patterns/service/balance-rules.ts';
import { ClientDesk } from './client-desk.ts';
import { type Entry, itemOf } from './entries.ts';

const firstOf: Balance = ([first]) => first;

/** Two calls are under way at `a`, which has answered another one after so many milliseconds. One more is many. */
function crowded(answerMs: number): ClientDesk {
  const desk = ClientDesk.met({ crowd: 3, balance: firstOf }, 'a b');
  desk.ask('first');
  desk.pass(answerMs);
  desk.result('a', 'first');
  desk.ask('second third');
  return desk;
}

describe('a message', () => {
  test('leaves with its turn while few calls are under way', () => {
    const desk = ClientDesk.met({ crowd: 3 }, 'a');
    desk.ask('first');
    desk.pass(100);
    desk.result('a', 'first');
    expect(desk.ask('one two')).toEqual(['a: call 2 one 5000', 'a: call 3 two 5000']);
    expect(desk.ask('three'), 'which is the third').toEqual([]);
  });

  test('waits, when many are, for a quarter of the time of an answer since the one before it', () => {
    const desk = crowded(2);
    expect(desk.ask('one')).toEqual([]);
    expect(desk.pass(0.25)).toEqual([]);
    expect(desk.ask('two')).toEqual([]);
    expect(desk.pass(0.25)).toEqual(['a: call 4 one 5000', 'a: call 5 two 5000']);
    expect(desk.ask('three'), 'since that one').toEqual([]);
    expect(desk.pass(0.5)).toEqual(['a: call 6 three 5000']);
  });

  test('waits for a millisecond at most', () => {
    const desk = crowded(400);
    expect(desk.ask('one')).toEqual([]);
    expect(desk.pass(0.9)).toEqual([]);
    expect(desk.pass(0.1)).toEqual(['a: call 4 one 5000']);
  });

  test('leaves with its turn when nothing has left for so long', () => {
    const desk = crowded(400);
    desk.pass(1);
    expect(desk.ask('one')).toEqual(['a: call 4 one 5000']);
  });

  test.each([
    ['quick', 'second'],
    ['second', 'quick'],
  ])('waits as the quickest of those that are answered together asks: %s, %s', (...names) => {
    const desk = crowded(4);
    desk.pass(400);
    desk.ask('quick');
    desk.pass(2);
    desk.hear('a', ...names.map((name): Entry => ['result', desk.number(name), 'yes']));
    desk.ask('one');
    expect(desk.ask('two')).toEqual([]);
    expect(desk.pass(0.5)).toHaveLength(1);
    desk.result('a', 'third');
    desk.ask('three');
    expect(desk.ask('four'), 'after a slow answer that came by itself').toEqual([]);
    expect(desk.pass(0.9)).toEqual([]);
    expect(desk.pass(0.1)).toHaveLength(2);
  });

  test('that is full leaves at once, and the next one waits from then on', () => {
    const desk = crowded(2);
    desk.pass(0.25);
    expect(desk.ask('large', { input: itemOf(new Uint8Array(5000)) })).toHaveLength(1);
    expect(desk.ask('one')).toEqual([]);
    expect(desk.pass(0.49)).toEqual([]);
    expect(desk.pass(0.01)).toEqual(['a: call 5 one 5000']);
  });

  test('that was full leaves nothing behind that would hold up the next one', () => {
    const desk = crowded(2);
    desk.ask('large', { input: itemOf(new Uint8Array(5000)) });
    expect(desk.rules.deadline).toBeGreaterThan(desk.now + 1);
    desk.pass(0.5);
    expect(desk.ask('one')).toEqual(['a: call 5 one 5000']);
  });

  test('waits for its own server only', () => {
    let place = 0;
    const desk = ClientDesk.met({ crowd: 1, balance: (servers) => servers[place] }, 'a b');
    for (const server of ['a', 'b']) {
      place = server === 'a' ? 0 : 1;
      desk.ask(`first-of-${server}`);
      desk.pass(400);
      desk.result(server, `first-of-${server}`);
    }
    expect(desk.ask('one'), 'of b').toHaveLength(1);
    place = 0;
    expect(desk.ask('two'), 'of a').toHaveLength(1);
    expect(desk.ask('three'), 'of a again').toEqual([]);
  });
});

describe('what is held', () => {
  test('takes with it what is said meanwhile', () => {
    const desk = crowded(2);
    desk.ask('one two');
    expect(desk.forget('one')).toEqual([]);
    expect(desk.hear('a', ['mark', 7])).toEqual([]);
    const calls = ['a: call 4 one 5000', 'a: call 5 two 5000'];
    expect(desk.pass(0.5)).toEqual([...calls, 'a: cancel 4', 'a: mark 7']);
  });

  test('is asked of another when its server is lost, and that is its first attempt', () => {
    const desk = crowded(2);
    desk.ask('one');
    expect(desk.left('a')).toEqual([
      'down a gone',
      'second: UNREACHABLE maybe',
      'third: UNREACHABLE maybe',
      'b: call 5 one 5000',
    ]);
    expect([desk.call('one').attempts, desk.rules.calls.retried]).toEqual([1, 0]);
  });

  test('does not wait when its server drains', () => {
    const desk = crowded(2);
    desk.ask('one');
    expect(desk.hear('a', ['drain'])).toEqual(['down a draining', 'a: call 4 one 5000']);
  });

  test('leaves with the good-bye to a server that is asked no more, and nothing is due after it', () => {
    const desk = crowded(400);
    desk.pass(1);
    expect(desk.ask('fourth')).toHaveLength(1);
    expect(desk.turn((now) => desk.rules.more(desk.call('second'), 4, now))).toEqual([]);
    desk.update('b');
    const numbers = ['second', 'third', 'fourth'].map((name) => desk.number(name));
    const seen = desk.hear('a', ...numbers.map((n): Entry => ['result', n, 'yes']));
    expect(seen.slice(-3)).toEqual(['a: more 2 4', 'a: bye', 'close a']);
    expect(desk.pass(1)).toEqual([]);
  });

  test('does not wait when the client leaves', () => {
    const desk = crowded(2);
    desk.ask('one');
    const seen = desk.turn((now) => desk.rules.leave(now));
    expect(seen).toEqual(['a: call 4 one 5000', 'a: bye', 'b: bye']);
  });
});
