/**
 * Lengths, text, simple values, keys and depth: what is let in and what is refused.
 */
import { describe, expect, test } from 'vitest';
import { MAX_DEPTH, MAX_HASHED_KEYS } from '../../src/wire/scan.ts';
import { meet } from '../support/hostile.ts';
import { expectRead, expectRefused, reasons } from '../support/profile.ts';
import { expectSame } from '../support/same.ts';
import { batchOf, head, hex, itemOf, join } from '../support/wire.ts';

describe('lengths', () => {
  test.each(['5f 41 61 ff', '7f 61 61 ff', '9f 01 ff', 'bf 61 61 01 ff', '9f ff', 'bf ff'])(
    '%s, indefinite, is refused',
    (digits) => expectRefused(hex(digits), reasons.notDefinite),
  );

  test('a lone break is refused wherever it stands', () => {
    expect(meet(hex('ff')).fault).toBe(reasons.notDefinite);
    expect(meet(hex('82 01 ff')).fault).toBe(reasons.notDefinite);
    expect(meet(hex('a1 ff 01')).fault).toBe(reasons.notDefinite);
    expect(meet(hex('a1 61 61 ff')).fault).toBe(reasons.notDefinite);
    expect(meet(batchOf(hex('01'), hex('ff'), hex('02')))).toEqual({
      values: [1],
      fault: reasons.notDefinite,
    });
  });

  test('reserved lengths are refused for every major type', () => {
    for (let major = 0; major < 8; major += 1) {
      for (const reserved of [28, 29, 30]) {
        const item = Uint8Array.of((major << 5) | reserved, 0, 0, 0, 0);
        expect(meet(item)).toEqual({ values: [], fault: reasons.notDefinite });
      }
    }
  });

  test('lengths may be written in more bytes than they need, up to four', () => {
    for (const width of [1, 2, 4]) {
      expectRead(join(head(2, 2, width), hex('0102')), new Uint8Array([1, 2]));
      expectRead(join(head(4, 2, width), hex('0102')), [1, 2]);
      expectRead(join(head(5, 1, width), hex('61 61 02')), { a: 2 });
      expectRead(join(head(3, 2, width), hex('61 62')), 'ab');
    }
  });

  test('lengths of eight bytes are refused: the native part of cbor-x does not know them', () => {
    for (const major of [2, 3, 4, 5]) {
      expectRefused(join(head(major, 1, 8), hex('61 61')), reasons.notDefinite);
    }
    const long = itemOf('x'.repeat(200));
    const wide = join(head(3, 2, 8), hex('6162'));
    expect(meet(batchOf(long, hex('01'), wide))).toEqual({
      values: ['x'.repeat(200), 1],
      fault: reasons.notDefinite,
    });
  });
});

describe('text', () => {
  test.each([
    ['overlong, of two bytes', '62 c080'],
    ['overlong, of three bytes', '63 e08080'],
    ['overlong, of four bytes', '64 f0808080'],
    ['a high surrogate', '63 eda080'],
    ['a low surrogate', '63 edbfbf'],
    ['a pair of surrogates', '66 eda081edb080'],
    ['beyond Unicode', '64 f4908080'],
    ['cut within a character', '62 e282'],
    ['a lone continuation', '61 80'],
    ['an invalid byte', '61 ff'],
    ['an invalid byte after much that is valid', `78 46 ${'61'.repeat(69)} fe`],
  ])('%s is refused', (_, digits) => {
    expectRefused(hex(digits), reasons.badText);
  });

  test('a key that is not valid text is refused', () => {
    expect(meet(hex('a1 61 80 01')).fault).toBe(reasons.badText);
  });

  test('a character may not begin in one text and end in the next', () => {
    expect(meet(hex('82 62 61e2 62 82ac')).fault).toBe(reasons.badText);
    expect(meet(hex('62 c3 61')).fault).toBe(reasons.badText);
  });
});

describe('simple values', () => {
  test('are false, true, null and undefined', () => {
    expectRead(hex('f4'), false);
    expectRead(hex('f5'), true);
    expectRead(hex('f6'), null);
    expectRead(hex('f7'), undefined);
  });

  test('others are refused, in one byte or in two', () => {
    for (let value = 0; value < 20; value += 1) {
      expectRefused(Uint8Array.of(0xe0 | value), reasons.badSimple);
    }
    for (const value of [0, 20, 21, 22, 23, 24, 31, 32, 255]) {
      expectRefused(Uint8Array.of(0xf8, value), reasons.badSimple);
    }
  });
});

