/**
 * Tags: no two attempts of any broker have the same.
 */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { EPOCH_BYTES, encodeTag, sameBytes } from '../../src/broker/tag.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const epoch = fc.uint8Array({ minLength: EPOCH_BYTES, maxLength: EPOCH_BYTES });
const job = fc.integer({ min: 1, max: 2 ** 48 - 1 });
const attempt = fc.integer({ min: 1, max: 0xffff });

test('a tag is epoch, job and attempt, big-endian, and never an empty frame', () => {
  const tag = encodeTag(new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]), 0x0a0b0c0d0e0f, 0x1234);
  expect(hex(tag)).toBe('01020304050607080a0b0c0d0e0f1234');
  expect(hex(encodeTag(new Uint8Array(8), 1, 1))).toBe('00000000000000000000000000010001');
});

test('tags are the same only if all three are', () => {
  const one = fc.tuple(epoch, job, attempt);
  const property = fc.property(one, one, ([e1, j1, a1], [e2, j2, a2]) => {
    const isSame = hex(e1) === hex(e2) && j1 === j2 && a1 === a2;
    expect(sameBytes(encodeTag(e1, j1, a1), encodeTag(e2, j2, a2))).toBe(isSame);
    expect(sameBytes(encodeTag(e1, j1, a1), encodeTag(e1.slice(), j1, a1))).toBe(true);
  });
  fc.assert(property);
});

test('frames are compared byte by byte', () => {
  const property = fc.property(fc.uint8Array(), fc.uint8Array(), (one, other) => {
    expect(sameBytes(one, other)).toBe(hex(one) === hex(other));
    expect(sameBytes(one, one.slice())).toBe(true);
  });
  fc.assert(property);
});
