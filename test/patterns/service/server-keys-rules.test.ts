/**
 * Tests of a server's rules: calls with the same key have one effect and one answer, as long as that is kept.
 */
import { describe, expect, test } from 'vitest';
import { ServerDesk } from './server-desk.ts';

const key = 'k';

describe('a second call with the same key', () => {
  test('while the first is at work waits for it, and has the same answer', () => {
    const desk = ServerDesk.met({}, 'c d');
    expect(desk.call('c', 1, 'one', { key })).toEqual(['begin one']);
    expect(desk.call('d', 7, 'two', { key })).toEqual(['repeated two']);
    expect(desk.load).toEqual([1, 1, 2]);
    expect(desk.answer('one').toSorted()).toEqual(['c: result 1 yes', 'd: result 7 yes']);
    expect(desk.load).toEqual([0, 0, 0]);
  });

  test('while the first waits for its turn waits with it', () => {
    const desk = ServerDesk.met({ concurrency: 1 });
    desk.call('c', 1, 'other');
    desk.call('c', 2, 'one', { key });
    expect(desk.call('c', 3, 'two', { key })).toEqual(['repeated two']);
    desk.answer('other');
    expect(desk.answer('one')).toEqual(['c: result 2 yes', 'c: result 3 yes']);
  });

  test('after the first has the answer that is kept', () => {
    const desk = ServerDesk.met({}, 'c d');
    desk.call('c', 1, 'one', { key });
    desk.answer('one');
    expect(desk.call('d', 7, 'two', { key })).toEqual(['repeated two', 'd: result 7 yes']);
    expect(desk.load).toEqual([0, 0, 0]);
    expect(desk.begun.has('two')).toBe(false);
  });

  test('has the failure of the first, if that is how it has ended', () => {
    const desk = ServerDesk.met();
    desk.call('c', 1, 'one', { key });
    desk.fail('one');
    expect(desk.call('c', 2, 'two', { key })).toEqual(['repeated two', 'c: failed 2 why']);
  });

  test('counts among those that wait', () => {
    const desk = ServerDesk.met({ concurrency: 1, maxQueued: 2 });
    desk.call('c', 1, 'one', { key });
    desk.call('c', 2, 'two', { key });
    desk.call('c', 3, 'three', { key });
    expect(desk.call('c', 4, 'four', { key })).toEqual(['refused four', 'c: refused 4 OVERLOADED']);
    expect(desk.answer('one')).toHaveLength(3);
  });

  test('of another method, or without a key, or in a stream, is another effect', () => {
    const desk = ServerDesk.met();
    desk.call('c', 1, 'one', { key });
    expect(desk.call('c', 2, 'two')).toEqual(['begin two']);
    expect(desk.call('c', 3, 'three', { key: 'other' })).toEqual(['begin three']);
    for (const n of [4, 5]) {
      expect(desk.say('c', ['open', n, 1, 0, 4, { key }, `s${n}`])).toEqual([`begin s${n}`]);
    }
  });
});

describe('an answer that is kept', () => {
  test('is kept for so long, and not longer', () => {
    const desk = ServerDesk.met({ keepRepliesMs: 1000 });
    desk.call('c', 1, 'one', { key });
    desk.answer('one', 'first');
    desk.pass(999);
    expect(desk.call('c', 2, 'two', { key })).toContain('c: result 2 first');
    desk.pass(1);
    expect(desk.call('c', 3, 'three', { key })).toContain('begin three');
    desk.answer('three', 'second');
    expect(desk.call('c', 4, 'four', { key })).toContain('c: result 4 second');
  });

  test('is one of so many, the newest', () => {
    const desk = ServerDesk.met({ maxReplies: 3 });
    for (const n of [1, 2, 3, 4]) {
      desk.call('c', n, `${n}`, { key: `k${n}` });
      desk.answer(`${n}`);
    }
    expect(desk.rules.jobs.replies.size).toBe(3);
    expect(desk.call('c', 5, 'again', { key: 'k1' })).toEqual(['begin again']);
    expect(desk.call('c', 6, 'kept', { key: 'k2' })).toContain('c: result 6 yes');
  });

  test('is one of so many as take so many bytes', () => {
    const desk = ServerDesk.met({ maxReplyBytes: 1000 });
    for (const n of [1, 2, 3]) {
      desk.call('c', n, `${n}`, { key: `k${n}` });
      desk.answer(`${n}`, 'x'.repeat(200));
    }
    expect(desk.rules.jobs.replies.size).toBe(2);
    desk.call('c', 4, 'great', { key: 'great' });
    desk.answer('great', 'x'.repeat(2000));
    expect(desk.rules.jobs.replies.size).toBe(0);
    expect(desk.call('c', 5, '5', { key: 'k3' })).toEqual(['begin 5']);
  });

  test('is none, if none is to be kept; those that wait have it all the same', () => {
    const desk = ServerDesk.met({ maxReplies: 0 });
    desk.call('c', 1, 'one', { key });
    desk.call('c', 2, 'two', { key });
    expect(desk.answer('one')).toEqual(['c: result 1 yes', 'c: result 2 yes']);
    expect(desk.rules.jobs.replies.size).toBe(0);
    expect(desk.call('c', 3, 'three', { key })).toEqual(['begin three']);
  });

  test('makes room when it is old, whatever is still being carried out', () => {
    const desk = ServerDesk.met({ keepRepliesMs: 1000 });
    desk.call('c', 1, 'slow', { key: 'slow' });
    desk.call('c', 2, 'one', { key });
    desk.answer('one');
    desk.passWithBeats(1000);
    desk.call('c', 3, 'two', { key: 'k2' });
    desk.answer('two');
    expect(desk.rules.jobs.replies.size).toBe(1);
    expect(desk.call('c', 4, 'again', { key: 'slow' })).toEqual(['repeated again']);
  });
});

