/**
 * Tests of a queue's rules: to the millisecond when it beats, when it gives a worker up and when it forgives,
 * and what it tells the application, word for word.
 */
import { describe, expect, test } from 'vitest';
import { commandOf, HEARTBEAT, READY } from '../../../patterns/paranoid-pirate/messages.ts';
import { BEAT_MS, QueueDesk, TTL_MS } from './queue-desk.ts';

describe('a worker that is silent for too long', () => {
  test('is lost when its time is up, and not only at the next beat', () => {
    const desk = new QueueDesk();
    desk.ready('w');
    desk.pass(BEAT_MS / 2);
    desk.beat('w');
    expect(desk.pass(TTL_MS - 1)).not.toContain('lost w silent');
    expect(desk.pass(1)).toEqual(['lost w silent']);
  });

  test('and nearly for too long is not lost while nobody else is', () => {
    const desk = new QueueDesk();
    desk.ready('w');
    desk.pass(TTL_MS - 5);
    expect(desk.tick()).toEqual([]);
    desk.beat('w');
    expect(desk.pass(BEAT_MS)).toEqual(['beat w']);
  });

  test.each([
    ['by little is not asleep', 0.4, 'lost w silent'],
    ['by more than half a beat was asleep', 0.6, 'beat w'],
  ])('and is judged by a queue that is late: one late %s', (_, beats, seen) => {
    const desk = new QueueDesk();
    desk.ready('w');
    desk.pass(TTL_MS - BEAT_MS);
    expect(desk.sleep(BEAT_MS + beats * BEAT_MS)).toEqual([seen]);
  });
});

describe('the beats of a queue', () => {
  test('are not put off by workers that join between them', () => {
    const desk = new QueueDesk();
    desk.ready('v');
    desk.pass(BEAT_MS / 2);
    desk.ready('w');
    expect(desk.pass(BEAT_MS / 2)).toEqual(['beat v', 'beat w']);
  });

  test('and those of its workers are no faults', () => {
    const desk = new QueueDesk();
    desk.ready('w');
    desk.beat('w');
    desk.pass(BEAT_MS);
    expect(desk.rules.faults).toBe(0);
  });
});

describe('the application is told', () => {
  test('who has joined, who is lost and why', () => {
    const desk = new QueueDesk();
    desk.ready('w');
    expect(desk.last).toEqual([{ kind: 'tell', what: { kind: 'join', worker: 'w' } }]);
    desk.left('workers', 'w');
    const what = { kind: 'lost', worker: 'w', reason: 'gone' };
    expect(desk.last).toEqual([{ kind: 'tell', what }]);
  });

  test('how long a request took, from the client to the answer', () => {
    const desk = new QueueDesk();
    desk.ask('c', 'a');
    desk.pass(30);
    desk.ready('w');
    desk.pass(12);
    desk.answer('w', 'A');
    expect(desk.last.at(-1)).toEqual({ kind: 'tell', what: { kind: 'answered', ms: 42 } });
  });
});

describe('a command', () => {
  test('is a message of one byte', () => {
    expect([READY, HEARTBEAT].map((byte) => commandOf([Uint8Array.of(byte)]))).toEqual([1, 2]);
    expect(commandOf([Uint8Array.of(1), Uint8Array.of(1)])).toBeUndefined();
    expect(commandOf([])).toBeUndefined();
  });

  test.each([
    ['is empty', []],
    ['has more than a command', [READY, 0]],
  ])('is none that there is if its frame %s', (_, bytes) => {
    expect(commandOf([Uint8Array.from(bytes)])).toBe(-1);
    const desk = new QueueDesk();
    expect(desk.hear('workers', 'w', Uint8Array.from(bytes))).toEqual([]);
    expect([desk.rules.crew.size, desk.rules.faults]).toEqual([0, 1]);
  });
});
