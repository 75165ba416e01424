/**
 * Tests of a server's rules: how it ends without a call that fails.
 */
import { describe, expect, test } from 'vitest';
import { callOf, hello, ServerDesk } from './server-desk.ts';

describe('a server that drains', () => {
  test('tells all clients, once, and is done when they ask nothing more', () => {
    const desk = ServerDesk.met({}, 'c d');
    expect(desk.drain()).toEqual(['c: drain', 'd: drain']);
    expect(desk.drain()).toEqual([]);
    expect(desk.say('c', ['quiet'])).toEqual([]);
    expect(desk.say('d', ['quiet'])).toEqual(['drained']);
    expect(desk.say('d', ['beat'])).toEqual([]);
  });

  test('carries out what was asked before its clients knew', () => {
    const desk = ServerDesk.met();
    desk.drain();
    expect(desk.say('c', callOf(1, 'one'), ['quiet'])).toEqual(['begin one']);
    expect(desk.answer('one')).toEqual(['c: result 1 yes', 'drained']);
  });

  test('waits for what is at work and for what is in line, whoever is quiet', () => {
    const desk = ServerDesk.met({ concurrency: 1 });
    desk.say('c', callOf(1, 'one'), callOf(2, 'two'));
    desk.drain();
    desk.say('c', ['quiet']);
    expect(desk.answer('one')).toEqual(['begin two', 'c: result 1 yes']);
    expect(desk.answer('two')).toEqual(['c: result 2 yes', 'drained']);
  });

  test('has said all that it has to say before it is done', () => {
    const desk = ServerDesk.met();
    desk.call('c', 1, 'one');
    desk.drain();
    desk.say('c', ['quiet']);
    const { rules, now } = desk;
    const acts = rules.answer(desk.served('one'), { kind: 13, body: Uint8Array.of(1) }, now);
    expect(acts.map(({ kind }) => kind)).toEqual(['send', 'tell']);
    expect(rules.flush()).toEqual([]);
  });

  test('waits for streams, events, and those that share an effect', () => {
    const desk = ServerDesk.met();
    desk.open('c', 1, 's', 3);
    desk.say('c', ['event', 2, 0, null, 'e']);
    desk.call('c', 2, 'one', { key: 'k' });
    desk.call('c', 3, 'two', { key: 'k' });
    desk.drain();
    desk.say('c', ['quiet']);
    expect(desk.end('s')).toEqual(['c: end 1 0']);
    expect(desk.end('e')).toEqual([]);
    expect(desk.answer('one')).toEqual(['c: result 2 yes', 'c: result 3 yes', 'drained']);
  });

  test('lets nobody new in', () => {
    const desk = ServerDesk.met();
    desk.drain();
    expect(desk.say('d', hello)).toEqual([]);
    expect(desk.say('c', ['quiet'])).toEqual(['drained']);
  });

  test('does not wait for those that have gone, nor for what they asked', () => {
    const desk = ServerDesk.met({}, 'c d e');
    desk.call('c', 1, 'one');
    desk.drain();
    desk.say('d', ['quiet']);
    desk.say('e', ['bye']);
    expect(desk.left('c')).toEqual(['stop one gone', 'lost c gone']);
    expect(desk.giveUp('one')).toEqual(['drained']);
  });

  test('does not wait for those that have gone silent', () => {
    const desk = ServerDesk.met();
    desk.drain();
    expect(desk.pass(3000).slice(-2)).toEqual(['lost c silent', 'drained']);
  });

  test('is done at once without clients', () => {
    const desk = new ServerDesk();
    expect(desk.drain()).toEqual(['drained']);
  });

  test('does not wait for what waits in line and nobody wants any more', () => {
    const desk = ServerDesk.met({ concurrency: 1 });
    desk.say('c', callOf(1, 'one'), callOf(2, 'two'));
    desk.drain();
    expect(desk.say('c', ['bye'])).toEqual(['stop one gone', 'unwanted two gone', 'lost c left']);
    expect(desk.giveUp('one')).toEqual(['drained']);
  });

  test('does not wait for what has waited in line for too long', () => {
    const desk = ServerDesk.met({ concurrency: 1 });
    desk.say('c', callOf(1, 'one'), callOf(2, 'two', { ms: 50 }));
    desk.drain();
    desk.say('c', ['quiet']);
    desk.pass(50);
    expect(desk.answer('one').toSorted()).toEqual([
      'c: refused 2 EXPIRED',
      'c: result 1 yes',
      'drained',
      'unwanted two expired',
    ]);
  });

  test('is done with what was asked and cancelled in one turn', () => {
    const desk = ServerDesk.met();
    desk.drain();
    expect(desk.say('c', callOf(1, 'one'), ['cancel', 1], ['quiet'])).toEqual([
      'unwanted one cancelled',
      'drained',
    ]);
  });
});
