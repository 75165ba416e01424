/**
 * The requests that wait at a broker: taken on, turned away, put back, and given up.
 */
import { decodeFailure } from 'brokerless/kit';
import { decode } from 'cbor-x';
import { describe, expect, test } from 'vitest';
import { encodeHeader } from '../../src/broker/header.ts';
import {
  type BrokerRequest,
  Requests,
  type RequestsOptions,
  replyTo,
  type ToClient,
} from '../../src/broker/requests.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

/** Requests, and what was sent to clients. */
class Counter {
  readonly requests: Requests;
  readonly out: ToClient[] = [];

  constructor(options: Partial<RequestsOptions> = {}) {
    this.requests = new Requests({
      maxWaiting: 10,
      maxWaitingBytes: 1e6,
      overflow: 'wait',
      requestMs: 1000,
      ...options,
    });
  }

  take(client: string, now: number, ...frames: (string | Uint8Array)[]): void {
    const value = frames.map((frame) => (typeof frame === 'string' ? bytes(frame) : frame));
    this.requests.take({ peer: client, value }, now, this.out);
  }

  next(now: number): BrokerRequest | undefined {
    return this.requests.next(now, this.out);
  }

  /** The failures sent so far: to whom, and which. */
  failures(): string[] {
    return this.out.map(({ message: { peer, value } }) => {
      const [empty, failure] = value.slice(-2) as [Uint8Array, Uint8Array];
      expect(empty).toHaveLength(0);
      return `${peer} ${(decode(failure) as { code: string }).code}`;
    });
  }
}

const header = (priority: number, remainingMs: number): Uint8Array =>
  encodeHeader({ id: bytes('id'), priority, remainingMs });

describe('a request', () => {
  test('is kept with all that stands before its empty frame, and after it', () => {
    const counter = new Counter();
    counter.take('c', 5, 'hop', 'id', '', 'body', '', 'more');
    const request = counter.next(6);
    expect(request).toMatchObject({
      number: 1,
      peer: 'c',
      receivedAt: 5,
      priority: 0,
      attempts: 0,
    });
    expect(request?.expiresAt).toBe(1005);
    const { to, message } = replyTo(request as BrokerRequest, [bytes('reply')]);
    expect([to, message.peer]).toEqual(['clients', 'c']);
    expect(message.value.map((frame) => Buffer.from(frame).toString())).toEqual([
      'hop',
      'id',
      '',
      'reply',
    ]);
    expect(request?.body.map((frame) => Buffer.from(frame).toString())).toEqual([
      'body',
      '',
      'more',
    ]);
  });

  test('says by its header how urgent it is and for how long it is wanted', () => {
    const counter = new Counter();
    counter.take('c', 0, header(1, 500), '', 'low');
    counter.take('c', 0, 'hop', header(200, Infinity), '', 'high');
    counter.take('c', 0, header(255, 5), 'hop', '', 'a header elsewhere is none');
    expect(counter.requests.waiting).toBe(3);
    expect(counter.next(1)).toMatchObject({ priority: 200, expiresAt: Infinity });
    expect(counter.next(1)).toMatchObject({ priority: 1, expiresAt: 500 });
    expect(counter.next(1)).toMatchObject({ priority: 0, expiresAt: 1000 });
    expect(counter.next(1)).toBeUndefined();
  });

  test.each([[[]], [['a']], [['a', 'b']], [['a', '']], [['a', 'b', '']]])('is not %j', (frames) => {
    const counter = new Counter();
    counter.take('c', 0, ...frames);
    expect([counter.requests.faults, counter.requests.waiting]).toEqual([1, 0]);
  });

  test('is not an empty message either, which is no fault: clients may begin with it', () => {
    const counter = new Counter();
    counter.take('c', 0, '');
    expect([counter.requests.faults, counter.requests.waiting]).toEqual([0, 0]);
  });
});

describe('a line that is full', () => {
  test('refuses more at once', () => {
    const counter = new Counter({ maxWaiting: 1, overflow: 'reject' });
    counter.take('c', 0, '', '1');
    expect(counter.requests.accepts).toBe(true);
    counter.take('d', 0, '', '2');
    expect(counter.failures()).toEqual(['d QUEUE_FULL']);
    expect(counter.requests).toMatchObject({ received: 1, refused: 1, waiting: 1 });
  });

  test('wants no more to be read, and takes on what was being read', () => {
    const counter = new Counter({ maxWaiting: 1 });
    counter.take('c', 0, '', '1');
    expect(counter.requests.accepts).toBe(false);
    counter.take('c', 0, '', '2');
    expect(counter.requests).toMatchObject({ received: 2, refused: 0, waiting: 2 });
    counter.next(0);
    expect(counter.requests.accepts).toBe(false);
    counter.next(0);
    expect(counter.requests.accepts).toBe(true);
  });

  test('may be so for its bytes, of which each frame has some, though it be empty', () => {
    const counter = new Counter({ maxWaitingBytes: 1000, overflow: 'reject' });
    counter.take('c', 0, ...Array<string>(50).fill(''), 'x');
    counter.take('d', 0, '', 'x');
    expect(counter.failures()).toEqual(['d QUEUE_FULL']);
    expect(counter.requests.waitingBytes).toBeGreaterThan(1000);
    counter.next(0);
    expect(counter.requests.waitingBytes).toBe(0);
  });
});

