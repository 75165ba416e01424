/**
 * Tests of a queue's rules: what becomes of requests, from the client to the answer or the failure, with no
 * sockets. The rulings are those of DESIGN 3.6; sections in brackets are those of 6/PPP.
 */
import { BrokerlessError } from 'brokerless';
import { encodeTag } from 'brokerless/kit';
import { describe, expect, test } from 'vitest';
import { bytesOf, QueueDesk, TTL_MS } from './queue-desk.ts';

const FULL = 'fail c QUEUE_FULL';

describe('a request', () => {
  test('goes to the worker that has been idle longest', () => {
    const desk = new QueueDesk();
    desk.ready('v', 'w');
    expect([...desk.ask('c', 'a'), ...desk.ask('c', 'b')]).toEqual(['job v a', 'job w b']);
    desk.answer('w', 'B');
    desk.answer('v', 'A');
    expect([...desk.ask('c', 'c'), ...desk.ask('c', 'd')]).toEqual(['job w c', 'job v d']);
  });

  test('waits while all workers are busy, and those that wait keep their order', () => {
    const desk = new QueueDesk();
    desk.ready('w');
    for (const body of ['a', 'b', 'c']) desk.ask('c', body);
    expect(desk.rules.requests.waiting).toBe(2);
    expect(desk.answer('w', 'A')).toEqual(['reply c A', 'job w b']);
    expect(desk.answer('w', 'B')).toEqual(['reply c B', 'job w c']);
  });

  test('of greater priority goes first', () => {
    const desk = new QueueDesk();
    desk.ask('c', 'plain');
    desk.ask('c', 'low', { priority: 1 });
    desk.ask('c', 'high', { priority: 255 });
    desk.ask('c', 'high too', { priority: 255 });
    expect(desk.ready('w')).toContain('job w high');
    const order = [1, 2, 3].flatMap(() => desk.answer('w', 'x'));
    const jobs = order.filter((seen) => seen.startsWith('job'));
    expect(jobs).toEqual(['job w high too', 'job w low', 'job w plain']);
  });

  test('is answered with all that stood before its empty frame, whatever that is [REQUEST]', () => {
    const desk = new QueueDesk();
    desk.ready('w');
    const address = ['broker', '\u0001\u0002', 'id'].map(bytesOf);
    expect(desk.hear('clients', 'c', ...address, bytesOf(''), bytesOf('a'), bytesOf('b'))).toEqual([
      'job w a|b',
    ]);
    expect(desk.answer('w', 'A')).toEqual(['reply c A']);
    const value = [...address, bytesOf(''), bytesOf('A')];
    expect(desk.last[0]).toEqual({ kind: 'send', to: 'clients', message: { peer: 'c', value } });
  });

  test('is not looked into: any bytes, and empty frames, pass through', () => {
    const desk = new QueueDesk();
    desk.ready('w');
    expect(desk.hear('clients', 'c', bytesOf(''), bytesOf(''), bytesOf('x'))).toEqual(['job w |x']);
  });

  test('is answered by its own worker only, once, and the worker is free then [REPLY]', () => {
    const desk = new QueueDesk();
    desk.ready('v', 'w');
    desk.ask('c', 'a');
    const tag = desk.tags.get('v');
    expect(desk.answer('w', 'forged', tag)).toEqual([]);
    expect(desk.answer('v', 'A')).toEqual(['reply c A']);
    expect(desk.answer('v', 'again')).toEqual([]);
    expect(desk.rules).toMatchObject({ answered: 1, late: 2 });
    expect(desk.rules.crew).toMatchObject({ idle: 2, busy: 0 });
  });
});

describe('an answer is refused and counted, and the request still answered, if its tag', () => {
  const epoch = new Uint8Array(8).fill(7);
  test.each([
    ['is of another attempt', encodeTag(epoch, 1, 2)],
    ['is of another request', encodeTag(epoch, 2, 1)],
    ['is of an earlier queue', encodeTag(new Uint8Array(8).fill(6), 1, 1)],
    ['is cut short', encodeTag(epoch, 1, 1).subarray(1)],
    ['is longer', Uint8Array.of(...encodeTag(epoch, 1, 1), 0)],
    ['is anything', bytesOf('hello')],
  ])('%s', (_, tag) => {
    const desk = new QueueDesk({ epoch });
    desk.ready('w');
    desk.ask('c', 'a');
    expect(desk.answer('w', 'no', tag)).toEqual([]);
    expect(desk.rules).toMatchObject({ late: 1, answered: 0, faults: 0 });
    expect(desk.rules.crew.busy).toBe(1);
    expect(desk.answer('w', 'A', encodeTag(epoch, 1, 1))).toEqual(['reply c A']);
  });
});

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
    expect(desk.ask('c', 'd')).toEqual([FULL]);
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

