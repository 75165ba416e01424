/**
 * Tests of a server's rules: what becomes of clients that do not read what they are told.
 */
import { describe, expect, test } from 'vitest';
import { itemOf } from './entries.ts';
import { callOf, ServerDesk } from './server-desk.ts';

const LIMIT = 1600;
const BIG = 'x'.repeat(1000);

/** The bytes of the last mark in what was said to a client. */
function markIn(words: readonly string[], client = 'c'): number {
  const mark = words.findLast((word) => word.startsWith(`${client}: mark `));
  return Number(mark?.split(' ').at(-1));
}

/** A server whose client has been told more than it may leave unread; and how far it is to say that it has read. */
function full(): { desk: ServerDesk; mark: number } {
  const desk = ServerDesk.met({ maxUnreadBytes: LIMIT, concurrency: 2 }, 'c d');
  desk.say('c', callOf(1, 'one'), callOf(2, 'two'));
  desk.answer('one', BIG);
  return { desk, mark: markIn(desk.answer('two', BIG)) };
}

describe('a client', () => {
  test('is asked now and then how far it has read, by the bytes that it was told', () => {
    const desk = ServerDesk.met({ maxUnreadBytes: LIMIT });
    const marks: number[] = [];
    for (let n = 1; n <= 20; n += 1) {
      desk.call('c', n, `call ${n}`);
      const words = desk.answer(`call ${n}`, 'x'.repeat(30));
      if (words.some((word) => word.startsWith('c: mark'))) marks.push(markIn(words));
      desk.say('c', ['mark', marks.at(-1) ?? 0]);
    }
    expect(marks.length).toBeGreaterThan(5);
    expect(marks.length).toBeLessThan(20);
    expect(marks).toEqual(marks.toSorted((a, b) => a - b));
  });

  test('that has not read what it was told is refused what it asks, and nobody else is', () => {
    const { desk } = full();
    expect(desk.call('c', 3, 'three')).toEqual(['refused three', 'c: refused 3 OVERLOADED']);
    const four = desk.open('c', 4, 'four', 9);
    expect(four).toEqual(expect.arrayContaining(['refused four', 'c: refused 4 OVERLOADED']));
    expect(desk.call('d', 3, 'other')).toEqual(['begin other']);
    expect(desk.load).toEqual([1, 0, 1]);
  });

  test('is served again when it has read', () => {
    const { desk, mark } = full();
    expect(mark).toBeGreaterThan(2000);
    expect(desk.say('c', ['mark', mark])).toEqual([]);
    expect(desk.call('c', 3, 'three')).toEqual(['begin three']);
  });

  test('may not have read more than it was asked for, or less than it said before', () => {
    const { desk, mark } = full();
    desk.say('c', ['mark', mark + 1]);
    expect(desk.call('c', 3, 'three')).toContain('refused three');
    desk.say('c', ['mark', mark]);
    desk.say('c', ['mark', 0]);
    expect(desk.call('c', 4, 'four')).toEqual(['begin four']);
    expect(desk.rules.clients.faults).toBe(0);
  });

  test('is not told again what it has a key for, either', () => {
    const desk = ServerDesk.met({ maxUnreadBytes: LIMIT }, 'c d');
    desk.call('c', 1, 'effect', { key: 'k' });
    desk.answer('effect', BIG);
    const mark = markIn(desk.call('c', 2, 'effect', { key: 'k' }));
    expect(desk.call('c', 3, 'effect', { key: 'k' })).toContain('c: refused 3 OVERLOADED');
    desk.say('c', ['mark', mark]);
    expect(desk.call('c', 4, 'effect', { key: 'k' })).toContain('repeated effect');
  });

  test('may still tell of events, which nobody answers', () => {
    const { desk } = full();
    expect(desk.say('c', ['event', 2, 0, null, 'noted'])).toEqual(['begin noted']);
  });

  test('hears nothing of the server itself', () => {
    const { desk, mark } = full();
    expect(desk.say('c', ['ask', 1, 'ping'], ['ask', 2, 'stats'])).toEqual(['question c 2 stats']);
    for (const { session, number } of desk.questions) {
      expect(desk.did(desk.rules.inform(session, number, itemOf('much'), desk.now))).toEqual([]);
    }
    desk.say('c', ['mark', mark]);
    expect(desk.say('c', ['ask', 3, 'ping'])).toEqual(['c: answer 3 null']);
  });
});

