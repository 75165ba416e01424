/**
 * Tests of a server's rules: what becomes of what it is asked, with no sockets.
 */
import { describe, expect, test } from 'vitest';
import { ANNOUNCE_MS, callOf, ServerDesk } from './server-desk.ts';

const idle = [0, 0, 0];

describe('a call', () => {
  test('is begun at once and answered, once', () => {
    const desk = ServerDesk.met();
    expect(desk.call('c', 1, 'one')).toEqual(['begin one']);
    expect(desk.load).toEqual([1, 0, 1]);
    expect(desk.answer('one')).toEqual(['c: result 1 yes']);
    expect(desk.load).toEqual(idle);
    expect(desk.rules.clients).toMatchObject({ received: 1, faults: 0 });
    expect(desk.rules.clients.speech.sent).toBe(1);
  });

  test('is told that its handler has failed', () => {
    const desk = ServerDesk.met();
    desk.call('c', 1, 'one');
    expect(desk.fail('one')).toEqual(['c: failed 1 why']);
  });

  test('is refused if what it was given makes no sense', () => {
    const desk = ServerDesk.met();
    desk.call('c', 1, 'one');
    expect(desk.giveUp('one')).toEqual(['c: refused 1 BAD_INPUT']);
    expect(desk.load).toEqual(idle);
  });

  test('is one of many in a message, and their answers leave together', () => {
    const desk = ServerDesk.met();
    expect(desk.say('c', callOf(1, 'one'), callOf(2, 'two'))).toEqual(['begin one', 'begin two']);
    const { rules, now } = desk;
    const answer = { kind: 13, body: Uint8Array.of(1) };
    const acts = ['two', 'one'].flatMap((name) => rules.answer(desk.served(name), answer, now));
    expect(acts).toEqual([]);
    expect(desk.did([])).toEqual(['c: result 2 1', 'c: result 1 1']);
  });

  test('is answered before the end of the turn when that makes a message full', () => {
    const desk = ServerDesk.met();
    desk.call('c', 1, 'one');
    const answer = { kind: 13, body: new Uint8Array(5000) };
    const acts = desk.rules.answer(desk.served('one'), answer, desk.now);
    expect(acts.map(({ kind }) => kind)).toEqual(['send']);
    expect(desk.rules.flush()).toEqual([]);
  });

  test('is known by the place that its client gave the method', () => {
    const desk = new ServerDesk();
    desk.say('c', ['hello', 'math', '1', 'other', 2, 'event event', 'call call']);
    expect(desk.say('c', ['call', 1, 1, 0, null, 'one'])).toEqual(['begin one']);
    expect(desk.served('one').came).toMatchObject({ method: 0, kind: 'call' });
    expect(desk.say('c', ['call', 2, 0, 0, null, 'two'])).toEqual(['fault c']);
    expect(desk.say('c', ['call', 2, 2, 0, null, 'two'])).toEqual(['fault c']);
  });
});

describe('a server with much to do', () => {
  test('carries out so much at a time, and begins the next when one is done', () => {
    const desk = ServerDesk.met({ concurrency: 2 });
    const all = ['one', 'two', 'three'].map((name, n) => callOf(n, name));
    expect(desk.say('c', ...all)).toEqual(['begin one', 'begin two']);
    expect(desk.load).toEqual([2, 1, 3]);
    expect(desk.answer('two')).toEqual(['begin three', 'c: result 1 yes']);
  });

  test('refuses at once what there is no room for', () => {
    const desk = ServerDesk.met({ concurrency: 1, maxQueued: 1 });
    desk.say('c', callOf(1, 'one'), callOf(2, 'two'));
    expect(desk.call('c', 3, 'three')).toEqual(['refused three', 'c: refused 3 OVERLOADED']);
    expect(desk.load).toEqual([1, 1, 2]);
    expect(desk.answer('one')).toEqual(['begin two', 'c: result 1 yes']);
    expect(desk.call('c', 3, 'three')).toEqual([]);
  });

  test('takes on a whole message, as far as there is room before anything has begun', () => {
    const desk = ServerDesk.met({ concurrency: 2, maxQueued: 1 });
    const all = ['1', '2', '3', '4'].map((name, n) => callOf(n, name));
    expect(desk.say('c', ...all)).toEqual([
      'refused 4',
      'begin 1',
      'begin 2',
      'c: refused 3 OVERLOADED',
    ]);
  });

  test('refuses also what would take too many bytes', () => {
    const desk = ServerDesk.met({ concurrency: 1, maxQueueBytes: 1000 });
    desk.call('c', 1, 'one');
    desk.call('c', 2, 'x'.repeat(1100));
    expect(desk.call('c', 3, 'three')).toEqual(['refused three', 'c: refused 3 OVERLOADED']);
    desk.answer('one');
    expect(desk.call('c', 3, 'three')).toEqual([]);
  });

  test('refuses events without a word', () => {
    const desk = ServerDesk.met({ concurrency: 1, maxQueued: 0 });
    desk.call('c', 1, 'one');
    expect(desk.say('c', ['event', 2, 0, null, 'e'])).toEqual(['refused e']);
  });

  test('has room for nothing in line, if it is told so, and begins what it can', () => {
    const desk = ServerDesk.met({ concurrency: 1, maxQueued: 0 });
    expect(desk.call('c', 1, 'one')).toEqual(['begin one']);
    desk.answer('one');
    expect(desk.call('c', 2, 'two')).toEqual(['begin two']);
  });
});