describe('a request whose time is over', () => {
  test('is answered with EXPIRED soon, and no worker gets it', () => {
    const desk = new QueueDesk();
    desk.ask('c', 'a', { remainingMs: 200 });
    desk.ask('c', 'b');
    expect(desk.pass(199)).toEqual([]);
    expect(desk.pass(51)).toEqual(['fail c EXPIRED']);
    expect(desk.ready('w')).toEqual(['join w', 'job w b']);
    expect(desk.rules.requests.expired).toBe(1);
  });

  test('is not given to a worker that is free before anybody has looked', () => {
    const desk = new QueueDesk();
    desk.ask('c', 'a', { remainingMs: 200 });
    desk.now += 200;
    expect(desk.ready('w')).toEqual(['join w', 'fail c EXPIRED']);
  });

  test('is over at once if none was left', () => {
    const desk = new QueueDesk();
    desk.ready('w');
    expect(desk.ask('c', 'a', { remainingMs: 0 })).toEqual(['fail c EXPIRED']);
    expect(desk.rules.crew.idle).toBe(1);
  });

  test('is over after requestMs if it does not say itself', () => {
    const desk = new QueueDesk({ requestMs: 1000 });
    desk.ask('plain', 'a');
    desk.ask('patient', 'b', { remainingMs: 5000 });
    desk.ask('endless', 'c', { remainingMs: Infinity });
    expect(desk.pass(1100)).toEqual(['fail plain EXPIRED']);
    expect(desk.pass(5000)).toEqual(['fail patient EXPIRED']);
    expect(desk.pass(1e9)).toEqual([]);
    expect(desk.rules.requests.waiting).toBe(1);
  });

  test('is answered all the same if a worker has it in hand', () => {
    const desk = new QueueDesk();
    desk.ready('w');
    desk.ask('c', 'a', { remainingMs: 100 });
    desk.pass(200);
    expect(desk.answer('w', 'A')).toEqual(['reply c A']);
  });

  test('is not given out in a burst when the queue has slept', () => {
    const desk = new QueueDesk();
    for (const body of ['a', 'b', 'c']) desk.ask('c', body, { remainingMs: 500 });
    expect(desk.sleep(10_000)).toEqual(['fail c EXPIRED', 'fail c EXPIRED', 'fail c EXPIRED']);
    expect(desk.ready('w')).toEqual(['join w']);
  });
});

describe('when no more may wait', () => {
  test("with 'wait' clients are not read from, workers are", () => {
    const desk = new QueueDesk({ maxWaiting: 2 });
    desk.ask('c', 'a');
    expect(desk.rules.accepts('clients')).toBe(true);
    desk.ask('c', 'b');
    expect([desk.rules.accepts('clients'), desk.rules.accepts('workers')]).toEqual([false, true]);
    desk.ready('w');
    expect(desk.rules.accepts('clients')).toBe(true);
  });

  test("with 'wait' one that had been asked for is taken on", () => {
    const desk = new QueueDesk({ maxWaiting: 1 });
    desk.ask('c', 'a');
    expect(desk.ask('c', 'b')).toEqual([]);
    expect(desk.rules.requests.waiting).toBe(2);
  });

  test("with 'reject' they are answered with QUEUE_FULL, and no worker gets them", () => {
    const desk = new QueueDesk({ maxWaiting: 1, overflow: 'reject' });
    desk.ask('c', 'a');
    expect(desk.rules.accepts('clients')).toBe(true);
    expect(desk.ask('c', 'b')).toEqual([FULL]);
    expect(desk.rules.requests).toMatchObject({ received: 1, refused: 1, waiting: 1 });
    expect(desk.ready('w', 'v')).toEqual(['join w', 'job w a', 'join v']);
  });

  test('bytes count like requests, frames included', () => {
    const desk = new QueueDesk({ maxWaitingBytes: 1000, overflow: 'reject' });
    expect(desk.ask('c', 'x'.repeat(900))).toEqual([]);
    expect(desk.ask('c', 'x')).toEqual([FULL]);
    const empties = Array.from({ length: 20 }, () => bytesOf(''));
    const other = new QueueDesk({ maxWaitingBytes: 1000, overflow: 'reject' });
    expect(other.hear('clients', 'c', ...empties)).toEqual([]);
    expect(other.ask('c', 'x')).toEqual([FULL]);
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
