/**
 * Messages cut short at every byte: always a fault, and of a batch the values before it count.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { meet } from '../support/hostile.ts';
import { expectSame } from '../support/same.ts';
import { arrived, byteStrings, values } from '../support/values.ts';
import { batchOf, itemOf, join, unpack } from '../support/wire.ts';

const HEAD_BYTES = 4;
const BREAK = 0xff;

/** How many of the items, one after the other, end by `end`. */
function wholeItems(items: readonly Uint8Array[], end: number): number {
  let at = HEAD_BYTES;
  let count = 0;
  for (const item of items) {
    at += item.length;
    if (at > end) break;
    count += 1;
  }
  return count;
}

describe('a message cut short', () => {
  test('is a fault and gives nothing, if it was one bare value', () => {
    fc.assert(
      fc.property(values, fc.boolean(), (value, copy) => {
        const item = itemOf(value);
        // A long one is cut at every byte near its ends and at some in between.
        const step = Math.ceil(item.length / 400);
        for (let end = 0; end < item.length; end += step) {
          const { values: read, fault } = unpack(item.subarray(0, end), { copy });
          expect(fault).toBeTypeOf('string');
          expect(read).toEqual([]);
        }
        meet(item.subarray(0, item.length - 1), { copy });
      }),
      { numRuns: 150 },
    );
  });

  test('is a fault and gives the values before the cut, if it was a batch', () => {
    const short = fc.oneof(values, byteStrings).map(itemOf);
    const lists = fc.array(
      short.filter(({ length }) => length < 600),
      { minLength: 1, maxLength: 5 },
    );
    fc.assert(
      fc.property(lists, fc.integer({ min: 1, max: 10 }), (items, limit) => {
        const frame = batchOf(...items);
        const whole = unpack(frame).values;
        const step = Math.ceil(frame.length / 200);
        for (let end = 0; end < frame.length; end += step) {
          const cut = frame.slice(0, end);
          const { values: read, fault } = unpack(cut, { limit });
          expect(fault).toBeTypeOf('string');
          // The last byte of an item may look like the end of the batch: that item is lost as well.
          const count = wholeItems(items, cut.at(-1) === BREAK ? end - 1 : end);
          expectSame(read, whole.slice(0, count));
        }
        meet(frame.subarray(0, frame.length - 1), { limit });
      }),
      { numRuns: 100 },
    );
  });

  test('is a fault that says so, if only the end of the batch is missing', () => {
    const frame = batchOf(itemOf(1), itemOf('two'));
    expect(meet(frame.subarray(0, -1))).toEqual({
      values: [1, 'two'],
      fault: 'a batch without its end',
    });
  });

  test('is a fault wherever a value ends in the byte that ends a batch', () => {
    const items = [itemOf(1), itemOf(Uint8Array.of(BREAK)), itemOf(255), itemOf(Uint8Array.of(1))];
    const frame = batchOf(...items);
    for (let end = 0; end < frame.length; end += 1) {
      expect(meet(frame.subarray(0, end)).fault).toBeTypeOf('string');
    }
    expect(meet(frame).fault).toBeUndefined();
  });

  test('gives what a batch gave up to the value that makes no sense, wherever that is', () => {
    const bad = Uint8Array.of(0xc6, 0x01);
    const lists = fc.tuple(
      fc.array(values, { maxLength: 5 }),
      fc.array(values, { maxLength: 5 }),
      fc.integer({ min: 1, max: 8 }),
    );
    fc.assert(
      fc.property(lists, ([before, after, limit]) => {
        const frame = batchOf(...before.map(itemOf), bad, ...after.map(itemOf));
        fc.pre(frame.length <= 65_536);
        const { values: read, fault } = meet(frame, { limit });
        expectSame(read, before.map(arrived));
        expect(fault).toContain('a tag outside the profile');
      }),
      { numRuns: 300 },
    );
  });
});

describe('bytes after a value', () => {
  test('are a fault, if it stood bare, whatever they are', () => {
    const trail = fc.uint8Array({ minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(values, trail, (value, after) => {
        const item = itemOf(value);
        const { values: read, fault } = meet(join(item, after));
        expect(read).toEqual([]);
        expect(fault).toBe(`${after.length} bytes after the value`);
      }),
      { numRuns: 200 },
    );
  });

  test('are a fault after the end of a batch, which is not where the frame ends', () => {
    const frame = join(batchOf(itemOf(1), itemOf(2)), Uint8Array.of(3));
    const { values: read, fault } = meet(frame);
    expect(read).toEqual([1, 2]);
    expect(fault).toBeTypeOf('string');
  });
});
