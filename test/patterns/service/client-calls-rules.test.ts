/**
 * Tests of a client's rules: what becomes of a call, a stream and an event, with no sockets.
 */
import { describe, expect, test } from 'vitest';
import { ClientDesk, nothing } from './client-desk.ts';
import type { Entry } from './entries.ts';

describe('a call', () => {
  test('is sent with what is left of its time, and ended by its answer, once', () => {
    const desk = ClientDesk.met();
    expect(desk.ask('one')).toEqual(['a: call 1 one 5000']);
    desk.passWithBeats(700);
    expect(desk.result('a', 'one')).toEqual(['one: done yes']);
    expect(desk.leftovers).toEqual(nothing);
    expect(desk.hear('a', ['result', 1, 'again'])).toEqual([]);
    expect(desk.rules.calls).toMatchObject({ sent: 1, retried: 0, late: 1 });
    expect(desk.passWithBeats(10_000)).toEqual([]);
  });

  test('is ended by what its handler says went wrong', () => {
    const desk = ClientDesk.met();
    desk.ask('one');
    expect(desk.hear('a', ['failed', 1, 'why'])).toEqual(['one: failed why']);
    expect(desk.leftovers).toEqual(nothing);
  });

  test('leaves in one message with all that is asked in the same turn', () => {
    const desk = ClientDesk.met({}, 'a');
    expect(desk.ask('one two three')).toEqual([
      'a: call 1 one 5000',
      'a: call 2 two 5000',
      'a: call 3 three 5000',
    ]);
    expect(desk.hear('a', ['result', 3, 'c'], ['result', 1, 'a'], ['result', 2, 'b'])).toEqual([
      'three: done c',
      'one: done a',
      'two: done b',
    ]);
  });

  test('goes before the end of the turn when it makes a message full', () => {
    const desk = ClientDesk.met({}, 'a');
    const big = 'x'.repeat(5000);
    const asked = desk.asking(big)(desk.now);
    expect(asked.map(({ kind }) => kind)).toEqual(['send']);
    expect(desk.turn()).toEqual([]);
    desk.ask('small');
    expect(desk.call('small').number).toBe(2);
  });

  test('has at least a millisecond, and 0 stands for no limit', () => {
    const desk = ClientDesk.met({}, 'a');
    expect(desk.ask('one', { timeoutMs: 0.25 })).toEqual(['a: call 1 one 1']);
    expect(desk.ask('two', { timeoutMs: Infinity })).toEqual(['a: call 2 two 0']);
    expect(desk.passWithBeats(100_000, 'a')).toEqual(['one: TIMEOUT sent maybe', 'a: cancel 1']);
    expect(desk.result('a', 'two')).toEqual(['two: done yes']);
  });

  test('waits for a server, and is asked when one is there, in the order of the asking', () => {
    const desk = new ClientDesk();
    desk.update('a');
    expect(desk.ask('one two')).toEqual([]);
    expect(desk.rules.calls.waiting).toBe(2);
    desk.pass(400);
    expect(desk.welcome('a')).toEqual(['up a', 'a: call 1 one 4600', 'a: call 2 two 4600']);
    expect(desk.rules.calls.waiting).toBe(0);
  });

  test('fails at once without a server, if it is not to wait', () => {
    const desk = new ClientDesk({ waits: false });
    desk.update('a');
    expect(desk.ask('one')).toEqual(['one: UNREACHABLE no']);
    expect(desk.leftovers).toEqual(nothing);
    desk.welcome('a');
    expect(desk.ask('two')).toEqual(['a: call 2 two 5000']);
  });

  test('that is answered by a server that was not asked goes on, and the answer is counted', () => {
    const desk = ClientDesk.met();
    desk.ask('one');
    expect(desk.result('b', 'one')).toEqual([]);
    expect(desk.rules.calls.late).toBe(1);
    expect(desk.result('a', 'one')).toEqual(['one: done yes']);
  });
});

