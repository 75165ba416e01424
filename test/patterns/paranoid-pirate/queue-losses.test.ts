/**
 * Tests of a queue's rules: what becomes of requests when workers and clients are lost, or cannot be sent
 * what they should be, with no sockets. The rulings are those of DESIGN 3.6.
 */
import { BrokerlessError } from 'brokerless';
import { describe, expect, test } from 'vitest';
import { QueueDesk, TTL_MS } from './queue-desk.ts';

describe('a request whose worker is lost', () => {
  test('is given to another, before all that wait', () => {
    const desk = new QueueDesk();
    desk.ready('w');
    desk.ask('c', 'a');
    desk.ask('c', 'b');
    desk.left('workers', 'w');
    expect(desk.ready('v')).toEqual(['join v', 'job v a']);
    expect(desk.rules.requests.redelivered).toBe(1);
  });

  test('has a tag of its own at each attempt, so that the late answer is known', () => {
    const desk = new QueueDesk();
    desk.ready('v');
    desk.ask('c', 'a');
    desk.pass(TTL_MS);
    desk.ready('w');
    expect(desk.tags.get('w')).not.toEqual(desk.tags.get('v'));
    desk.ready('v'); // It has come back, and answers what it was asked before.
    expect(desk.answer('v', 'late')).toEqual([]);
    expect(desk.answer('w', 'A')).toEqual(['reply c A']);
  });

  test('is given up when so many workers were lost as it may have', () => {
    const desk = new QueueDesk({ maxAttempts: 2 });
    desk.ready('u', 'v', 'w');
    desk.ask('c', 'a');
    expect(desk.left('workers', 'u')).toEqual(['lost u gone', 'job v a']);
    expect(desk.left('workers', 'v')).toEqual(['lost v gone', 'fail c WORKER_LOST']);
    expect(desk.rules.requests).toMatchObject({ redelivered: 1, deadLettered: 1, waiting: 0 });
    expect(desk.rules.crew).toMatchObject({ idle: 1, busy: 0 });
  });

  test('and whose time is over is not given out again, and is told that it may have run', () => {
    const desk = new QueueDesk();
    desk.ready('w');
    desk.ask('c', 'a', { remainingMs: TTL_MS - 50 });
    expect(desk.pass(TTL_MS)).toContain('fail c WORKER_LOST');
    expect(desk.rules.requests).toMatchObject({ expired: 1, redelivered: 0 });
    expect(desk.ready('v')).toEqual(['join v']);
  });

  test('goes back in line although that is full', () => {
    const desk = new QueueDesk({ maxWaiting: 1, overflow: 'reject' });
    desk.ready('w');
    desk.ask('c', 'a');
    desk.ask('c', 'b');
    expect(desk.left('workers', 'w')).toEqual(['lost w gone']);
    expect(desk.rules.requests.waiting).toBe(2);
    expect(desk.ask('c', 'd')).toEqual(['fail c QUEUE_FULL']);
  });

  test('is not tried out on those that are lost with it, as connections of one process are', () => {
    const desk = new QueueDesk({ maxAttempts: 2 });
    desk.ready('a1', 'a2', 'a3', 'b');
    desk.ask('c', 'x');
    expect(desk.gone('a1', 'a2', 'a3')).toEqual([
      'lost a1 gone',
      'lost a2 gone',
      'lost a3 gone',
      'job b x',
    ]);
  });

  test('by its silence, nor on those that have been silent for nearly as long', () => {
    const desk = new QueueDesk({ maxAttempts: 2 });
    desk.ready('a1');
    desk.now += 5;
    desk.ready('a2');
    desk.now += 5;
    desk.ready('a3');
    desk.ask('c', 'x');
    desk.pass(TTL_MS - 11);
    desk.ready('b');
    const seen = desk.pass(1).filter((each) => !each.startsWith('beat'));
    expect(seen).toEqual(['lost a1 silent', 'lost a2 silent', 'lost a3 silent', 'job b x']);
  });

  test('is lost with all others at once, and all are given out again', () => {
    const desk = new QueueDesk();
    desk.ready('v', 'w');
    desk.ask('c', 'a');
    desk.ask('d', 'b');
    desk.pass(TTL_MS - 1);
    desk.ready('x', 'y');
    const seen = desk.pass(1);
    expect(seen.slice(0, 2)).toEqual(['lost v silent', 'lost w silent']);
    const jobs = seen.filter((each) => each.startsWith('job')).map((each) => each.slice(-1));
    expect(jobs.toSorted()).toEqual(['a', 'b']);
  });
});