describe('a call whose time is over', () => {
  test('before it has begun is not begun, and its client hears of it', () => {
    const desk = ServerDesk.met({ concurrency: 1 });
    desk.call('c', 1, 'one');
    desk.say('c', callOf(2, 'two', { ms: 50 }), callOf(3, 'three'));
    desk.passWithBeats(50);
    expect(desk.answer('one')).toEqual([
      'unwanted two expired',
      'begin three',
      'c: result 1 yes',
      'c: refused 2 EXPIRED',
    ]);
    expect(desk.load).toEqual([1, 0, 1]);
  });

  test('while its handler is at work has that stopped, and nothing is said', () => {
    const desk = ServerDesk.met();
    desk.call('c', 1, 'one', { ms: 50 });
    expect(desk.pass(49)).toEqual(['c: begun 1']);
    expect(desk.pass(1)).toEqual(['stop one expired']);
    expect(desk.load).toEqual([1, 0, 0]);
    expect(desk.answer('one')).toEqual([]);
    expect(desk.load).toEqual(idle);
  });

  test('has none, if it has no limit', () => {
    const desk = ServerDesk.met();
    desk.call('c', 1, 'one');
    expect(desk.passWithBeats(1_000_000)).toEqual(['c: begun 1']);
  });
});

describe('a call that is cancelled', () => {
  test('while it waits is not begun', () => {
    const desk = ServerDesk.met({ concurrency: 1 });
    desk.say('c', callOf(1, 'one'), callOf(2, 'two'));
    expect(desk.say('c', ['cancel', 2])).toEqual(['unwanted two cancelled']);
    expect(desk.answer('one')).toEqual(['c: result 1 yes']);
    expect(desk.load).toEqual(idle);
  });

  test('while its handler is at work has that stopped, and hears nothing more', () => {
    const desk = ServerDesk.met();
    desk.call('c', 1, 'one');
    expect(desk.say('c', ['cancel', 1])).toEqual(['stop one cancelled']);
    expect(desk.say('c', ['cancel', 1])).toEqual([]);
    expect(desk.passWithBeats(5000)).toEqual([]);
    expect(desk.giveUp('one')).toEqual([]);
    expect(desk.load).toEqual(idle);
  });

  test('in the message that asks it is not begun', () => {
    const desk = ServerDesk.met();
    expect(desk.say('c', callOf(1, 'one'), ['cancel', 1])).toEqual(['unwanted one cancelled']);
    expect(desk.load).toEqual(idle);
  });

  test('when it is over changes nothing', () => {
    const desk = ServerDesk.met();
    desk.call('c', 1, 'one');
    desk.answer('one');
    expect(desk.say('c', ['cancel', 1], ['cancel', 7])).toEqual([]);
    expect(desk.rules.clients.faults).toBe(0);
  });

  test('is that of the client that says so, and of no other', () => {
    const desk = ServerDesk.met({}, 'c d');
    desk.call('c', 1, 'one');
    expect(desk.say('d', ['cancel', 1])).toEqual([]);
    expect(desk.answer('one')).toEqual(['c: result 1 yes']);
  });
});

