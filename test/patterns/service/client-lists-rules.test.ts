/**
 * Tests of a client's rules: lists of servers that change, questions about servers themselves, and what makes no sense.
 */
import { describe, expect, test } from 'vitest';
import { ClientDesk } from './client-desk.ts';

describe('a list of servers that changes', () => {
  test('has new ones found, and leaves the others as they are', () => {
    const desk = ClientDesk.met({}, 'a');
    expect(desk.update('a b')).toEqual(['open b', 'b: hello']);
    expect(desk.update('b a')).toEqual([]);
    desk.welcome('b');
    expect(desk.rules.links.ready).toBe(2);
  });

  test('has those left that are on it no longer, when they have answered what they were asked', () => {
    const desk = ClientDesk.met();
    desk.ask('one'); // Of a.
    expect(desk.update('b')).toEqual(['down a dropped']);
    expect(desk.ask('two')).toEqual(['b: call 2 two 5000']);
    expect(desk.passWithBeats(3000)).toEqual([]);
    expect(desk.result('a', 'one')).toEqual(['one: done yes', 'a: bye', 'close a']);
    expect(desk.rules.links.all().map(({ endpoint }) => endpoint)).toEqual(['b']);
  });

  test('has those left at once that have nothing to answer, or are not there', () => {
    const desk = ClientDesk.met({}, 'a b c');
    desk.left('b');
    expect(desk.update('c')).toEqual(['down a dropped', 'a: bye', 'close a', 'close b']);
    expect(desk.rules.links.all()).toHaveLength(1);
    expect(desk.passWithBeats(10_000, 'c')).toEqual([]);
  });

  test('has those left whose callers wait no longer', () => {
    const desk = ClientDesk.met();
    desk.ask('one', { timeoutMs: 500 });
    desk.update('b');
    expect(desk.pass(500)).toEqual(['one: TIMEOUT sent maybe', 'a: cancel 1', 'a: bye', 'close a']);
  });

  test('has those asked again that come back before they are left, and whoever waits with them', () => {
    const desk = ClientDesk.met({}, 'a');
    desk.ask('one');
    expect(desk.update('')).toEqual(['down a dropped']);
    expect(desk.ask('two')).toEqual([]);
    expect(desk.update('a')).toEqual(['up a', 'a: call 2 two 5000']);
    expect(desk.result('a', 'one')).toEqual(['one: done yes']);
  });

  test('has each loss told once', () => {
    const desk = ClientDesk.met();
    desk.ask('one');
    desk.hear('a', ['drain']);
    expect(desk.update('b')).toEqual([]);
    expect(desk.left('a')).toEqual(['one: UNREACHABLE maybe', 'close a']);
  });

  test('has a place of its own for each, though others have gone', () => {
    const desk = ClientDesk.met({}, 'a b');
    desk.update('b');
    desk.update('b c');
    desk.welcome('c');
    expect(desk.ask('one two').toSorted()).toEqual(['b: call 1 one 5000', 'c: call 2 two 5000']);
  });

  test('names each of them once, however often it has it', () => {
    const desk = new ClientDesk();
    expect(desk.update('a a a')).toEqual(['open a', 'a: hello']);
  });
});

describe('a question about a server itself', () => {
  test('is answered by that server, once', () => {
    const desk = ClientDesk.met();
    expect(desk.inquire('a', 'stats')).toEqual(['a: ask 1 stats']);
    desk.hear('b', ['answer', 1, 'of another']);
    expect([desk.answers, desk.rules.inquiries.late]).toEqual([[], 1]);
    desk.hear('a', ['answer', 1, 'sent: 7']);
    desk.hear('a', ['answer', 1, 'again']);
    expect([desk.answers, desk.rules.inquiries.late]).toEqual([['sent: 7'], 2]);
  });

  test('has no answer when its time is over, or its server is lost', () => {
    const desk = ClientDesk.met();
    desk.inquire('a', 'ping', 500);
    desk.inquire('b', 'info');
    desk.pass(500);
    expect(desk.answers).toEqual([undefined]);
    desk.left('b');
    expect(desk.answers).toEqual([undefined, undefined]);
    expect(desk.passWithBeats(10_000, 'a')).toEqual(expect.not.arrayContaining(['b: ask']));
    expect(desk.rules.inquiries.deadline).toBe(Infinity);
  });
});

describe('a message that makes no sense', () => {
  test.each([
    ['of no frame', []],
    ['of two frames', [Uint8Array.of(0x80), Uint8Array.of(0x80)]],
    ['of no bytes', [new Uint8Array(0)]],
    ['that is no list', [Uint8Array.of(1, 2, 3)]],
    ['of another protocol', [Uint8Array.of(0x81, 0x63, 0x62, 0x73, 0x32)]],
    ['with an entry that nobody knows', [Uint8Array.of(0x83, 0x63, 0x62, 0x73, 0x31, 0x18, 99, 1)]],
    ['with bytes behind it', [Uint8Array.of(0x82, 0x63, 0x62, 0x73, 0x31, 10, 10)]],
    ['that a client would say', [Uint8Array.of(0x83, 0x63, 0x62, 0x73, 0x31, 6, 1)]],
  ])('%s is counted, told, and changes nothing', (_, frames) => {
    const desk = ClientDesk.met();
    desk.ask('one');
    expect(desk.hearFrames('a', frames)).toEqual(['fault a']);
    expect(desk.rules.faults).toBe(1);
    expect(desk.result('a', 'one')).toEqual(['one: done yes']);
  });

  test('has been read up to there', () => {
    const desk = ClientDesk.met();
    desk.ask('one');
    expect(desk.hear('a', ['result', 1, 'yes'], ['bye'], ['beat'])).toEqual([
      'fault a',
      'one: done yes',
    ]);
  });
});
