/**
 * Tests of a queue's rules: who is a worker, who is alive, and what each command means, with no sockets.
 * Sections in brackets are those of 6/PPP.
 */
import { describe, expect, test } from 'vitest';
import { BEAT_MS, bytesOf, QueueDesk, TTL_MS } from './queue-desk.ts';

describe('READY [Overall Behaviour: the worker signals that it is ready]', () => {
  test('makes a worker of a stranger, which is free at once', () => {
    const desk = new QueueDesk();
    expect(desk.ready('w')).toEqual(['join w']);
    expect(desk.ask('c', 'a')).toEqual(['job w a']);
  });

  test('takes a request that waited', () => {
    const desk = new QueueDesk();
    expect(desk.ask('c', 'a')).toEqual([]);
    expect(desk.ready('w')).toEqual(['join w', 'job w a']);
  });

  test('said twice by an idle worker changes nothing: it gets one request at a time', () => {
    const desk = new QueueDesk();
    desk.ready('w');
    expect(desk.ready('w', 'w')).toEqual([]);
    expect(desk.rules.crew.size).toBe(1);
    expect([...desk.ask('c', 'a'), ...desk.ask('c', 'b')]).toEqual(['job w a']);
  });

  test('is a sign of life of a worker that is known', () => {
    const desk = new QueueDesk();
    desk.ready('w');
    desk.pass(TTL_MS - 1);
    desk.ready('w');
    expect(desk.pass(TTL_MS - 1)).not.toContain('lost w silent');
  });

  test('said by a busy worker means that it has forgotten its request, which is given out again', () => {
    const desk = new QueueDesk();
    desk.ready('w');
    desk.ask('c', 'a');
    const old = desk.tags.get('w');
    expect(desk.ready('w')).toEqual(['lost w restarted', 'join w', 'job w a']);
    expect(desk.answer('w', 'old', old)).toEqual([]);
    expect(desk.answer('w', 'new')).toEqual(['reply c new']);
    expect([desk.rules.late, desk.rules.requests.redelivered]).toEqual([1, 1]);
  });

  test('is ignored and counted when there are as many workers as may be', () => {
    const desk = new QueueDesk({ maxWorkers: 2 });
    desk.ready('v', 'w');
    expect(desk.ready('x')).toEqual([]);
    expect([desk.rules.crew.size, desk.rules.faults]).toEqual([2, 1]);
    desk.left('workers', 'v');
    expect(desk.ready('x')).toEqual(['join x']);
  });
});

describe('HEARTBEAT [Heartbeating]', () => {
  test('keeps a worker alive, idle or busy', () => {
    const desk = new QueueDesk();
    desk.ready('idle', 'busy');
    desk.ask('c', 'a');
    for (let i = 0; i < 10; i += 1) {
      expect(desk.pass(TTL_MS - 1)).not.toContainEqual(expect.stringContaining('lost'));
      desk.beat('idle');
      desk.beat('busy');
    }
    expect(desk.rules.crew).toMatchObject({ size: 2, idle: 1, busy: 1 });
  });

  test('never says that a worker is free (DESIGN 3.6)', () => {
    const desk = new QueueDesk();
    desk.ready('w');
    desk.ask('c', 'a');
    desk.ask('c', 'b');
    for (let i = 0; i < 5; i += 1) expect(desk.beat('w')).toEqual([]);
    expect(desk.rules.crew).toMatchObject({ idle: 0, busy: 1 });
    expect(desk.answer('w', 'A')).toEqual(['reply c A', 'job w b']);
  });

  test('of a stranger is not answered and makes no worker of it', () => {
    const desk = new QueueDesk();
    desk.ask('c', 'a');
    expect(desk.beat('stranger')).toEqual([]);
    expect(desk.rules).toMatchObject({ faults: 0, late: 0 });
    expect(desk.rules.crew.size).toBe(0);
  });

  test('goes to every worker once an interval, from an interval after the first has come', () => {
    const desk = new QueueDesk();
    desk.ready('v');
    expect(desk.pass(BEAT_MS - 1)).toEqual([]);
    expect(desk.pass(1)).toEqual(['beat v']);
    desk.ready('w');
    desk.ask('c', 'a'); // Busy or idle.
    desk.beat('v');
    expect(desk.pass(2 * BEAT_MS)).toEqual(['beat v', 'beat w', 'beat v', 'beat w']);
  });

  test('goes to nobody when there is nobody', () => {
    const desk = new QueueDesk();
    expect(desk.rules.deadline).toBe(undefined);
    desk.ready('w');
    desk.left('workers', 'w');
    expect(desk.pass(10 * BEAT_MS)).toEqual([]);
    desk.expectNothingLeft();
  });
});

