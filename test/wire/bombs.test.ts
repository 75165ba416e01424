/**
 * Bombs: small messages that ask for much work or memory. The time they take stays linear.
 */
import { describe, expect, test } from 'vitest';
import { BATCH_BYTES, BATCH_ROOM } from '../../src/wire/batch.ts';
import { meet } from '../support/hostile.ts';
import { reasons } from '../support/profile.ts';
import { batchOf, head, hex, itemOf, join, unpack } from '../support/wire.ts';

/** Makes a frame of some `size` bytes. */
type Bomb = (size: number) => Uint8Array;

const repeated = (item: Uint8Array, count: number): Uint8Array =>
  new Uint8Array(Buffer.alloc(item.length * count, item));

/** An array that is filled with copies of one item. */
const arrayOf =
  (item: Uint8Array): Bomb =>
  (size) => {
    const count = Math.floor(size / item.length);
    return join(head(4, count), repeated(item, count));
  };

/** Items made from their number, in an array or in what `opening` makes of it. */
const series =
  (
    make: (i: number) => Uint8Array,
    opening = (count: number): Uint8Array => head(4, count),
  ): Bomb =>
  (size) => {
    const count = Math.floor(size / make(1).length);
    const items = Array.from({ length: count }, (_, i) => make(i));
    return join(opening(count), new Uint8Array(Buffer.concat(items)));
  };

const deepArray = join(repeated(hex('81'), 31), hex('80'));
const set = (count: number): Uint8Array => join(hex('d90102'), head(4, count));
const map = (count: number): Uint8Array => join(hex('d90103'), head(5, count));
const object = (count: number): Uint8Array => head(5, count);

/** A bignum of twelve bytes: V8 hashes the low 64 bits only, and they are always the same. */
const sameLow = (i: number): Uint8Array =>
  join(hex('c2 4c'), head(0, i, 4).slice(1), hex('0000000000000001'));

/** Small integers whose hash in V8 ends in 16 zeros: that hash has no seed, and can be undone. */
const alike = Array.from({ length: 1 << 16 }, (_, i) => {
  let hash = Math.imul(i, 0x10000);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, inverse(2057));
  hash = [4, 8, 12, 16, 20, 24, 28].reduce((all, by) => all ^ (hash >>> by), hash);
  hash = Math.imul(hash, inverse(5));
  hash ^= (hash >>> 12) ^ (hash >>> 24);
  return Math.imul(hash + 1, inverse(0x7fff)) >>> 0;
}).filter((integer) => integer < 2 ** 31);
const sameHash = (i: number): Uint8Array => head(0, alike[i % alike.length] ?? 0, 4);

/** What undoes a multiplication by an odd number, modulo 2 to the 32. */
function inverse(odd: number): number {
  let found = odd;
  for (let i = 0; i < 5; i += 1) found = Math.imul(found, 2 - Math.imul(odd, found));
  return found;
}

const bombs: readonly (readonly [name: string, bomb: Bomb])[] = [
  ['empty maps', arrayOf(hex('a0'))],
  ['empty arrays', arrayOf(hex('80'))],
  ['empty texts', arrayOf(hex('60'))],
  ['empty byte strings', arrayOf(hex('40'))],
  ['empty sets', arrayOf(hex('d9 0102 80'))],
  ['empty tagged maps', arrayOf(hex('d9 0103 a0'))],
  ['arrays as deep as they may be', arrayOf(deepArray)],
  ['bignums of 64 bytes', arrayOf(join(hex('c2'), itemOf(new Uint8Array(64).fill(255))))],
  ['integers of eight bytes', arrayOf(hex('1b 0000000000000001'))],
  ['bare dates', arrayOf(hex('c1 00'))],
  ['texts that are not ASCII', arrayOf(hex('62 c3a4'))],
  ['texts, ASCII and not in turn', arrayOf(hex('61 61 62 c3a4'))],
  ['texts and byte strings in turn', arrayOf(hex('61 61 41 60'))],
  ['one text', (size) => itemOf('x'.repeat(size))],
  ['one text that is not ASCII', (size) => itemOf('ä'.repeat(size / 2))],
  [
    'text that turns out invalid at its end',
    (size) => {
      return join(head(3, size), repeated(hex('61'), size - 1), hex('ff'));
    },
  ],
  [
    'keys that are all different',
    series((i) => join(itemOf(`k${i}`.padEnd(9)), hex('01')), object),
  ],
  ['keys that are numbers', series((i) => join(head(0, i * 65_537, 4), hex('01')), object)],
  ['one key again and again', series(() => hex('61 61 01'), object)],
  ['members that are texts', series((i) => itemOf(`m${i}`.padEnd(9)), set)],
];

const collisions: readonly (readonly [name: string, bomb: Bomb])[] = [
  ['a set of bignums that hash alike', series(sameLow, set)],
  ['a tagged map of bignums that hash alike', series((i) => join(sameLow(i), hex('01')), map)],
  ['a set of integers that hash alike', series(sameHash, set)],
];

