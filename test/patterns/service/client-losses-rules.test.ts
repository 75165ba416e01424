/**
 * Tests of a client's rules: what is asked again, of whom and when, and what its caller is told if it is not. A call
 * may be repeated only if it is idempotent, or if it has not left.
 */
import { describe, expect, test } from 'vitest';
import { ClientDesk, nothing, REST_MS } from './client-desk.ts';

const again = { retries: 3 };

describe('a call whose server is lost', () => {
  test('is asked of another at once, if it may be repeated, under another number', () => {
    const desk = ClientDesk.met();
    desk.ask('one', again);
    desk.passWithBeats(700);
    expect(desk.left('a')).toEqual(['down a gone', 'b: call 2 one 4300']);
    expect(desk.result('b', 'one')).toEqual(['one: done yes']);
    expect(desk.rules.calls).toMatchObject({ sent: 2, retried: 1 });
    expect(desk.leftovers).toEqual(nothing);
  });

  test('is not asked again, if it may not be: it may have run', () => {
    const desk = ClientDesk.met();
    desk.ask('one');
    expect(desk.left('a')).toEqual(['down a gone', 'one: UNREACHABLE maybe']);
    expect(desk.call('one').trouble).toMatchObject({
      message: 'math.call: a was lost before it answered',
      data: { server: 'a' },
    });
    expect(desk.leftovers).toEqual(nothing);
    expect(desk.passWithBeats(10_000, 'b')).not.toContain('b: call');
  });

  test('is asked again as often as it may be, and no more', () => {
    const desk = ClientDesk.met({}, 'a b c');
    desk.ask('one', { retries: 1 });
    expect(desk.left('a')).toContain('c: call 2 one 5000');
    expect(desk.left('c')).toContain('one: UNREACHABLE maybe');
    expect(desk.rules.calls).toMatchObject({ sent: 2, retried: 1 });
  });

  test('waits for another, if none is there', () => {
    const desk = ClientDesk.met({}, 'a');
    desk.ask('one', again);
    expect(desk.left('a')).toEqual(['down a gone']);
    expect(desk.pass(99)).toEqual(['open a', 'a: hello']);
    expect(desk.welcome('a')).toEqual(['up a', 'a: call 2 one 4901']);
  });

  test('is asked of another also by a client that does not wait for servers', () => {
    const desk = ClientDesk.met({ waits: false });
    desk.ask('one', again);
    expect(desk.left('a')).toEqual(['down a gone', 'b: call 2 one 5000']);
    expect(desk.left('b')).toEqual(['down b gone', 'one: UNREACHABLE maybe']);
    expect(desk.leftovers).toEqual(nothing);
  });

  test('is not asked again when all retries together are too many', () => {
    const desk = ClientDesk.met({ budget: { ratio: 0.5, max: 1 } });
    desk.ask('one two three', again);
    desk.left('b'); // It had the second.
    desk.welcome('b');
    const seen = desk.left('a');
    expect(seen.filter((each) => each.includes('UNREACHABLE'))).toHaveLength(3);
    expect(desk.rules.calls.retried).toBe(1);
  });

  test('is answered later by that server: that is counted, and the new attempt goes on', () => {
    const desk = ClientDesk.met();
    desk.ask('one', again);
    desk.left('a');
    expect(desk.hear('b', ['result', 1, 'old'])).toEqual([]);
    expect(desk.rules.calls.late).toBe(1);
    expect(desk.result('b', 'one', 'new')).toEqual(['one: done new']);
  });

  test('is over at its deadline, however often it was asked', () => {
    const desk = ClientDesk.met({}, 'a');
    desk.ask('one', { ...again, timeoutMs: 2000 });
    desk.pass(500);
    desk.left('a');
    expect(desk.pass(1499)).not.toContain('one: TIMEOUT sent maybe');
    expect(desk.pass(1)).toEqual(['one: TIMEOUT sent maybe']);
    expect(desk.leftovers).toEqual(nothing);
  });
});