describe('a request whose time is over', () => {
  test('is answered EXPIRED when the line is looked at, and never given out', () => {
    const counter = new Counter();
    counter.take('c', 0, header(0, 20), '', '1');
    counter.take('d', 0, header(0, 30), '', '2');
    expect(counter.requests.deadline).toBe(20);
    counter.requests.tick(19, counter.out);
    expect(counter.failures()).toEqual([]);
    counter.requests.tick(20, counter.out);
    expect(counter.failures()).toEqual(['c EXPIRED']);
    expect(counter.next(30)).toBeUndefined(); // Before the next look.
    expect(counter.failures()).toEqual(['c EXPIRED', 'd EXPIRED']);
    expect(counter.requests).toMatchObject({ expired: 2, waiting: 0, deadline: undefined });
  });

  test('is over from the start if none was left', () => {
    const counter = new Counter();
    counter.take('c', 7, header(0, 0), '', '1');
    expect(counter.next(7)).toBeUndefined();
    expect(counter.failures()).toEqual(['c EXPIRED']);
  });
});

describe('a failure', () => {
  const failureOf = (counter: Counter): unknown =>
    decodeFailure(counter.out.at(-1)?.message.value.at(-1) as Uint8Array);

  test('says who speaks, which it is, and why', () => {
    const full = new Counter({ maxWaiting: 0, overflow: 'reject' });
    full.take('c', 0, '', '1');
    const message = 'too many requests wait for a worker';
    expect(failureOf(full)).toEqual({ code: 'QUEUE_FULL', message, from: 'broker' });
    const late = new Counter();
    late.take('c', 0, header(0, 0), '', '1');
    late.next(0);
    expect(failureOf(late)).toMatchObject({ message: 'no worker was free in time' });
    const unlucky = new Counter();
    unlucky.take('c', 0, '', '1');
    unlucky.requests.putBack(unlucky.next(0) as BrokerRequest, 0, 0, unlucky.out);
    expect(failureOf(unlucky)).toMatchObject({ message: 'each worker that had it was lost' });
  });
});

describe('a request whose worker is lost', () => {
  function lost(options: { attempts: number; now?: number; max?: number }): Counter {
    const counter = new Counter();
    counter.take('c', 0, '', 'first');
    counter.take('d', 0, '', 'second');
    const request = counter.next(0) as BrokerRequest;
    request.attempts = options.attempts;
    counter.requests.putBack(request, options.max ?? 3, options.now ?? 1, counter.out);
    return counter;
  }

  test('goes before all others', () => {
    const counter = lost({ attempts: 2 });
    expect(counter.next(1)).toMatchObject({ number: 1 });
    expect(counter.requests).toMatchObject({ redelivered: 1, deadLettered: 0 });
  });

  test('is given up after so many attempts', () => {
    const counter = lost({ attempts: 3 });
    expect(counter.failures()).toEqual(['c WORKER_LOST']);
    expect(counter.next(1)).toMatchObject({ number: 2 });
    expect(counter.requests).toMatchObject({ redelivered: 0, deadLettered: 1 });
  });

  test('and whose time is over may have been worked on, which EXPIRED would deny', () => {
    expect(lost({ attempts: 1, now: 1000 }).failures()).toEqual(['c WORKER_LOST']);
    expect(lost({ attempts: 0, now: 1000 }).failures()).toEqual(['c EXPIRED']);
    const counter = lost({ attempts: 1 });
    counter.requests.tick(1000, counter.out);
    expect(counter.failures().toSorted()).toEqual(['c WORKER_LOST', 'd EXPIRED']);
    expect(counter.requests.expired).toBe(2);
  });
});

test('requests of a client that has gone are forgotten, and no others', () => {
  const counter = new Counter();
  for (const client of ['c', 'd', 'c']) counter.take(client, 0, '', 'x');
  expect(counter.requests.forget('nobody')).toBe(0);
  expect(counter.requests.forget('c')).toBe(2);
  expect(counter.next(0)).toMatchObject({ peer: 'd' });
  expect(counter.requests.forget('d')).toBe(0);
});

test('the oldest is told by when it came, wherever it stands', () => {
  const counter = new Counter();
  expect(counter.requests.oldestMs(50)).toBe(0);
  counter.take('c', 10, header(0, 1000), '', 'old');
  counter.take('c', 20, header(9, 1000), '', 'urgent');
  expect(counter.requests.oldestMs(50)).toBe(40);
  counter.next(50);
  expect(counter.requests.oldestMs(50)).toBe(40);
});