describe('a worker that is silent for too long [Heartbeating: dead after some intervals]', () => {
  test('is lost, and not before', () => {
    const desk = new QueueDesk();
    desk.ready('w');
    expect(desk.pass(TTL_MS - 1)).toEqual(['beat w', 'beat w']);
    expect(desk.pass(1)).toEqual(['lost w silent']);
    desk.expectNothingLeft();
  });

  test('is not lost while anything comes of it: an answer, an unknown command, nonsense', () => {
    const desk = new QueueDesk();
    desk.ready('w');
    const signs = [[Uint8Array.of(9)], [bytesOf('x'), bytesOf('y')], [bytesOf('t'), bytesOf('')]];
    for (const frames of signs) {
      desk.pass(TTL_MS - 1);
      desk.hear('workers', 'w', ...frames);
    }
    expect(desk.pass(TTL_MS - 1)).not.toContain('lost w silent');
  });

  test('is lost alone: the others go on', () => {
    const desk = new QueueDesk();
    desk.ready('v', 'w');
    desk.pass(TTL_MS - 1);
    desk.beat('w');
    expect(desk.pass(1)).toEqual(['lost v silent', 'beat w']);
    expect(desk.ask('c', 'a')).toEqual(['job w a']);
  });

  test('is a stranger when it speaks again: its beats count for nothing, its answers are late', () => {
    const desk = new QueueDesk();
    desk.ready('w');
    desk.ask('c', 'a');
    expect(desk.pass(TTL_MS)).toContain('lost w silent');
    expect([...desk.beat('w'), ...desk.answer('w', 'A'), ...desk.leave('w')]).toEqual([]);
    expect(desk.rules).toMatchObject({ late: 1, faults: 0 });
    expect(desk.ready('v')).toEqual(['join v', 'job v a']);
    expect(desk.answer('w', 'A')).toEqual([]);
    expect(desk.answer('v', 'A')).toEqual(['reply c A']);
  });

  test('is forgiven when it is the queue that has slept: its messages have not been read yet', () => {
    const desk = new QueueDesk();
    desk.ready('w');
    expect(desk.sleep(10 * TTL_MS)).toEqual(['beat w']);
    expect(desk.pass(BEAT_MS - 1)).toEqual([]);
    expect(desk.pass(TTL_MS + 1)).toContain('lost w silent');
  });

  test('is not forgiven when the queue is late by little, however often', () => {
    const desk = new QueueDesk();
    desk.ready('w');
    const seen = [1, 2, 3].flatMap(() => desk.sleep(BEAT_MS + 1));
    expect(seen).toEqual(['beat w', 'beat w', 'lost w silent']);
  });
});

describe('LEAVE', () => {
  test('of an idle worker is answered, and it is lost as it said', () => {
    const desk = new QueueDesk();
    desk.ready('w');
    expect(desk.leave('w')).toEqual(['bye w', 'lost w left']);
    expect(desk.ask('c', 'a')).toEqual([]);
    expect(desk.pass(10 * TTL_MS)).toEqual([]);
  });

  test('of a busy worker lets it finish, and is answered then', () => {
    const desk = new QueueDesk();
    desk.ready('w');
    desk.ask('c', 'a');
    desk.ask('c', 'b');
    expect([...desk.leave('w'), ...desk.leave('w'), ...desk.beat('w')]).toEqual([]);
    expect(desk.answer('w', 'A')).toEqual(['reply c A', 'bye w', 'lost w left']);
    expect(desk.ready('v')).toEqual(['join v', 'job v b']);
  });

  test('of a busy worker that dies then loses nothing', () => {
    const desk = new QueueDesk();
    desk.ready('w', 'v');
    desk.ask('c', 'a');
    desk.leave('w');
    expect(desk.left('workers', 'w')).toEqual(['lost w gone', 'job v a']);
  });

  test('of a busy worker that says READY is taken back', () => {
    const desk = new QueueDesk();
    desk.ready('w');
    desk.ask('c', 'a');
    desk.leave('w');
    expect(desk.ready('w')).toEqual(['lost w restarted', 'join w', 'job w a']);
    expect(desk.answer('w', 'A')).toEqual(['reply c A']);
    expect(desk.rules.crew.idle).toBe(1);
  });

  test('of a stranger changes nothing', () => {
    const desk = new QueueDesk();
    expect(desk.leave('w')).toEqual([]);
    expect(desk.rules.faults).toBe(0);
  });
});

describe('what makes no sense is counted and dropped', () => {
  const nonsense: [string, Uint8Array[]][] = [
    ['an unknown command', [Uint8Array.of(9)]],
    ['an empty message', [bytesOf('')]],
    ['a word', [bytesOf('READY')]],
    ['an answer without the empty frame', [bytesOf('tag'), bytesOf('A')]],
    ['an answer without a tag', [bytesOf(''), bytesOf('A')]],
    ['an answer with two tags', [bytesOf('t'), bytesOf('u'), bytesOf(''), bytesOf('A')]],
    ['an answer without a body', [bytesOf('tag'), bytesOf('')]],
  ];
  test.each(nonsense)('of a worker: %s', (_, frames) => {
    const desk = new QueueDesk();
    desk.ready('w');
    desk.ask('c', 'a');
    expect(desk.hear('workers', 'w', ...frames)).toEqual([]);
    expect(desk.rules).toMatchObject({ faults: 1, late: 0, answered: 0 });
    expect(desk.answer('w', 'A')).toEqual(['reply c A']);
  });

  test.each([
    ['an unknown command', [Uint8Array.of(9)], { faults: 1, late: 0 }],
    ['an answer', [bytesOf('tag'), bytesOf(''), bytesOf('A')], { faults: 0, late: 1 }],
  ])('of a stranger: %s', (_, frames, counted) => {
    const desk = new QueueDesk();
    expect(desk.hear('workers', 'x', ...frames)).toEqual([]);
    expect(desk.rules).toMatchObject(counted);
    desk.expectNothingLeft();
  });

  test.each([
    ['one frame', [bytesOf('a')]],
    ['frames without an empty one', [bytesOf('a'), bytesOf('b')]],
    ['no body', [bytesOf('a'), bytesOf('')]],
  ])('of a client: %s', (_, frames) => {
    const desk = new QueueDesk();
    desk.ready('w');
    expect(desk.hear('clients', 'c', ...frames)).toEqual([]);
    expect(desk.rules.faults).toBe(1);
    expect(desk.rules.crew.idle).toBe(1);
  });
});