describe('a call that a server has too much to do for', () => {
  test('is asked again after a while, if it may be repeated, of whoever is next', () => {
    const desk = ClientDesk.met();
    desk.ask('one', again);
    expect(desk.refused('a', 'one')).toEqual([]);
    expect([desk.call('one').stage, desk.link('a').inFlight]).toEqual(['resting', 0]);
    expect(desk.pass(REST_MS - 1)).toEqual([]);
    expect(desk.pass(1)).toEqual(['b: call 3 one 4981']);
    expect(desk.rules.calls).toMatchObject({ sent: 2, retried: 1 });
  });

  test('waits longer each time', () => {
    const desk = ClientDesk.met({}, 'a');
    desk.ask('one', { retries: 5 });
    const waits = [1, 2, 3, 4].map(() => {
      const since = desk.now;
      desk.refused('a', 'one');
      while (desk.call('one').stage !== 'sent') desk.pass(1);
      return desk.now - since;
    });
    expect(waits).toEqual([19, 39, 79, 99]);
  });

  test('is refused, if it may not be repeated, and has not run', () => {
    const desk = ClientDesk.met();
    desk.ask('one');
    expect(desk.refused('a', 'one')).toEqual(['one: OVERLOADED no']);
    expect(desk.call('one').trouble?.message).toBe('why');
    expect(desk.leftovers).toEqual(nothing);
  });

  test('is refused after as many attempts as it may have', () => {
    const desk = ClientDesk.met();
    desk.ask('one', { retries: 1 });
    desk.refused('a', 'one');
    desk.pass(REST_MS);
    expect(desk.refused('b', 'one')).toEqual(['one: OVERLOADED no']);
  });

  test('is refused when the wait would outlast its time, or all retries together are too many', () => {
    const desk = ClientDesk.met({ budget: { ratio: 0, max: 1 } });
    desk.ask('one', { ...again, timeoutMs: REST_MS });
    expect(desk.refused('a', 'one')).toEqual(['one: OVERLOADED no']);
    desk.ask('two three', again);
    expect(desk.refused('b', 'two')).toEqual([]);
    expect(desk.refused('a', 'three')).toEqual(['three: OVERLOADED no']);
  });

  test('may have run, if an attempt before that was lost', () => {
    const desk = ClientDesk.met();
    desk.ask('one', { retries: 1 });
    desk.left('a');
    expect(desk.refused('b', 'one')).toEqual(['one: OVERLOADED maybe']);
  });

  test('is refused for another reason: that is no reason to ask again', () => {
    const desk = ClientDesk.met();
    desk.ask('one', again);
    expect(desk.refused('a', 'one', 'BAD_INPUT')).toEqual(['one: BAD_VALUE no']);
  });

  test('is asked of another, also by a client that does not wait for servers', () => {
    const desk = ClientDesk.met({ waits: false });
    desk.ask('one', again);
    desk.refused('a', 'one');
    expect(desk.pass(REST_MS)).toEqual(['b: call 3 one 4981']);
  });

  test('that rests is given up by its caller, and by the end of its time', () => {
    const desk = ClientDesk.met({ backoff: { baseMs: 4000, maxMs: 4000 } });
    desk.ask('one two', again);
    desk.refused('a', 'one');
    desk.refused('b', 'two');
    expect(desk.forget('one')).toEqual([]);
    expect(desk.passWithBeats(4000)).toEqual(['a: call 5 two 1001']);
    expect(desk.passWithBeats(2000)).toEqual(['two: TIMEOUT sent maybe', 'a: cancel 5']);
    expect(desk.leftovers).toEqual(nothing);
  });

  test('is answered after all: that is late', () => {
    const desk = ClientDesk.met();
    desk.ask('one', again);
    desk.refused('a', 'one');
    desk.hear('a', ['result', 1, 'after all']);
    expect(desk.rules.calls.late).toBe(1);
    expect(desk.call('one').stage).toBe('resting');
  });
});

describe('a message that has not left', () => {
  test('asks of another what it asked, be that idempotent or not', () => {
    const desk = ClientDesk.met({}, 'a');
    desk.turn(desk.asking('one'), desk.asking('two', { kind: 'stream' }));
    expect(desk.unsent('a')).toEqual(['down a gone']);
    expect(desk.rules.calls).toMatchObject({ sent: 0, waiting: 2 });
    expect(desk.pass(99)).toEqual(['open a', 'a: hello']);
    expect(desk.welcome('a')).toEqual(['up a', 'a: call 3 one 4901', 'a: open 4 two 4901 4']);
    expect(desk.rules.calls).toMatchObject({ sent: 2, retried: 0 });
  });

  test('is not asked again of what was in another message, which may have left', () => {
    const desk = ClientDesk.met({}, 'a');
    desk.ask('one');
    desk.ask('two');
    expect(desk.unsent('a')).toEqual(['down a gone', 'one: UNREACHABLE maybe']);
    desk.pass(99);
    expect(desk.welcome('a')).toEqual(['up a', 'a: call 3 two 4901']);
  });

  test('has not run, if it never leaves', () => {
    const desk = ClientDesk.met({}, 'a');
    desk.ask('one', { timeoutMs: 50 });
    desk.unsent('a');
    expect(desk.pass(50)).toEqual(['one: TIMEOUT waiting no']);
  });

  test('costs no retry', () => {
    const desk = ClientDesk.met({ budget: { ratio: 0, max: 1 } });
    desk.ask('one', { retries: 1 });
    desk.unsent('a');
    expect(desk.call('one').attempts).toBe(1);
    expect(desk.left('b')).toEqual(['down b gone']);
    desk.pass(99);
    expect(desk.welcome('b')).toContain('b: call 3 one 4901');
    expect(desk.left('b')).toContain('one: UNREACHABLE maybe');
  });

  test('is no retry either, if it was to be one', () => {
    const desk = ClientDesk.met();
    desk.ask('one', again);
    desk.left('a');
    expect(desk.rules.calls).toMatchObject({ sent: 2, retried: 1 });
    desk.unsent('b');
    expect(desk.rules.calls).toMatchObject({ sent: 1, retried: 0 });
    desk.pass(99);
    expect(desk.welcome('b')).toContain('b: call 3 one 4901');
    expect(desk.rules.calls).toMatchObject({ sent: 2, retried: 1 });
  });

  test('is what was to leave at the end of the turn in which its server is lost', () => {
    const desk = ClientDesk.met();
    const { rules } = desk;
    const lost = desk.turn(desk.asking('one'), (now) => rules.left('server 0', '', now));
    expect(lost).toEqual(['down a gone', 'b: call 2 one 5000']);
    expect(desk.rules.calls.retried).toBe(0);
  });

  test('asks nothing more of what is over by then', () => {
    const desk = ClientDesk.met();
    desk.ask('one');
    desk.forget('one');
    expect(desk.unsent('a', desk.sent.get('a'))).toEqual(['down a gone']);
    expect(desk.leftovers).toEqual(nothing);
  });

  test('is told of when its server is lost already: nothing changes', () => {
    const desk = ClientDesk.met();
    desk.ask('one', again);
    desk.left('a');
    expect(desk.unsent('a')).toEqual([]);
    expect(desk.result('b', 'one')).toEqual(['one: done yes']);
    expect(desk.rules.calls).toMatchObject({ sent: 2, retried: 1 });
  });
});