describe('a call at work', () => {
  test(`is told to have begun after ${ANNOUNCE_MS} ms, once`, () => {
    const desk = ServerDesk.met();
    desk.call('c', 1, 'one');
    expect(desk.pass(ANNOUNCE_MS - 1)).toEqual([]);
    expect(desk.pass(1)).toEqual(['c: begun 1']);
    expect(desk.passWithBeats(10_000)).toEqual([]);
  });

  test('is not told of if it is done before that', () => {
    const desk = ServerDesk.met();
    desk.call('c', 1, 'one');
    desk.pass(ANNOUNCE_MS - 1);
    desk.answer('one');
    expect(desk.passWithBeats(5000)).toEqual([]);
  });

  test('is not told of when it waits', () => {
    const desk = ServerDesk.met({ concurrency: 1 });
    desk.say('c', callOf(1, 'one'), callOf(2, 'two'));
    expect(desk.pass(100)).toEqual(['c: begun 1']);
    desk.answer('one');
    expect(desk.pass(100)).toEqual(['c: begun 2']);
  });
});

describe('a stream', () => {
  test('gives values for which there is credit, and ends', () => {
    const desk = ServerDesk.met();
    expect(desk.open('c', 1, 's', 3)).toEqual(['begin s']);
    expect(desk.items('s', 10, 20)).toEqual(['c: item 1 0 10', 'c: item 1 1 20']);
    expect(desk.served('s').credit).toBe(1);
    expect(desk.say('c', ['more', 1, 2])).toEqual(['credit s']);
    expect(desk.served('s').credit).toBe(3);
    expect(desk.end('s')).toEqual(['c: end 1 2']);
    expect(desk.load).toEqual(idle);
    expect(desk.rules.clients.speech.sent).toBe(2);
  });

  test('that fails has given what it gave before', () => {
    const desk = ServerDesk.met();
    desk.open('c', 1, 's', 3);
    desk.items('s', 10);
    expect(desk.fail('s')).toEqual(['c: failed 1 why']);
  });

  test('has no more credit than anybody has room for', () => {
    const desk = ServerDesk.met();
    desk.open('c', 1, 's', 3);
    for (let n = 0; n < 3; n += 1) desk.say('c', ['more', 1, Number.MAX_SAFE_INTEGER]);
    expect(desk.served('s').credit).toBe(1_000_000_000);
  });

  test('that nobody reads any more gives nothing more', () => {
    const desk = ServerDesk.met();
    desk.open('c', 1, 's', 3);
    expect(desk.say('c', ['cancel', 1])).toEqual(['stop s cancelled']);
    expect(desk.items('s', 10)).toEqual([]);
    expect(desk.end('s')).toEqual([]);
    expect(desk.load).toEqual(idle);
  });

  test('is granted nothing by others, nor when it is over', () => {
    const desk = ServerDesk.met({}, 'c d');
    desk.open('c', 1, 's', 3);
    expect(desk.say('d', ['more', 1, 5])).toEqual([]);
    desk.end('s');
    expect(desk.say('c', ['more', 1, 5])).toEqual([]);
    expect(desk.rules.clients.faults).toBe(0);
  });
});

describe('an event', () => {
  test('is carried out, and nobody hears of it', () => {
    const desk = ServerDesk.met();
    expect(desk.say('c', ['event', 2, 0, null, 'e'])).toEqual(['begin e']);
    expect(desk.passWithBeats(1000)).toEqual([]);
    expect(desk.end('e')).toEqual([]);
    expect(desk.load).toEqual(idle);
  });

  test('that throws has ended too', () => {
    const desk = ServerDesk.met();
    desk.say('c', ['event', 2, 0, null, 'e']);
    expect(desk.fail('e')).toEqual([]);
    expect(desk.load).toEqual(idle);
  });

  test('that has had its time leaves the call alone whose number is 0', () => {
    const desk = ServerDesk.met();
    desk.call('c', 0, 'one');
    desk.say('c', ['event', 2, 50, null, 'e']);
    expect(desk.pass(50)).toEqual(['c: begun 0', 'stop e expired']);
    expect(desk.say('c', ['cancel', 0])).toEqual(['stop one cancelled']);
  });

  test('is carried out even if its client has gone', () => {
    const desk = ServerDesk.met({ concurrency: 1 });
    desk.say('c', callOf(1, 'one'), ['event', 2, 0, null, 'e']);
    expect(desk.say('c', ['bye'])).toEqual(['stop one gone', 'lost c left']);
    expect(desk.giveUp('one')).toEqual(['begin e']);
  });
});
