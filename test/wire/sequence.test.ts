/**
 * Sequence: the frame that says where a message stands is read as it was written, and nothing else is.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeSequence, EPOCH_BYTES, encodeSequence } from '../../src/wire/sequence.ts';
import { hex, join } from '../support/wire.ts';

const epoch = hex('00 01 7f 80 fe ff 0a c3');

describe('a sequence', () => {
  test('is the epoch, and the number as 8 bytes, the most significant first', () => {
    const frame = encodeSequence(epoch, 0x01_02_03_04_05_06);
    expect(new Uint8Array(frame)).toEqual(join(epoch, hex('0000 0102 0304 0506')));
  });

  test('is read as it was written, whatever the epoch and the number', () => {
    const epochs = fc.uint8Array({ minLength: EPOCH_BYTES, maxLength: EPOCH_BYTES });
    const property = fc.property(epochs, fc.maxSafeNat(), (own, first) => {
      const read = decodeSequence(encodeSequence(own, first));
      expect(read).toEqual({ epoch: Buffer.from(own).toString('latin1'), first });
    });
    fc.assert(property);
  });

  test('tells two epochs apart that differ in one bit', () => {
    const other = epoch.with(7, 0xc2);
    const [one, two] = [encodeSequence(epoch, 1), encodeSequence(other, 1)].map(decodeSequence);
    expect(one?.epoch).not.toBe(two?.epoch);
    expect(one?.epoch).toHaveLength(EPOCH_BYTES);
  });

  test('is read where it lies in the middle of other bytes', () => {
    const all = join(hex('ffff ff'), encodeSequence(epoch, 77), hex('ffff'));
    expect(decodeSequence(all.subarray(3, 19))).toMatchObject({ first: 77 });
  });
});

describe('no sequence is', () => {
  test.for([
    ['no frame at all', undefined],
    ['an empty one', new Uint8Array(0)],
    ['a byte too few', encodeSequence(epoch, 5).subarray(1)],
    ['a byte too many', join(encodeSequence(epoch, 5), hex('00'))],
    ['a number that cannot be counted on', join(epoch, hex('0020 0000 0000 0000'))],
    ['the greatest number', join(epoch, hex('ffff ffff ffff ffff'))],
  ] as const)('%s', ([, frame]) => {
    expect(decodeSequence(frame)).toBeUndefined();
  });

  test('the last number that can be counted on is one', () => {
    const frame = join(epoch, hex('001f ffff ffff ffff'));
    expect(decodeSequence(frame)).toMatchObject({ first: Number.MAX_SAFE_INTEGER });
  });
});
