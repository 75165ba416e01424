/**
 * Tags, line by line: which are let in, around what, and which are refused.
 */
import { describe, expect, test } from 'vitest';
import { meet } from '../support/hostile.ts';
import { expectRead, expectRefused, reasons } from '../support/profile.ts';
import { head, hex, join } from '../support/wire.ts';

describe('tags', () => {
  const refused: readonly (readonly [name: string, digits: string])[] = [
    ['4, a decimal fraction', 'c4 82 20 05'],
    ['5, a bigfloat', 'c5 82 20 05'],
    ['6, a packed reference', 'c6 01'],
    ['14, a bundled string', 'ce 01'],
    ['15, a bundled string', 'cf 01'],
    ['25, a string reference', 'd8 19 00'],
    ['27, a RegExp', 'd8 1b 83 66 526567457870 68 28612b292b24 60'],
    ['27, an Error', 'd8 1b 82 65 4572726f72 61 78'],
    ['28, a shared value', 'd8 1c 80'],
    ['29, a reference to a shared value', 'd8 1d 00'],
    ['28 and 29, a cycle', 'd8 1c 81 d8 1d 00'],
    ['30, a rational', 'd8 1e 82 01 02'],
    ['51, a packed table', 'd8 33 84 81 01 80 80 e0'],
    ['105, a record', 'd8 69 82 19 e000 81 61 61'],
    ['225, a packed prefix', 'd8 e1 61 61'],
    ['256, a namespace of strings', 'd9 0100 80'],
    ['0xdff9, bundled strings', 'd9 dff9 82 1a 00000000 60'],
    ['0xdffe, record definitions', 'd9 dffe 83 19 e000 81 61 61 01'],
    ['0xdfff, a record', 'd9 dfff 83 19 e000 81 61 61 01'],
    ['0xe000, an instance of a record', 'd9 e000 81 01'],
    ['24, CBOR in a byte string', 'd8 18 41 01'],
    ['55799, self-described CBOR', 'd9 d9f7 01'],
    ['0xb10c, a batch inside a value', 'd9 b10c 82 01 02'],
    ['0x53687264, shared data', 'da 53687264 01'],
    ['of eight bytes', 'db 0000000100000000 01'],
  ];
  test.each(refused)('%s is refused', (_, digits) => {
    expectRefused(hex(digits), reasons.badTag);
  });

  test('a batch inside a value is refused', () => {
    expect(meet(hex('81 d9 b10c 9f 01 02 ff')).fault).toBe(reasons.badTag);
    expect(meet(hex('a1 61 61 d9 b10c 9f 01 02 ff')).fault).toBe(reasons.badTag);
  });

  test('a tag may be written in more bytes than it needs', () => {
    expectRead(hex('da 00000102 81 01'), new Set([1]));
    expectRead(hex('db 0000000000000102 81 01'), new Set([1]));
    expectRead(hex('d9 0001 00'), new Date(0));
  });

  test.each([64, 65, 66, 67, 69, 70, 71, 72, 73, 77, 78, 79, 81, 85, 86])(
    'typed array %i is refused, except for plain bytes',
    (tag) => {
      const item = join(head(6, tag), hex('48 0102030405060708'));
      if (tag === 64) expectRead(item, new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]));
      else expectRefused(item, reasons.badTag);
    },
  );

  test.each([
    ['date text around a number', 'c0 01'],
    ['date text around bytes', 'c0 41 31'],
    ['date seconds around text', 'c1 61 31'],
    ['date seconds around an array', 'c1 80'],
    ['date seconds around null', 'c1 f6'],
    ['bignum around a number', 'c2 01'],
    ['bignum around text', 'c2 61 31'],
    ['bignum around a bignum', 'c2 c2 41 01'],
    ['negative bignum around an array', 'c3 81 01'],
    ['bytes around text', 'd8 40 61 61'],
    ['bytes around an array', 'd8 40 81 01'],
    ['set around a map', 'd9 0102 a0'],
    ['set around a set', 'd9 0102 d9 0102 80'],
    ['set around a number', 'd9 0102 01'],
    ['map around an array', 'd9 0103 80'],
    ['map around text', 'd9 0103 61 61'],
    ['map around a map tag', 'd9 0103 d9 0103 a0'],
    ['map around null', 'd9 0103 f6'],
  ])('%s is refused', (_, digits) => {
    expectRefused(hex(digits), reasons.badTag);
  });

  test('a tag with nothing behind it is cut short', () => {
    for (const digits of ['c0', 'c1', 'c2', 'd8 40', 'd9 0102', 'd9 0103', 'd9 b10c', 'd9']) {
      expect(meet(hex(digits))).toEqual({ values: [], fault: reasons.truncated });
    }
  });

  test('a map that is tagged keeps keys of every type, and its members stay objects', () => {
    const map = hex('d9 0103 a3 01 a1 61 61 01 80 02 f6 d9 0103 a0');
    const read = meet(map).values[0] as Map<unknown, unknown>;
    expect([...read]).toStrictEqual([
      [1, { a: 1 }],
      [[], 2],
      [null, new Map()],
    ]);
  });
});