describe('keys', () => {
  test('that name the prototype pollute nothing', () => {
    const proto = hex('a1 69 5f5f70726f746f5f5f a1 68 706f6c6c75746564 f5');
    for (const frame of [proto, batchOf(proto, proto), join(hex('81'), proto)]) {
      const { values } = meet(frame);
      const read = values.flat()[0] as object;
      expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
      expect(Reflect.get(read, 'polluted')).toBeUndefined();
      expect(Reflect.get({}, 'polluted')).toBeUndefined();
    }
    const path = hex('a1 6b 636f6e7374727563746f72 a1 69 70726f746f74797065 a1 61 70 01');
    expect(meet(path).values).toEqual([{ constructor: { prototype: { p: 1 } } }]);
    expect(Reflect.get({}, 'p')).toBeUndefined();
  });

  test('of an untagged map are names: numbers and simple values become text', () => {
    const map = hex('a5 01 61 61 fb 3ff8000000000000 02 f5 03 f6 04 1b 0000000000000007 05');
    expect(meet(map).values).toEqual([{ 1: 'a', 1.5: 2, true: 3, null: 4, 7: 5 }]);
  });

  test('that cannot be names are a fault, after the values before them', () => {
    for (const key of ['41 01', '80', 'a0', 'c1 01', 'd9 0102 80', 'd9 0103 a0']) {
      const map = join(hex('a1'), hex(key), hex('01'));
      expect(meet(map)).toEqual({ values: [], fault: 'Invalid property name type object' });
      const { values, fault } = meet(batchOf(hex('01'), hex('61 62'), map, hex('02')));
      expect(values).toEqual([1, 'b']);
      expect(fault).toBe('Invalid property name type object');
    }
  });
});

describe('depth', () => {
  const nested = (opening: string, depth: number, core: string): Uint8Array =>
    hex(`${opening.repeat(depth)} ${core}`);

  test.each([
    ['arrays', '81'],
    ['maps', 'a1 61 61'],
    ['tagged maps', 'd9 0103 a1 01'],
    ['sets', 'd9 0102 81'],
  ])('%s may stand in one another to the greatest depth and no deeper', (_, opening) => {
    const perLevel = opening.startsWith('d9') ? 2 : 1;
    const most = MAX_DEPTH / perLevel;
    expect(meet(nested(opening, most, '01')).fault).toBeUndefined();
    expectTooDeep(nested(opening, most + 1, '01'));
    expectTooDeep(nested(opening, 5000, '01'));
  });

  test('an empty container at the bottom does not count', () => {
    expect(meet(nested('81', MAX_DEPTH, '80')).fault).toBeUndefined();
    expect(meet(nested('81', MAX_DEPTH, '81 01')).fault).toBe(reasons.tooDeep);
  });

  test('what is deep is read right, down to its last member', () => {
    let value: unknown = 'bottom';
    for (let i = 0; i < MAX_DEPTH; i += 1) value = i % 2 === 0 ? [value, i] : { in: value, i };
    const item = itemOf(value);
    expect(meet(item).values).toEqual([value]);
    expect(meet(batchOf(item, item)).values).toEqual([value, value]);
  });

  function expectTooDeep(item: Uint8Array): void {
    expect(meet(item)).toEqual({ values: [], fault: reasons.tooDeep });
    expect(meet(batchOf(hex('07'), item))).toEqual({ values: [7], fault: reasons.tooDeep });
  }
});

const SOME_KEYS = MAX_HASHED_KEYS / 4; // Of several Sets the squares add up.

describe('keys of Sets and Maps', () => {
  const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
  const integers = (count: number): Uint8Array => join(...numbers(count).map((i) => head(0, i, 2)));
  const pairs = (count: number): Uint8Array =>
    join(...numbers(count).map((i) => join(head(0, i, 2), hex('61 76'))));
  const set = (count: number): Uint8Array => join(hex('d9 0102'), head(4, count), integers(count));
  const map = (count: number): Uint8Array => join(hex('d9 0103'), head(5, count), pairs(count));

  test('may be many, but not too many, if they are not text', () => {
    expectRead(set(MAX_HASHED_KEYS), new Set(numbers(MAX_HASHED_KEYS)));
    expectRead(map(MAX_HASHED_KEYS), new Map(numbers(MAX_HASHED_KEYS).map((i) => [i, 'v'])));
    for (const item of [set(MAX_HASHED_KEYS + 1), map(MAX_HASHED_KEYS + 1)]) {
      expectRefused(item, reasons.manyKeys);
    }
  });

  test('are counted for each Set and Map alone, and only those that are not text', () => {
    const many = numbers(2 * MAX_HASHED_KEYS);
    const texts = many.map((i) => `k${i}`);
    const value = {
      texts: new Set(texts),
      values: new Map(texts.map((text, i) => [text, i])),
      list: many,
      two: [new Set(many.slice(0, SOME_KEYS)), new Set(many.slice(0, SOME_KEYS))],
      mixed: new Set([...texts, ...many.slice(0, SOME_KEYS)]),
      inner: new Map([[new Set(many.slice(1, SOME_KEYS)), new Set(many.slice(5, 10))]]),
      object: Object.fromEntries(many.map((i) => [i, i])),
    };
    expectSame(meet(itemOf(value)), { values: [value], fault: undefined });
  });
});
