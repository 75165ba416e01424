/**
 * Tests of the Lazy Pirate's rules: attempts, waits and deadlines. ZeroMQ Guide, chapter 4, "Client-Side
 * Reliability (Lazy Pirate Pattern)": poll and receive only when it is sure that a reply has arrived, resend
 * if none has within a timeout, abandon after several tries; and what else a client of many requests needs.
 */
import { describe, expect, test } from 'vitest';
import { nothing, Play } from './play.ts';

describe('a request (Guide ch. 4, Lazy Pirate)', () => {
  test('is sent once, and settled by its reply', () => {
    const play = new Play().connect();
    play.ask('a');
    play.pass(900);
    expect(play.bodies).toEqual(['a']);
    play.answer(0);
    expect(play.outcomes).toEqual([['a', 'yes']]);
    expect(play.pass(100_000).leftovers).toEqual(nothing);
    expect(play.bodies).toEqual(['a']);
  });

  test('is sent again after its timeout and a wait, as often as it may, and then abandoned', () => {
    const play = new Play({ freshAfter: 99 }).connect();
    play.ask('a');
    play.pass(1000);
    expect(play.bodies).toHaveLength(1);
    play.pass(49); // Half of a ceiling of 100 ms.
    expect(play.bodies).toHaveLength(1);
    play.pass(1);
    expect(play.bodies).toEqual(['a', 'a']);
    play.pass(1000 + 100);
    expect(play.bodies).toHaveLength(3);
    play.pass(999);
    expect(play.outcomes).toEqual([]);
    play.pass(1);
    expect(play.outcomes).toEqual([['a', 'TIMEOUT', 'maybe']]);
    expect(play.leftovers).toEqual(nothing);
    expect(play.rules).toMatchObject({ sent: 3, retried: 2, received: 0 });
  });

  test('of one attempt is sent once', () => {
    const play = new Play().connect();
    play.ask('a', { attempts: 1 });
    play.pass(1000);
    expect(play.outcomes).toEqual([['a', 'TIMEOUT', 'maybe']]);
    expect(play.bodies).toHaveLength(1);
  });

  test('waits longer before each attempt, within bounds', () => {
    const play = new Play({ freshAfter: 99, random: () => 0.999 }).connect();
    play.ask('a', { attempts: 7 });
    const gaps: number[] = [];
    for (let sent = 1; sent < 7; sent += 1) {
      const before = play.now;
      while (play.bodies.length === sent) play.pass(1);
      gaps.push(play.now - before - 1000);
    }
    expect(gaps).toEqual([99, 199, 399, 799, 999, 999]);
  });

  test('is over at its deadline, whatever it is at', () => {
    for (const deadlineMs of [500, 1020, 1500]) {
      const play = new Play({ freshAfter: 99 }).connect();
      play.ask('a', { deadlineMs });
      play.pass(deadlineMs - 1);
      expect(play.outcomes).toEqual([]);
      play.pass(1);
      expect(play.outcomes).toEqual([['a', 'TIMEOUT', 'maybe']]);
      expect(play.leftovers).toEqual(nothing);
    }
  });

  test('has one id for all its attempts, and no other has it', () => {
    const play = new Play({ freshAfter: 99 }).connect();
    play.ask('a', { priority: 7 });
    play.ask('b');
    play.pass(1050);
    expect(play.bodies).toEqual(['a', 'b', 'a', 'b']);
    expect(play.header(2).id).toBe(play.header(0).id);
    expect(play.header(1).id).not.toBe(play.header(0).id);
    expect(play.header(0).id).toMatch(/^01020304/);
    expect([play.header(0).priority, play.header(1).priority]).toEqual([7, 0]);
  });

  test('tells each broker for how long its caller will wait in all', () => {
    const play = new Play({ freshAfter: 99 }).connect();
    play.ask('a', { deadlineMs: 2500 });
    play.ask('b');
    play.pass(1050);
    expect(play.header(0).remainingMs).toBe(2500);
    expect(play.header(2).remainingMs).toBe(1450);
    expect(play.header(1).remainingMs).toBe(3 * 1000 + 2 * 1000); // Attempts, and waits of up to a second.
  });

  test('that nobody waits for any more is not sent again', () => {
    const play = new Play().connect();
    const request = play.ask('a');
    play.rules.forget(request);
    play.rules.forget(request);
    expect(play.pass(10_000).bodies).toHaveLength(1);
    expect(play.leftovers).toEqual(nothing);
    expect(request.mayHaveRun).toBe('maybe');
    play.answer(0);
    expect(play.rules.late).toBe(1);
  });
});