/** How often a reading that seems too long is tried again: it may have been the machine that was busy. */
const TRIES = 100;

/** The time of one reading, the best of several, in milliseconds. Stops once that is `enough`. */
function bestMs(frame: Uint8Array, runs: number, enough = 0): number {
  let best = Infinity;
  for (let run = 0; run < runs && best > enough; run += 1) {
    const began = performance.now();
    unpack(frame);
    best = Math.min(best, performance.now() - began);
  }
  return best;
}

/**
 * Sixteen times the bytes take at most 64 times as long: quadratic work would take 256 times as long.
 * Both are small, so that what is measured is the reading and not the garbage collector.
 */
function expectLinear(bomb: Bomb): void {
  const [small, large] = [bomb(1 << 12), bomb(BATCH_ROOM - 10)];
  const atMostMs = 64 * Math.max(bestMs(small, 10), 0.3);
  expect(bestMs(large, TRIES, atMostMs)).toBeLessThanOrEqual(atMostMs);
}

describe('a bomb takes time that is linear in its length', () => {
  test.each(bombs)('%s, in one value', (_, bomb) => {
    expectLinear(bomb);
    const mebibyte = bomb(1 << 20);
    expect(bestMs(mebibyte, 3, 1500)).toBeLessThanOrEqual(1500);
    meet(bomb(1 << 14));
  });

  test.each(bombs)('%s, as one of the values of a batch', (_, bomb) => {
    expectLinear((size) => batchOf(hex('01'), bomb(size), hex('02')));
    meet(batchOf(bomb(1 << 14)));
  });

  test.each(collisions)('%s', (_, bomb) => {
    expectLinear(bomb);
  });

  test('a batch of as many empty values as fit', () => {
    for (const item of ['a0', '80', '60', '40', 'f6', '00', 'd9 0102 80', 'd9 0103 a0']) {
      const values = (size: number): Uint8Array =>
        batchOf(repeated(hex(item), Math.floor(size / hex(item).length)));
      const full = values(BATCH_ROOM);
      expect(full.length).toBeGreaterThan(BATCH_BYTES - 5);
      expect(meet(full).fault).toBeUndefined();
      expect(meet(full).values).toHaveLength((full.length - 5) / hex(item).length);
      expectLinear(values);
    }
  });
});

describe('a bomb is refused before anything is made of it', () => {
  const openings: readonly (readonly [name: string, digits: string])[] = [
    ['arrays', '81'],
    ['maps', 'a1 00'],
    ['tagged maps', 'd9 0103 a1 00'],
    ['sets', 'd9 0102 81'],
    ['date tags', 'c1'],
    ['bignum tags', 'c2'],
    ['tags of references', 'd8 1c'],
    ['indefinite arrays', '9f'],
    ['batches', 'd9 b10c 9f'],
    ['arrays of many', '9a 0000ffff'],
  ];

  test.each(openings)('%s in one another without end', (_, digits) => {
    const opening = hex(digits);
    for (const count of [40, 10_000, Math.floor((1 << 20) / opening.length)]) {
      const bomb = repeated(opening, count);
      const { values, fault } = meet(bomb);
      expect(values).toEqual([]);
      expect(fault).toBeTypeOf('string');
      if (bomb.length < 60_000) expect(meet(batchOf(hex('01'), bomb)).values).toEqual([1]);
    }
    expect(bestMs(repeated(opening, 200_000), 3)).toBeLessThan(100);
  });

  test.each([2, 3, 4, 5])('lengths beyond what follows, of major type %i', (major) => {
    for (const length of [9, 2 ** 16, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53, 2n ** 63n]) {
      const item = join(head(major, length), hex('00 00 00 00 00 00 00 00'));
      const reason = length < 2 ** 32 ? reasons.truncated : reasons.notDefinite;
      expect(meet(item)).toEqual({ values: [], fault: reason });
      expect(meet(batchOf(hex('01'), item)).values).toEqual([1]);
      expect(meet(join(hex('81'), item)).values).toEqual([]);
    }
  });

  test('counts that only fit if one container may use the bytes of another', () => {
    const bomb = join(
      ...Array.from({ length: 30 }, () => head(4, 4000)),
      repeated(hex('00'), 4100),
    );
    expect(meet(bomb).values).toEqual([]);
    expect(meet(batchOf(bomb)).values).toEqual([]);
  });

  test('magnitudes of a bignum beyond 64 bytes, at once however long', () => {
    const long = (size: number): Uint8Array =>
      join(hex('c2'), itemOf(new Uint8Array(size).fill(255)));
    expect(meet(long(1 << 20)).fault).toBe(reasons.longBignum);
    expect(bestMs(long(1 << 20), 3)).toBeLessThan(5);
    const inArrays = join(repeated(hex('81'), 30), long(1 << 20));
    expect(meet(inArrays).fault).toBe(reasons.longBignum);
  });
});