describe('a call whose time is over', () => {
  test('was waiting, if no server was there, and has not run', () => {
    const desk = new ClientDesk();
    desk.update('a');
    desk.ask('one', { timeoutMs: 500 });
    expect(desk.pass(499)).toEqual([]);
    expect(desk.pass(1)).toEqual(['one: TIMEOUT waiting no']);
    expect(desk.welcome('a')).toEqual(['up a']);
    expect(desk.leftovers).toEqual(nothing);
  });

  test('was sent, and its server is told to give it up', () => {
    const desk = ClientDesk.met();
    desk.ask('one', { timeoutMs: 500 });
    expect(desk.pass(500)).toEqual(['one: TIMEOUT sent maybe', 'a: cancel 1']);
    expect(desk.leftovers).toEqual(nothing);
    expect(desk.call('one').trouble?.data).toEqual({ progress: 'sent', server: 'a', attempts: 1 });
  });

  test('was running, if its server has said so', () => {
    const desk = ClientDesk.met();
    desk.ask('one', { timeoutMs: 500 });
    expect(desk.hear('a', ['begun', 1])).toEqual([]);
    expect(desk.pass(500)).toEqual(['one: TIMEOUT running maybe', 'a: cancel 1']);
    expect(desk.call('one').trouble?.message).toContain('still being carried out at a');
  });

  test('has not run, if its server refused it because its time was over before it began', () => {
    const desk = ClientDesk.met();
    desk.ask('one', { timeoutMs: 500, retries: 3 });
    expect(desk.refused('a', 'one', 'EXPIRED')).toEqual(['one: TIMEOUT no']);
  });

  test('is answered too late: that is counted, and no other call has it', () => {
    const desk = ClientDesk.met({}, 'a');
    desk.ask('one', { timeoutMs: 500 });
    desk.pass(500);
    desk.ask('two');
    expect(desk.hear('a', ['result', 1, 'late'])).toEqual([]);
    expect(desk.rules.calls.late).toBe(1);
    expect(desk.result('a', 'two', 'own')).toEqual(['two: done own']);
  });

  test('ends with thousands of others, each in its time', () => {
    const desk = ClientDesk.met();
    const names = Array.from({ length: 3000 }, (_, n) => `c${n}`);
    const decisions = names.map((name, n) => desk.asking(name, { timeoutMs: 100 + (n % 300) }));
    desk.turn(...decisions);
    const over = desk.pass(405).filter((each) => each.includes('TIMEOUT'));
    expect(over).toHaveLength(3000);
    expect(desk.leftovers).toEqual(nothing);
  });
});

describe('a call that nobody waits for any more', () => {
  test('is cancelled at its server, and nothing more is told of it', () => {
    const desk = ClientDesk.met();
    desk.ask('one');
    expect(desk.forget('one')).toEqual(['a: cancel 1']);
    expect(desk.call('one').mayHaveRun).toBe('maybe');
    expect(desk.forget('one')).toEqual([]);
    expect(desk.leftovers).toEqual(nothing);
    expect(desk.result('a', 'one')).toEqual([]);
    expect(desk.rules.calls.late).toBe(1);
    expect(desk.passWithBeats(10_000)).toEqual([]);
  });

  test('is never asked, if no server was there', () => {
    const desk = new ClientDesk();
    desk.update('a');
    desk.ask('one two');
    desk.forget('one');
    expect(desk.call('one').mayHaveRun).toBe('no');
    expect(desk.welcome('a')).toEqual(['up a', 'a: call 2 two 5000']);
  });

  test('is not cancelled at a server that is not there', () => {
    const desk = ClientDesk.met({}, 'a');
    desk.ask('one', { retries: 1 });
    desk.left('a');
    expect(desk.forget('one')).toEqual([]);
    expect(desk.leftovers).toEqual(nothing);
  });
});

