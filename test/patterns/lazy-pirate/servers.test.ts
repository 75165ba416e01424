/**
 * Tests of the Lazy Pirate's rules: connections, fresh sockets, and the next server. ZeroMQ Guide, chapter 4,
 * "Client-Side Reliability (Lazy Pirate Pattern)": close the socket and open it anew when no reply has come.
 */
import { describe, expect, test } from 'vitest';
import { nothing, Play } from './play.ts';

describe('while no server is connected', () => {
  test('a request waits, and leaves when there is one', () => {
    const play = new Play();
    play.ask('a');
    play.ask('b');
    play.pass(400);
    expect(play.bodies).toEqual([]);
    expect(play.leftovers.waiting).toBe(2);
    play.connect();
    expect(play.bodies).toEqual(['a', 'b']);
    expect(play.leftovers.waiting).toBe(0);
  });

  test('its time passes all the same, and no server can have been at work on it', () => {
    const play = new Play();
    const request = play.ask('a');
    expect(request.mayHaveRun).toBe('no');
    play.pass(2999);
    expect(play.outcomes).toEqual([]);
    play.pass(1);
    expect(play.outcomes).toEqual([['a', 'TIMEOUT', 'no']]);
    expect(play.rules).toMatchObject({ sent: 0, retried: 0 });
    expect(play.leftovers).toEqual(nothing);
    expect(play.connect().bodies).toEqual([]);
  });

  test('waiting longer is no retry', () => {
    const play = new Play({ connectMs: 100_000 });
    play.ask('a');
    play.pass(2500).connect();
    expect(play.bodies).toEqual(['a']);
    expect(play.rules).toMatchObject({ sent: 1, retried: 0 });
    play.answer(0);
    expect(play.outcomes).toEqual([['a', 'yes']]);
  });

  test('what nobody waits for any more never leaves', () => {
    const play = new Play();
    const requests = Array.from({ length: 100 }, (_, i) => play.ask(String(i)));
    for (const request of requests.slice(0, 99)) play.rules.forget(request);
    expect(requests[0]?.mayHaveRun).toBe('no');
    expect(play.leftovers.waiting).toBe(1);
    expect(play.connect().bodies).toEqual(['99']);
  });

  test('a million asked and given up leave nothing behind', () => {
    const play = new Play();
    const first = play.ask('first');
    for (let i = 0; i < 1_000_000; i += 1) play.rules.forget(play.ask('x'));
    play.rules.forget(first);
    expect(play.leftovers).toEqual(nothing);
    expect(play.connect().bodies).toEqual([]);
  });

  test('the next server is tried when one that is wanted has been away for long enough, round the list', () => {
    const play = new Play();
    play.pass(100_000);
    expect(play.opened).toEqual([]); // Nobody wants one.
    play.ask('a', { timeoutMs: 10_000 });
    play.pass(0);
    expect(play.opened).toEqual(['second']);
    play.pass(499);
    expect(play.opened).toEqual(['second']);
    play.pass(501);
    expect(play.opened).toEqual(['second', 'third', 'first']);
    expect(play.told).toEqual([
      'first to second: unreachable',
      'second to third: unreachable',
      'third to first: unreachable',
    ]);
    play.connect();
    expect(play.bodies).toEqual(['a']);
    expect(play.pass(5000).opened).toHaveLength(3);
  });

  test('who only waits for a connection wants one too', () => {
    const play = new Play();
    play.rules.watch(1);
    play.pass(500);
    expect(play.opened).toEqual(['second']);
    play.rules.watch(-1);
    play.pass(5000);
    expect(play.opened).toEqual(['second']);
  });
});

describe('when a connection ends', () => {
  test('what was asked on it is asked again after a wait', () => {
    const play = new Play().connect();
    play.ask('a');
    play.pass(100).connect(false);
    play.pass(20).connect();
    expect(play.bodies).toEqual(['a']); // A crowd of clients does not come back all at once.
    play.pass(30);
    expect(play.bodies).toEqual(['a', 'a']);
    play.answer(1);
    expect(play.outcomes).toEqual([['a', 'yes']]);
  });

  test('a reply that had been received before settles it', () => {
    const play = new Play().connect();
    play.ask('a', { attempts: 1 });
    play.ask('b');
    play.connect(false);
    play.answer(0);
    play.answer(1);
    expect(play.outcomes).toEqual([
      ['a', 'yes'],
      ['b', 'yes'],
    ]);
  });

  test('a request without attempts left waits until its time is over', () => {
    const play = new Play().connect();
    play.ask('a', { attempts: 1 });
    play.pass(100).connect(false).connect();
    play.pass(899);
    expect(play.outcomes).toEqual([]);
    play.pass(1);
    expect(play.outcomes).toEqual([['a', 'TIMEOUT', 'maybe']]);
    expect(play.bodies).toHaveLength(1);
  });

  test('and begins again, requests are asked no more often than they may', () => {
    const play = new Play().connect();
    play.ask('a');
    for (let i = 0; i < 20; i += 1) play.connect(false).connect().pass(99);
    expect(play.bodies).toEqual(['a', 'a', 'a']);
  });
});

