/**
 * Tests of a queue's rules: what becomes of requests, from the client to the answer or the failure, with no
 * sockets. The rulings are those of DESIGN 3.6; sections in brackets are those of 6/PPP.
 */
import { encodeTag } from 'brokerless/kit';
import { describe, expect, test } from 'vitest';
import { bytesOf, QueueDesk } from './queue-desk.ts';

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