describe('a stream', () => {
  const stream = { kind: 'stream' } as const;

  test('is opened with credit, gives values, and ends', () => {
    const desk = ClientDesk.met();
    expect(desk.ask('s', { ...stream, credit: 7 })).toEqual(['a: open 1 s 5000 7']);
    expect(desk.hear('a', ['item', 1, 0, 10], ['item', 1, 1, 20])).toEqual(['s < 10', 's < 20']);
    expect(desk.hear('a', ['end', 1, 2])).toEqual(['s: done']);
    expect(desk.leftovers).toEqual(nothing);
    expect(desk.hear('a', ['item', 1, 2, 30], ['end', 1, 3])).toEqual([]);
    expect(desk.rules.calls.late).toBe(2);
  });

  test('is granted more by its reader, as long as it goes on', () => {
    const desk = ClientDesk.met();
    const more = (count: number) => (now: number) => desk.rules.more(desk.call('s'), count, now);
    desk.ask('s', stream);
    expect(desk.turn(more(2))).toEqual(['a: more 1 2']);
    desk.hear('a', ['end', 1, 0]);
    expect(desk.turn(more(2))).toEqual([]);
  });

  test('gives no more than there is room for: more makes no sense', () => {
    const desk = ClientDesk.met();
    desk.ask('s', { ...stream, credit: 1 });
    desk.turn((now) => desk.rules.more(desk.call('s'), 1, now));
    const items = [1, 2, 3].map((value, at) => ['item', 1, at, value] as const);
    expect(desk.hear('a', ...items)).toEqual(['s < 1', 's < 2', 'fault a']);
  });

  test.each<[string, Entry]>([
    ['before another', ['item', 1, 2, 30]],
    ['at its end', ['end', 1, 2]],
  ])('of which values were lost %s is broken off there', (_, said) => {
    const desk = ClientDesk.met();
    desk.ask('s', stream);
    desk.hear('a', ['item', 1, 0, 10]);
    expect(desk.hear('a', said)).toEqual(['s: UNREACHABLE maybe', 'a: cancel 1']);
    expect(desk.call('s').trouble?.message).toContain(
      'what follows the first 1 values of a was lost',
    );
    expect(desk.leftovers).toEqual(nothing);
    expect(desk.rules.faults).toBe(0);
  });

  test('ends as a stream does, and a call as a call does', () => {
    const desk = ClientDesk.met({}, 'a');
    desk.ask('s', stream);
    desk.ask('one');
    expect(desk.hear('a', ['result', 1, 'yes'])).toEqual(['fault a']);
    expect(desk.hear('a', ['end', 2, 0])).toEqual(['fault a']);
    expect(desk.hear('a', ['result', 2, 'yes'], ['end', 1, 0])).toEqual([
      'one: done yes',
      's: done',
    ]);
  });

  test('that fails has given what it gave before', () => {
    const desk = ClientDesk.met();
    desk.ask('s', stream);
    expect(desk.hear('a', ['item', 1, 0, 10], ['failed', 1, 'why'])).toEqual([
      's < 10',
      's: failed why',
    ]);
  });

  test('whose server is lost has failed, whatever its caller allows', () => {
    const desk = ClientDesk.met();
    desk.ask('s', { ...stream, retries: 3 });
    expect(desk.left('a')).toEqual(['down a gone', 's: UNREACHABLE maybe']);
  });

  test('has no limit of time, if none is set', () => {
    const desk = ClientDesk.met();
    expect(desk.ask('s', { ...stream, timeoutMs: Infinity })).toEqual(['a: open 1 s 0 4']);
    expect(desk.passWithBeats(1_000_000)).toEqual([]);
    expect(desk.hear('a', ['end', 1, 0])).toEqual(['s: done']);
  });
});

describe('an event', () => {
  test('has ended when it is said to a server', () => {
    const desk = ClientDesk.met();
    expect(desk.ask('e', { kind: 'event' })).toEqual(['e: done', 'a: event e 5000']);
    expect(desk.leftovers).toEqual(nothing);
  });

  test('may take its handler another time than it waits to be sent', () => {
    const desk = ClientDesk.met({}, 'a');
    expect(desk.ask('e', { kind: 'event', until: Infinity })).toEqual(['e: done', 'a: event e 0']);
    const until = desk.now + 70;
    expect(desk.ask('f', { kind: 'event', until })).toEqual(['f: done', 'a: event f 70']);
  });

  test('waits for a server, until its time is over', () => {
    const desk = new ClientDesk();
    desk.update('a');
    desk.ask('e', { kind: 'event' });
    desk.ask('f', { kind: 'event', timeoutMs: 100 });
    expect(desk.pass(100)).toEqual(['f: TIMEOUT waiting no']);
    expect(desk.welcome('a')).toEqual(['up a', 'e: done', 'a: event e 4900']);
  });

  test('that has not left is counted', () => {
    const desk = ClientDesk.met();
    desk.ask('e', { kind: 'event' });
    expect(desk.unsent('a')).toEqual(['down a gone']);
    expect(desk.rules.calls.dropped).toBe(1);
  });
});
