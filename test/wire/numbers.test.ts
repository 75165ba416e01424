/**
 * Dates, bignums, integers and floats of other libraries: exact, however they are written.
 */
import { describe, expect, test } from 'vitest';
import { MAX_BIGNUM_BYTES } from '../../src/wire/scan.ts';
import { meet } from '../support/hostile.ts';
import { expectRead, expectRefused, reasons } from '../support/profile.ts';
import { batchOf, head, hex, itemOf, join } from '../support/wire.ts';

describe('dates', () => {
  test('come as text or as seconds, whole or broken, before 1970 too', () => {
    expectRead(join(hex('c0'), itemOf('2013-03-21T20:04:00Z')), new Date(1363896240000));
    expectRead(hex('c1 1a 514b67b0'), new Date(1363896240000));
    expectRead(hex('c1 fb 41d452d9ec200000'), new Date(1363896240500));
    expectRead(hex('c1 20'), new Date(-1000));
    expectRead(hex('c1 f9 3c00'), new Date(1000));
    expectRead(hex('c1 fa 3f800000'), new Date(1000));
  });

  test.each(['c1 1b 00000001c5e2a400', 'c1 3b 0000000000000000'])(
    '%s, of seconds in eight bytes, is a fault',
    (bytes) => {
      expect(meet(hex(bytes))).toMatchObject({
        values: [],
        fault: expect.stringContaining('a tag'),
      });
    },
  );

  test('that are none arrive as invalid dates', () => {
    const { values, fault } = meet(batchOf(hex('c0 61 78'), hex('c1 f9 7e00')));
    expect(fault).toBeUndefined();
    expect(values.map((date) => (date as Date).getTime())).toEqual([Number.NaN, Number.NaN]);
  });
});

describe('bignums', () => {
  test('are exact up to their longest', () => {
    const ones = new Uint8Array(MAX_BIGNUM_BYTES).fill(0xff);
    const most = (1n << BigInt(8 * MAX_BIGNUM_BYTES)) - 1n;
    expectRead(join(hex('c2'), itemOf(ones)), most);
    expectRead(join(hex('c3'), itemOf(ones)), -most - 1n);
  });

  test('of more bytes are refused, however their length is written', () => {
    const long = new Uint8Array(MAX_BIGNUM_BYTES + 1).fill(1);
    for (const sign of ['c2', 'c3']) {
      expectRefused(join(hex(sign), itemOf(long)), reasons.longBignum);
      expectRefused(join(hex(sign), itemOf(new Uint8Array(1 << 15))), reasons.longBignum);
      for (const width of [2, 4, 8]) {
        expectRefused(join(hex(sign), head(2, 3, width), hex('010203')), reasons.longBignum);
      }
      expect(meet(join(hex(sign), head(2, 2 ** 32 - 1))).fault).toBe(reasons.longBignum);
      expect(meet(join(hex(sign), hex('5f 41 01 ff'))).fault).toBe(reasons.longBignum);
    }
  });

  test('that a number can hold arrive as that number, as integers do', () => {
    expectRead(hex('c2 41 05'), 5);
    expectRead(hex('c3 41 05'), -6);
    expectRead(hex('c2 40'), 0);
  });
});

describe('integers', () => {
  test.each([
    ['1b 0000000000000005', 5],
    ['1b 001fffffffffffff', Number.MAX_SAFE_INTEGER],
    ['1b 0020000000000000', 2n ** 53n],
    ['1b ffffffffffffffff', 2n ** 64n - 1n],
    ['3b 0000000000000000', -1],
    ['3b 000000012a05f200', -5000000001],
    ['3b 001ffffffffffffe', Number.MIN_SAFE_INTEGER],
    ['3b 001fffffffffffff', -(2n ** 53n)],
    ['3b ffffffffffffffff', -(2n ** 64n)],
    ['3a ffffffff', -4294967296],
    ['39 ffff', -65536],
    ['38 ff', -256],
    ['18 05', 5],
  ])('%s is exact, and a number if one can hold it', (digits, value) => {
    expectRead(hex(digits), value);
    expect(meet(join(hex('d9 0103 a1'), hex(digits), hex(digits))).values).toStrictEqual([
      new Map([[value, value]]),
    ]);
    expect(meet(join(hex('d9 0102 81'), hex(digits))).values).toStrictEqual([new Set([value])]);
  });
});

describe('floats', () => {
  test.each([
    ['f9 3c00', 1],
    ['f9 0001', 2 ** -24],
    ['f9 7bff', 65504],
    ['f9 7c00', Infinity],
    ['f9 fc00', -Infinity],
    ['f9 7e00', Number.NaN],
    ['fa 7f7fffff', 3.4028234663852886e38],
    ['fb 3ff199999999999a', 1.1],
    ['fb 7ff8000000000001', Number.NaN],
  ])('%s, of any width, is exact', (digits, value) => {
    expectRead(hex(digits), value);
  });
});
