/**
 * Headers: what a broker reads is what was written, and what is no header is not taken for one.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeHeader, encodeHeader } from '../../src/broker/header.ts';

const id = fc.uint8Array({ minLength: 1, maxLength: 64 });
const priority = fc.integer({ min: 0, max: 255 });
const remainingMs = fc.oneof(
  fc.integer({ min: 0, max: 0xffff_fffe }),
  fc.constant(Number.POSITIVE_INFINITY),
);

describe('a header', () => {
  test('comes back as it was written', () => {
    const property = fc.property(fc.record({ id, priority, remainingMs }), (header) => {
      const back = decodeHeader(encodeHeader(header));
      expect(back && { ...back, id: Uint8Array.from(back.id) }).toEqual(header);
    });
    fc.assert(property);
  });

  test('looks as the table says', () => {
    const frame = encodeHeader({ id: new Uint8Array([0xaa]), priority: 7, remainingMs: 1000 });
    expect(Buffer.from(frame).toString('hex')).toBe('62726b0107000003e8aa');
    const endless = encodeHeader({ id: new Uint8Array([1]), priority: 0, remainingMs: Infinity });
    expect(Buffer.from(endless).toString('hex')).toBe('62726b0100ffffffff01');
  });

  test('rounds time up: it says 0 only if there is none left', () => {
    const msOf = (ms: number): number | undefined =>
      decodeHeader(encodeHeader({ id: new Uint8Array(1), priority: 0, remainingMs: ms }))
        ?.remainingMs;
    expect([0.01, 0, -5, 12.5].map(msOf)).toEqual([1, 0, 0, 13]);
    expect(msOf(2 ** 40)).toBe(Number.POSITIVE_INFINITY); // Seven weeks and more.
  });
});

test('an id may be 64 bytes long, and is read whole', () => {
  const long = new Uint8Array(64).fill(7);
  const header = { id: long, priority: 0, remainingMs: 1 };
  expect(decodeHeader(encodeHeader(header))?.id).toHaveLength(64);
});

describe('another frame', () => {
  test('is no header, whatever its bytes, unless it begins like one and has an id', () => {
    const property = fc.property(fc.uint8Array({ maxLength: 90 }), (frame) => {
      expect(decodeHeader(frame)).toBeUndefined();
    });
    fc.assert(property);
  });

  test.each([
    ['of a later version', '62726b0200000003e8aa'],
    ['without an id', '62726b0100000003e8'],
    ['with an id that is too long', `62726b0100000003e8${'aa'.repeat(65)}`],
    ['that is empty', ''],
  ])('%s is none', (_, digits) => {
    expect(decodeHeader(Buffer.from(digits, 'hex'))).toBeUndefined();
  });
});