describe('the first of two calls with the same key', () => {
  test('that is cancelled while the other waits goes on for that one', () => {
    const desk = ServerDesk.met();
    desk.call('c', 1, 'one', { key });
    desk.call('c', 2, 'two', { key });
    expect(desk.say('c', ['cancel', 1])).toEqual(['unwanted one cancelled']);
    expect(desk.answer('one')).toEqual(['c: result 2 yes']);
    expect(desk.load).toEqual([0, 0, 0]);
  });

  test('that is at work for nobody is stopped, and its answer kept if it gives one all the same', () => {
    const desk = ServerDesk.met();
    desk.call('c', 1, 'one', { key });
    desk.call('c', 2, 'two', { key });
    desk.say('c', ['cancel', 2]);
    expect(desk.say('c', ['cancel', 1])).toEqual(['stop one cancelled']);
    expect(desk.answer('one')).toEqual([]);
    expect(desk.call('c', 3, 'three', { key })).toContain('c: result 3 yes');
  });

  test('that goes on for the other is stopped when that one is given up too', () => {
    const desk = ServerDesk.met();
    desk.call('c', 1, 'one', { key });
    desk.call('c', 2, 'two', { key });
    desk.call('c', 3, 'three', { key });
    desk.say('c', ['cancel', 1], ['cancel', 2]);
    expect(desk.say('c', ['cancel', 3])).toEqual([
      'unwanted three cancelled',
      'stop one cancelled',
    ]);
    expect(desk.giveUp('one')).toEqual([]);
    expect(desk.load).toEqual([0, 0, 0]);
  });

  test('that stops as it is told leaves the effect to whoever comes meanwhile', () => {
    const desk = ServerDesk.met();
    desk.call('c', 1, 'one', { key });
    desk.say('c', ['cancel', 1]);
    expect(desk.call('c', 2, 'two', { key })).toEqual(['repeated two']);
    expect(desk.giveUp('one')).toEqual(['begin two']);
    expect(desk.answer('two')).toEqual(['c: result 2 yes']);
  });

  test('that is cancelled before it has begun leaves the effect to the other', () => {
    const desk = ServerDesk.met({ concurrency: 1 });
    desk.call('c', 1, 'other');
    desk.call('c', 2, 'one', { key });
    desk.call('c', 3, 'two', { key });
    desk.say('c', ['cancel', 2]);
    expect(desk.answer('other')).toContain('begin two');
    expect(desk.answer('two')).toEqual(['c: result 3 yes']);
    expect(desk.load).toEqual([0, 0, 0]);
  });

  test('whose time is over before it has begun leaves the effect to the other', () => {
    const desk = ServerDesk.met({ concurrency: 1 });
    desk.call('c', 1, 'other');
    desk.call('c', 2, 'one', { key, ms: 50 });
    desk.call('c', 3, 'two', { key });
    desk.pass(50);
    expect(desk.answer('other')).toEqual([
      'unwanted one expired',
      'begin two',
      'c: result 1 yes',
      'c: refused 2 EXPIRED',
    ]);
  });

  test('that is refused for what it was given leaves the effect to the other', () => {
    const desk = ServerDesk.met();
    desk.call('c', 1, 'one', { key });
    desk.call('c', 2, 'two', { key });
    expect(desk.giveUp('one')).toEqual(['begin two', 'c: refused 1 BAD_INPUT']);
    expect(desk.answer('two')).toEqual(['c: result 2 yes']);
  });

  test('whose client is lost leaves the effect to the other', () => {
    const desk = ServerDesk.met({ concurrency: 1 }, 'c d');
    desk.call('d', 1, 'other');
    desk.call('c', 1, 'one', { key });
    desk.call('d', 2, 'two', { key });
    expect(desk.left('c')).toEqual(['unwanted one gone', 'lost c gone']);
    expect(desk.answer('other')).toContain('begin two');
  });

  test('is over, with all others: nothing of them is left', () => {
    const desk = ServerDesk.met();
    desk.call('c', 1, 'one', { key });
    desk.call('c', 2, 'two', { key });
    desk.say('c', ['cancel', 2], ['cancel', 1]);
    expect(desk.giveUp('one')).toEqual([]);
    expect(desk.load).toEqual([0, 0, 0]);
    expect(desk.call('c', 3, 'three', { key })).toEqual(['begin three']);
  });
});

describe('a call that waits for the effect of another', () => {
  test('is refused nothing when its own time is over: it is for its client to say so', () => {
    const desk = ServerDesk.met();
    desk.call('c', 1, 'one', { key });
    desk.call('c', 2, 'two', { key, ms: 50 });
    desk.passWithBeats(1000);
    expect(desk.answer('one')).toEqual(['c: result 1 yes', 'c: result 2 yes']);
  });

  test('is passed over when nobody wants it any more', () => {
    const desk = ServerDesk.met();
    desk.call('c', 1, 'one', { key });
    desk.call('c', 2, 'two', { key });
    desk.call('c', 3, 'three', { key });
    desk.say('c', ['cancel', 2]);
    expect(desk.giveUp('one')).toEqual(['begin three', 'c: refused 1 BAD_INPUT']);
    expect(desk.load).toEqual([1, 0, 1]);
  });
});
