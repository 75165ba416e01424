/**
 * Round trips: what a packer accepts comes back equal and in order, however it was dealt and read.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BATCH_BYTES, BATCH_ROOM } from '../../src/wire/batch.ts';
import { meet } from '../support/hostile.ts';
import { expectSame } from '../support/same.ts';
import { arrived, values } from '../support/values.ts';
import { itemOf, pack, unpack } from '../support/wire.ts';

/** Sends the values through a packer and an unpacker. */
function travel(sent: readonly unknown[], deal = 1, limit = 128, copy = false): unknown[] {
  return pack(sent, { deal }).flatMap(({ frame, count }) => {
    const { values: read, fault } = unpack(frame, { limit, copy });
    expect(fault).toBeUndefined();
    expect(read).toHaveLength(count);
    return read;
  });
}

/** Whether any byte string within shares memory with the frame. */
function shares(value: unknown, frame: Uint8Array): boolean {
  if (value instanceof Uint8Array) return value.length > 0 && value.buffer === frame.buffer;
  if (typeof value !== 'object' || value === null) return false;
  const members = value instanceof Map ? [...value].flat() : [...iterable(value)];
  return members.some((member) => shares(member, frame));
}

function iterable(value: object): Iterable<unknown> {
  if (value instanceof Set || Array.isArray(value)) return value as Iterable<unknown>;
  return Object.values(value);
}

describe('what is packed', () => {
  test('comes back equal, alone', () => {
    const one = fc.property(values, fc.boolean(), (value, copy) => {
      expectSame(travel([value], 1, 128, copy), [arrived(value)]);
    });
    fc.assert(one, { numRuns: 600 });
  });

  test('comes back equal and in order, however it is dealt and read', () => {
    const many = fc.property(
      fc.array(values, { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 1, max: 10 }),
      fc.integer({ min: 1, max: 40 }),
      fc.boolean(),
      (sent, deal, limit, copy) => {
        expectSame(travel(sent, deal, limit, copy), sent.map(arrived));
      },
    );
    fc.assert(many, { numRuns: 300 });
  });

  test('leaves good messages readable', () => {
    const one = fc.property(values, (value) => void meet(itemOf(value)));
    fc.assert(one, { numRuns: 200 });
  });

  test('as integers beyond 2^53 and up to 64 bytes is exact, anywhere in a value', () => {
    const big = fc.bigInt({ min: -(1n << 512n), max: (1n << 512n) - 1n });
    const property = fc.property(big, (integer) => {
      const value = { a: [integer], m: new Map([[integer, integer]]), s: new Set([integer]) };
      expectSame(
        travel([value, integer, [1, integer]]),
        [value, integer, [1, integer]].map(arrived),
      );
    });
    fc.assert(property, { numRuns: 200 });
  });

  test('as a BigInt that a number can hold arrives as that number, anywhere in a value', () => {
    const value = {
      plain: 5n,
      list: [1n, [-1n]],
      map: new Map<unknown, unknown>([
        [2n, 3n],
        ['x', { y: 4n }],
      ]),
      set: new Set([6n, 1n << 60n]),
      most: 2n ** 53n - 1n,
      least: -(2n ** 53n) + 1n,
      beyond: 2n ** 53n,
    };
    expectSame(travel([value, 7n]), [
      {
        plain: 5,
        list: [1, [-1]],
        map: new Map<unknown, unknown>([
          [2, 3],
          ['x', { y: 4 }],
        ]),
        set: new Set([6, 1n << 60n]),
        most: Number.MAX_SAFE_INTEGER,
        least: Number.MIN_SAFE_INTEGER,
        beyond: 2n ** 53n,
      },
      7,
    ]);
  });

  test('as -0 arrives as 0, as the only number that does not stay what it was', () => {
    expectSame(travel([-0, [-0]]), [0, [0]]);
  });

  test('as an invalid date stays one', () => {
    const [date] = travel([new Date(Number.NaN)]);
    expect(date).toBeInstanceOf(Date);
    expect((date as Date).getTime()).toBeNaN();
  });

  test('with holes, without a prototype or as a class has the values, and no more', () => {
    const bare: object = Object.assign(Object.create(null) as object, { a: 1 });
    const point = new (class Point {
      x = 1;
    })();
    const holes: unknown[] = [1];
    holes[2] = 3;
    expectSame(travel([bare, point, holes]), [{ a: 1 }, { x: 1 }, [1, undefined, 3]]);
  });

  test('under the key __proto__ arrives under one that harms nobody', () => {
    const value: unknown = JSON.parse('{ "__proto__": { "a": 1 }, "b": 2 }');
    const [read] = travel([value]) as [object];
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
    expectSame(read, { __proto_: { a: 1 }, b: 2 });
  });

  test('under the key constructor, hasOwnProperty or toJSON stays data', () => {
    const value = { constructor: 'c', hasOwnProperty: 1, toJSON: null, toString: [], length: 3 };
    expectSame(travel([value, [value]]), [value, [value]]);
  });

  // Of text longer than 64 bytes cbor-x takes it off where its native part is not installed.
  test('as short text that begins with a byte order mark keeps it', () => {
    const mark = '\ufeff';
    const sent = [mark, `${mark}a`, [mark, mark]];
    expectSame(travel(sent), sent);
  });
});