describe('a silent server', () => {
  test('is left after attempts in a row without any reply, on a fresh socket', () => {
    const play = new Play().connect();
    play.ask('a', { attempts: 9 });
    play.pass(1000);
    expect(play.opened).toEqual([]);
    play.pass(50 + 1000);
    expect(play.opened).toEqual(['second']);
    expect(play.told).toEqual(['first to second: silent']);
    expect(play.rules.servers).toMatchObject({ current: 'second', switches: 1 });
    play.pass(100);
    expect(play.bodies).toHaveLength(2); // It is not connected yet.
    play.connect();
    expect(play.bodies).toHaveLength(3);
  });

  test('is asked through a fresh socket if it is the only one', () => {
    const play = new Play({ servers: ['only'], freshAfter: 1 }).connect();
    play.ask('a');
    play.pass(1000);
    expect(play.opened).toEqual(['only']);
    play.pass(50).connect();
    expect(play.bodies).toHaveLength(2);
  });

  test('takes nothing along: what was asked of it is asked anew at once', () => {
    const play = new Play({ freshAfter: 1 }).connect();
    play.ask('a');
    play.pass(300);
    play.ask('b');
    play.pass(700).connect();
    expect(play.opened).toEqual(['second']);
    expect(play.bodies).toEqual(['a', 'b', 'b']); // The other one rests before its next attempt.
    play.pass(50);
    expect(play.bodies).toEqual(['a', 'b', 'b', 'a']);
  });

  test('that had the last attempt of a request cannot answer it any more', () => {
    const play = new Play({ freshAfter: 1 }).connect();
    play.ask('a');
    play.pass(300);
    play.ask('b', { attempts: 1 });
    play.pass(700);
    expect(play.outcomes).toEqual([['b', 'TIMEOUT', 'maybe']]);
  });

  test('is one that says nothing at all: whoever answers others, or refuses, or is late is not', () => {
    const says: ((play: Play) => void)[] = [
      (play) => play.answer(1),
      (play) => play.refuse(1, 'BOOM'),
      (play) => play.refuse(1, 'QUEUE_FULL'),
    ];
    for (const say of says) {
      const play = new Play({ freshAfter: 1 }).connect();
      play.ask('slow', { attempts: 9 });
      play.pass(10);
      play.ask('quick');
      play.pass(10);
      say(play);
      expect(play.pass(980).opened).toEqual([]);
    }
  });

  test('is not judged by how many wait, but by attempts one after the other', () => {
    const play = new Play({ freshAfter: 3 }).connect();
    for (let i = 0; i < 64; i += 1) play.ask(String(i), { attempts: 9 });
    play.pass(1000 + 50 + 1000);
    expect(play.opened).toEqual([]);
    play.pass(100 + 1000);
    expect(play.opened).toEqual(['second']);
  });

  test('is not judged by an attempt that could hardly leave', () => {
    const play = new Play({ freshAfter: 1, connectMs: 10_000 });
    play.ask('a');
    play.pass(600).connect();
    play.pass(400);
    expect(play.opened).toEqual([]);
  });

  test('gets no blame for what the one before it did not answer', () => {
    const play = new Play({ freshAfter: 2 }).connect();
    play.ask('a', { attempts: 9 });
    play.pass(2050).connect();
    expect(play.opened).toEqual(['second']);
    play.pass(100 + 1000);
    expect(play.opened).toEqual(['second']);
  });
});

describe('a socket that is full', () => {
  test('gets no more than its window, and what waits can be taken back', () => {
    const play = new Play({ window: 1 }).connect();
    const [, b] = ['a', 'b', 'c'].map((name) => play.ask(name));
    expect(play.bodies).toEqual(['a']);
    if (b !== undefined) play.rules.forget(b);
    expect(b?.mayHaveRun).toBe('no');
    play.take();
    expect(play.bodies).toEqual(['a', 'c']);
  });

  test('leaves what did not get its turn unsent', () => {
    const play = new Play({ window: 1, freshAfter: 9 }).connect();
    play.ask('a', { attempts: 1 });
    play.ask('b', { attempts: 1 });
    play.pass(1000);
    expect(play.outcomes).toEqual([
      ['a', 'TIMEOUT', 'maybe'],
      ['b', 'TIMEOUT', 'no'],
    ]);
  });

  test('that refuses a message has not sent it', () => {
    const play = new Play({ window: 1 }).connect();
    play.ask('a', { attempts: 2 });
    play.fail(0, new Error('no room'));
    play.take();
    play.pass(50);
    expect(play.bodies).toHaveLength(2);
    play.fail(1, new Error('no room'));
    expect(play.outcomes).toEqual([['a', 'SOCKET', 'no']]);
    expect(play.rules.sent).toBe(0);
    expect(play.leftovers).toEqual(nothing);
  });

  test('that refuses what is over already harms nothing', () => {
    const play = new Play().connect();
    play.rules.forget(play.ask('a'));
    play.fail(0, new Error('no room'));
    expect(play.leftovers).toEqual(nothing);
  });
});

describe('a client that has slept', () => {
  test('reads what came meanwhile before it judges', () => {
    const play = new Play({ freshAfter: 1 }).connect();
    play.ask('a', { attempts: 1 });
    play.sleep(5000);
    expect(play.outcomes).toEqual([]);
    expect(play.opened).toEqual([]);
    play.answer(0);
    expect(play.outcomes).toEqual([['a', 'yes']]);
  });

  test('waits for that a moment, and once', () => {
    const play = new Play().connect();
    play.ask('a', { attempts: 1 });
    play.sleep(5000);
    play.sleep(500);
    expect(play.outcomes).toEqual([['a', 'TIMEOUT', 'maybe']]);
    expect(play.leftovers).toEqual(nothing);
  });
});

test('a tick that is early does nothing', () => {
  const play = new Play().connect();
  play.ask('a');
  for (let i = 0; i < 100; i += 1) play.sleep(1);
  expect(play.bodies).toEqual(['a']);
  expect(play.opened).toEqual([]);
});
