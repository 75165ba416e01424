/**
 * Tests of the Lazy Pirate's rules: one request, and the frames it travels in.
 */
import { decodeHeader, encodeHeader } from 'brokerless/kit';
import { describe, expect, test } from 'vitest';
import { framesOf, numberIn, PirateRequest } from '../../../patterns/lazy-pirate/request-rules.ts';

const salt = Uint8Array.of(9, 8, 7, 6);
const body = Buffer.from('body');
const patience = { timeoutMs: 1000, attempts: 2, deadlineMs: Infinity, priority: 5 };

function made(number = 1): PirateRequest<string> {
  const request = new PirateRequest('key', body, patience);
  request.number = number;
  return request;
}

/** A header around an id, as anybody may send it. */
const around = (...id: number[]): Uint8Array =>
  encodeHeader({ id: Uint8Array.from(id), priority: 0, remainingMs: 0 });

describe('the frames of an attempt', () => {
  test('are a header, an empty frame and what is asked', () => {
    const request = made(0x0102_0304_0506);
    request.until = 1700;
    const [header, empty, asked, ...more] = framesOf(request, salt, 1000);
    expect([empty?.length, asked, more]).toEqual([0, body, []]);
    expect(decodeHeader(header as Uint8Array)).toMatchObject({ priority: 5, remainingMs: 700 });
    const { id } = decodeHeader(header as Uint8Array) ?? {};
    expect([...(id ?? [])]).toEqual([9, 8, 7, 6, 1, 2, 3, 4, 5, 6]);
  });

  test.each([1, 255, 256, 65_537, 2 ** 40, 2 ** 48 - 1])('have number %i in them', (number) => {
    const [header] = framesOf(made(number), salt, 0);
    expect(numberIn(header as Uint8Array, salt)).toBe(number);
  });
});

describe('a header without a number of this client is one', () => {
  test.each([
    ['of another client', around(9, 8, 7, 5, 0, 0, 0, 0, 0, 1)],
    ['of another from its first byte on', around(1, 8, 7, 6, 0, 0, 0, 0, 0, 1)],
    ['with an id that is too short', around(9, 8, 7, 6, 0, 0, 0, 0, 1)],
    ['with an id that is too long', around(9, 8, 7, 6, 0, 0, 0, 0, 0, 0, 1)],
    ['that is no header', Buffer.from('anything')],
  ])('%s', (_, frame) => {
    expect(numberIn(frame, salt)).toBeUndefined();
  });
});

describe('a request', () => {
  test('may have run once an attempt has left of which no broker said that nobody had it', () => {
    const request = made();
    expect([request.mayHaveRun, request.stage]).toEqual(['no', 'resting']);
    request.send(7);
    expect([request.mayHaveRun, request.sentAt, request.owed]).toEqual(['maybe', 7, 1]);
    request.answered('no');
    expect([request.mayHaveRun, request.owed]).toEqual(['no', 0]);
    request.send(8);
    request.answered('maybe');
    expect([request.mayHaveRun, request.owed, request.sent]).toEqual(['maybe', 0, 2]);
  });

  test('that the socket gave back has not run', () => {
    const request = made();
    request.send(7);
    request.unsend();
    expect([request.mayHaveRun, request.owed, request.sent]).toEqual(['no', 0, 0]);
  });

  test('is owed no less than nothing, however often it is answered', () => {
    const request = made();
    request.send(1);
    request.answered('maybe');
    request.answered('maybe');
    request.send(2);
    expect(request.owed).toBe(1);
    request.unsend();
    request.unsend();
    request.send(3);
    expect(request.owed).toBe(1);
  });

  test('may be tried as often as its patience says', () => {
    const request = made();
    expect(request.hasAttempts).toBe(true);
    request.attempts = 1;
    expect(request.hasAttempts).toBe(true);
    request.attempts = 2;
    expect(request.hasAttempts).toBe(false);
  });
});