describe('what waits while its client reads nothing', () => {
  test('is refused when its turn comes', () => {
    const desk = ServerDesk.met({ maxUnreadBytes: LIMIT, concurrency: 1 }, 'c d');
    desk.say('c', callOf(1, 'one'), callOf(2, 'two'), callOf(3, 'three'));
    desk.call('d', 1, 'other');
    expect(desk.answer('one', BIG)).toContain('begin two');
    const words = desk.answer('two', BIG);
    expect(words).toEqual(expect.arrayContaining(['c: refused 3 OVERLOADED', 'refused three']));
    expect(words).toContain('begin other');
    expect(desk.load).toEqual([1, 0, 1]);
  });

  test('has expired if its time is over, too', () => {
    const desk = ServerDesk.met({ maxUnreadBytes: LIMIT, concurrency: 1 });
    desk.say('c', callOf(1, 'one'), callOf(2, 'two'));
    desk.call('c', 3, 'three', { ms: 50 });
    desk.pass(50);
    desk.answer('one', BIG);
    expect(desk.answer('two', BIG)).toContain('c: refused 3 EXPIRED');
  });

  test('for the effect of another is not refused, as it has happened: the client is lost', () => {
    const desk = ServerDesk.met({ maxUnreadBytes: LIMIT, concurrency: 9 }, 'c d');
    desk.say('c', callOf(1, 'one'), callOf(2, 'two'));
    desk.call('d', 1, 'effect', { key: 'k' });
    expect(desk.call('c', 3, 'effect', { key: 'k' })).toEqual(['repeated effect']);
    desk.call('c', 4, 'effect', { key: 'k' });
    desk.answer('one', BIG);
    desk.answer('two', BIG);
    const words = desk.answer('effect', 'done');
    expect(words).toEqual(expect.arrayContaining(['d: result 1 done', 'lost c nothing']));
    expect(words.filter((word) => word.startsWith('c: '))).toEqual([]);
    expect(words.filter((word) => word.startsWith('lost'))).toHaveLength(1);
    expect(desk.call('d', 2, 'effect', { key: 'k' })).toContain('d: result 2 done');
  });

  test('is a stream that rests, and goes on when its client has read', () => {
    const desk = ServerDesk.met({ maxUnreadBytes: LIMIT });
    desk.open('c', 1, 'stream', 100);
    const stream = desk.served('stream');
    expect(stream.hasRoom).toBe(true);
    const mark = markIn(desk.items('stream', BIG, BIG));
    expect(stream.hasRoom).toBe(false);
    expect(desk.say('c', ['mark', 10])).toEqual([]);
    expect(desk.say('c', ['mark', mark])).toEqual(['credit stream']);
    expect(stream.hasRoom).toBe(true);
    expect(desk.say('c', ['mark', mark])).toEqual([]);
  });

  test('is a stream that rests, and is not begun again when it was cancelled meanwhile', () => {
    const desk = ServerDesk.met({ maxUnreadBytes: LIMIT });
    desk.open('c', 1, 'stream', 100);
    const mark = markIn(desk.items('stream', BIG, BIG));
    desk.say('c', ['cancel', 1]);
    expect(desk.say('c', ['mark', mark])).toEqual([]);
    desk.open('c', 2, 'other', 100);
    desk.items('other', BIG, BIG);
    expect(desk.say('c', ['bye'])).toContain('lost c left');
    expect(desk.rules.clients.sessions.all()).toEqual([]);
  });
});