describe('what could not be sent', () => {
  const unreachable = new BrokerlessError('UNREACHABLE', 'the peer is not connected');
  const full = new BrokerlessError('PEER_FULL', 'the peer takes less than it is sent');

  test.each([
    ['gone', unreachable],
    ['nothing', full],
  ])('to a worker: it is lost as %s, and the request was no attempt', (reason, error) => {
    const desk = new QueueDesk({ maxAttempts: 1 });
    desk.ready('v', 'w');
    expect(desk.ask('c', 'a')).toEqual(['job v a']);
    expect(desk.unsent('workers', 'v', error)).toEqual([`lost v ${reason}`, 'job w a']);
    expect(desk.answer('w', 'A')).toEqual(['reply c A']);
    expect(desk.rules.crew.size).toBe(1);
  });

  test('to a busy worker, a beat: it is lost, and the request was an attempt', () => {
    const desk = new QueueDesk({ maxAttempts: 1 });
    desk.ready('w');
    desk.ask('c', 'a');
    expect(desk.pass(100)).toEqual(['beat w']);
    expect(desk.unsent('workers', 'w', full)).toEqual(['lost w nothing', 'fail c WORKER_LOST']);
  });

  test('to a worker that is lost already changes nothing', () => {
    const desk = new QueueDesk();
    desk.ready('w');
    expect(desk.leave('w')).toEqual(['bye w', 'lost w left']);
    expect(desk.unsent('workers', 'w', unreachable)).toEqual([]);
    desk.expectNothingLeft();
  });

  test('to a client is counted, and its worker is free', () => {
    const desk = new QueueDesk();
    desk.ready('w');
    desk.ask('c', 'a');
    desk.answer('w', 'A');
    expect(desk.unsent('clients', 'c', unreachable)).toEqual([]);
    expect(desk.rules.dropped).toBe(1);
    expect(desk.rules.crew.idle).toBe(1);
  });
});

describe('a peer whose connection has ended', () => {
  test('if an idle worker, gets nothing more', () => {
    const desk = new QueueDesk();
    desk.ready('v', 'w');
    expect(desk.left('workers', 'v')).toEqual(['lost v gone']);
    expect(desk.ask('c', 'a')).toEqual(['job w a']);
  });

  test('if a client, leaves none of its requests in line, and those of others stay', () => {
    const desk = new QueueDesk();
    desk.ready('w');
    for (const client of ['c', 'd', 'c', 'e']) desk.ask(client, client);
    expect(desk.left('clients', 'c')).toEqual([]);
    expect([desk.rules.dropped, desk.rules.requests.waiting]).toEqual([1, 2]);
    expect(desk.answer('w', 'x')).toEqual(['reply c x', 'job w d']);
  });

  test('if a stranger, changes nothing', () => {
    const desk = new QueueDesk();
    expect([...desk.left('workers', 'x'), ...desk.left('clients', 'x')]).toEqual([]);
    desk.expectNothingLeft();
  });

  test('and makes room is followed by reading clients again', () => {
    const desk = new QueueDesk({ maxWaiting: 1 });
    desk.ask('c', 'a');
    expect(desk.rules.accepts('clients')).toBe(false);
    desk.left('clients', 'c');
    expect(desk.rules.accepts('clients')).toBe(true);
    desk.expectNothingLeft();
  });
});