describe('byte strings', () => {
  const edges = [0, 1, 23, 24, 255, 256, 65_535, 65_536, 100_000];
  const room = [-9, -6, -5, -4, -3, -2, -1, 0, 1].map((by) => BATCH_ROOM + by);
  const sizes = [...edges, ...room, BATCH_BYTES - 1, BATCH_BYTES + 1];
  const bytes = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, i) => i * 7);

  test.each(sizes)('of %i bytes come back equal: alone, among others, nested', (size) => {
    const value = bytes(size);
    expectSame(travel([value]), [value]);
    const among = [1, value, 'text', value, value, { nested: value }, 2];
    for (const deal of [1, 3]) expectSame(travel(among, deal), among);
    expectSame(travel(among, 2, 1, true), among);
  });

  test('of any sizes, many at a time, come back equal and in order', () => {
    const lengths = fc.array(fc.oneof(fc.nat(300), fc.nat(70_000), fc.constantFrom(...sizes)), {
      maxLength: 30,
    });
    const property = fc.property(lengths, fc.integer({ min: 1, max: 10 }), (sent, deal) => {
      const read = travel(sent.map(bytes), deal) as Uint8Array[];
      expect(read.map(({ length }) => length)).toEqual(sent);
      expect(read.every((each) => each.every((byte, i) => byte === ((i * 7) & 255)))).toBe(true);
    });
    fc.assert(property, { numRuns: 60 });
  });

  test('may be Buffers, parts of larger ones, and arrive as plain Uint8Arrays', () => {
    const buffer = Buffer.from('all of it');
    const part = buffer.subarray(4, 6);
    expectSame(travel([buffer, part, { part }]), [
      new Uint8Array(buffer),
      new Uint8Array(part),
      { part: new Uint8Array(part) },
    ]);
  });

  test('are views of their frame, and with `copy` share no memory with it', () => {
    const binary = bytes(300);
    const sent = [binary, { binary }, [binary], new Map([[binary, binary]]), new Set([binary])];
    for (const value of sent) {
      for (const list of [[value], [value, value], [1, value, value, 2]]) {
        const frame = pack(list)[0]?.frame ?? new Uint8Array(0);
        expect(unpack(frame).values.some((read) => shares(read, frame))).toBe(true);
        expect(unpack(frame, { copy: true }).values.some((read) => shares(read, frame))).toBe(
          false,
        );
      }
    }
  });

  test('share no memory with each other when they are copies', () => {
    const binary = bytes(40);
    const frame = pack([binary, binary, [binary, binary]])[0]?.frame ?? new Uint8Array(0);
    const copies = unpack(frame, { copy: true }).values.flat() as Uint8Array[];
    expect(new Set(copies.map(({ buffer }) => buffer)).size).toBe(4);
  });
});
