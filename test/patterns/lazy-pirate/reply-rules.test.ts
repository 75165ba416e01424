/**
 * Tests of the Lazy Pirate's rules: what each kind of reply says of its request, to the word.
 */
import { DELIMITER, encodeFailure, type Failure } from 'brokerless/kit';
import { describe, expect, test } from 'vitest';
import { timeout, verdictOf } from '../../../patterns/lazy-pirate/reply-rules.ts';
import { PirateRequest } from '../../../patterns/lazy-pirate/request-rules.ts';

const header = Buffer.from('header');
const body = Buffer.from('body');

/** What a failure says of its request. */
const verdictOn = (failure: Failure) =>
  verdictOf([header, DELIMITER, DELIMITER, encodeFailure(failure)]);

describe('a reply', () => {
  test('of one frame after the empty one is the answer, and somebody was given the request', () => {
    expect(verdictOf([header, DELIMITER, body])).toEqual({ kind: 'answer', hasRun: 'maybe', body });
    expect(verdictOf([header, DELIMITER, DELIMITER])).toMatchObject({ kind: 'answer' });
  });

  test("of a handler's failure has its message, its code and its facts", () => {
    expect(verdictOn({ code: 'BOOM', message: 'it broke', data: { x: 1 } })).toEqual({
      kind: 'over',
      hasRun: 'maybe',
      failure: {
        code: 'HANDLER_FAILED',
        message: 'it broke',
        data: { code: 'BOOM', data: { x: 1 } },
      },
    });
    const { failure } = verdictOn({ code: 'BOOM', message: 'it broke' }) as { failure: object };
    expect(failure).toStrictEqual({
      code: 'HANDLER_FAILED',
      message: 'it broke',
      data: { code: 'BOOM' },
    });
  });

  test.each([
    ['QUEUE_FULL', { kind: 'again', hasRun: 'no', failure: { code: 'QUEUE_FULL', message: 'no' } }],
    ['EXPIRED', { kind: 'over', hasRun: 'no', failure: { code: 'TIMEOUT', message: 'no' } }],
    [
      'WORKER_LOST',
      {
        kind: 'again',
        hasRun: 'maybe',
        failure: { code: 'HANDLER_FAILED', message: 'no', data: { code: 'WORKER_LOST' } },
      },
    ],
    [
      'ANYTHING',
      {
        kind: 'over',
        hasRun: 'maybe',
        failure: { code: 'HANDLER_FAILED', message: 'no', data: { code: 'ANYTHING' } },
      },
    ],
  ])('of a broker that says %s', (code, verdict) => {
    expect(verdictOn({ code, message: 'no', from: 'broker' })).toEqual(verdict);
  });
});

describe('a reply makes no sense', () => {
  const failure = encodeFailure({ code: 'BOOM', message: 'it broke' });

  test.each([
    ['with a failure after a body', [body, failure], 'a reply of several body frames'],
    ['with more after a failure', [DELIMITER, failure, failure], 'a reply of several body frames'],
    ['with a failure that is none', [DELIMITER, Buffer.from('BOOM')], ''],
  ])('%s, and says why', (_, frames, reason) => {
    const verdict = verdictOf([header, DELIMITER, ...frames]);
    expect(verdict).toEqual({
      kind: 'over',
      hasRun: 'maybe',
      failure: {
        code: 'BAD_MESSAGE',
        message: expect.stringContaining(`the reply makes no sense: ${reason}`),
        cause: expect.any(Error),
      },
    });
  });
});

describe('a request that nobody has answered', () => {
  const patience = { timeoutMs: 1000, attempts: 3, deadlineMs: Infinity, priority: 0 };

  test('and that never left says so', () => {
    const request = new PirateRequest('key', body, patience);
    request.attempts = 2;
    expect(timeout(request)).toEqual({
      code: 'TIMEOUT',
      message: 'not sent in time: no server is connected, or it takes nothing',
    });
  });

  test('says at which attempt it was given up', () => {
    const request = new PirateRequest('key', body, patience);
    request.attempts = 2;
    request.send(0);
    expect(timeout(request)).toEqual({
      code: 'TIMEOUT',
      message: 'no reply in time, at attempt 2 of up to 3',
    });
  });
});
