/**
 * Limits of frames: empty ones, empty batches, batches that are too long, values that are too long.
 */
import { describe, expect, test } from 'vitest';
import { BATCH_BYTES, BATCH_ROOM } from '../../src/wire/batch.ts';
import { BatchUnpacker } from '../../src/wire/unpacker.ts';
import { meet } from '../support/hostile.ts';
import { batchOf, hex, itemOf, join } from '../support/wire.ts';

const bytes = (itemSize: number): Uint8Array => {
  const item = itemOf(new Uint8Array(itemSize - 3).fill(7));
  return item.length === itemSize ? item : itemOf(new Uint8Array(itemSize - 2).fill(7));
};

describe('a frame', () => {
  test('that is empty is a fault', () => {
    expect(meet(new Uint8Array(0))).toEqual({ values: [], fault: 'an empty frame' });
  });

  test('that is a batch of nothing is a fault, with its end or without', () => {
    for (const digits of ['d9 b10c 9f ff', 'd9 b10c 9f']) {
      expect(meet(hex(digits))).toEqual({ values: [], fault: 'a batch without values' });
    }
  });

  test('that is the tag of a batch around something else is a fault', () => {
    for (const digits of ['d9 b10c 82 01 02', 'd9 b10c 80', 'd9 b10c bf 01 02 ff', 'd9 b10c 01']) {
      expect(meet(hex(digits)).values).toEqual([]);
      expect(meet(hex(digits)).fault).toContain('a tag outside the profile');
    }
  });

  test('that is the tag of a batch, written in more bytes, is a fault', () => {
    for (const digits of ['da 0000b10c 9f 01 ff', 'db 000000000000b10c 9f 01 ff']) {
      expect(meet(hex(digits)).fault).toContain('a tag outside the profile');
    }
  });

  test('that is a batch in a batch is a fault, after the values before it', () => {
    const inner = batchOf(itemOf('in'), itemOf('ner'));
    const { values, fault } = meet(batchOf(itemOf(1), inner, itemOf(2)));
    expect(values).toEqual([1]);
    expect(fault).toContain('a tag outside the profile');
    expect(meet(batchOf(inner)).values).toEqual([]);
  });

  test('that is a batch of one value gives that value', () => {
    expect(meet(batchOf(itemOf('one')))).toEqual({ values: ['one'], fault: undefined });
  });
});

describe('a batch', () => {
  test('may be 64 KiB long, brackets and all', () => {
    const full = batchOf(itemOf(1), bytes(BATCH_ROOM - 1));
    expect(full.length).toBe(BATCH_BYTES);
    const { values, fault } = meet(full);
    expect(fault).toBeUndefined();
    expect(values).toHaveLength(2);
  });

  test('that is a byte longer is a fault and gives nothing', () => {
    const long = batchOf(itemOf(1), itemOf(2), bytes(BATCH_ROOM - 1));
    expect(long.length).toBe(BATCH_BYTES + 1);
    expect(meet(long)).toEqual({ values: [], fault: 'a batch of more than 65536 bytes' });
  });

  test('that is longer is a fault even if it holds one value only', () => {
    expect(meet(batchOf(bytes(BATCH_ROOM + 1))).fault).toBe('a batch of more than 65536 bytes');
  });
});

describe('a value', () => {
  const value = 'x'.repeat(100);
  const { length } = itemOf(value);

  test('may stand bare in a frame of any length up to maxMessageBytes', () => {
    expect(meet(itemOf(value), { maxMessageBytes: length }).values).toEqual([value]);
    expect(meet(itemOf(value), { maxMessageBytes: length - 1 })).toEqual({
      values: [],
      fault: `a value of ${length} bytes, more than maxMessageBytes, ${length - 1}`,
    });
    const long = itemOf('y'.repeat(300_000));
    expect(meet(long).values).toEqual(['y'.repeat(300_000)]);
    expect(meet(long, { maxMessageBytes: 299_999 }).fault).toContain('more than maxMessageBytes');
  });

  test('is measured alone, not with the batch that it came in', () => {
    const frame = batchOf(itemOf(value), itemOf(value), itemOf(value));
    expect(meet(frame, { maxMessageBytes: length }).values).toEqual([value, value, value]);
  });

  test('that is too long in a batch is a fault, after the values before it', () => {
    const frame = batchOf(itemOf(1), itemOf('short'), itemOf(value), itemOf(2));
    expect(meet(frame, { maxMessageBytes: length - 1 })).toEqual({
      values: [1, 'short'],
      fault: `a value of ${length} bytes, more than maxMessageBytes, ${length - 1}`,
    });
    const binary = batchOf(itemOf(1), bytes(50), itemOf(2));
    expect(meet(binary, { maxMessageBytes: 49 }).values).toEqual([1]);
    expect(meet(binary, { maxMessageBytes: 50 }).values).toHaveLength(3);
  });
});

describe('an open frame', () => {
  const unpacker = (): BatchUnpacker =>
    new BatchUnpacker({ maxMessageBytes: 1000, copies: () => false });

  test('is read in slices, and tells how many values remain', () => {
    const reader = unpacker();
    expect(reader.remaining()).toBe(0);
    expect(reader.open(batchOf(...[1, 2, 3, 4, 5].map(itemOf)))).toBeUndefined();
    const values: unknown[] = [];
    for (const remaining of [5, 3, 1]) {
      expect(reader.pending).toBe(true);
      expect(reader.remaining()).toBe(remaining);
      expect(reader.read(values, 2)).toBeUndefined();
    }
    expect(values).toEqual([1, 2, 3, 4, 5]);
    expect(reader.pending).toBe(false);
    expect(reader.remaining()).toBe(0);
  });

  test('is read behind what the caller has already', () => {
    const reader = unpacker();
    reader.open(batchOf(...[1, 2, 3].map(itemOf)));
    const values: unknown[] = ['mine'];
    expect(reader.read(values, 2)).toBeUndefined();
    expect(values).toEqual(['mine', 1, 2]);
  });

  test('remains up to the place where it makes no sense', () => {
    const reader = unpacker();
    reader.open(batchOf(itemOf(1), itemOf(2), hex('c6 01'), itemOf(3)));
    expect(reader.remaining()).toBeGreaterThanOrEqual(2);
    const values: unknown[] = [];
    expect(reader.read(values, 10)).toBeTypeOf('string');
    expect(values).toEqual([1, 2]);
    expect(reader.remaining()).toBe(0);
  });

  test('is forgotten when another is opened', () => {
    const reader = unpacker();
    const values: unknown[] = [];
    reader.open(batchOf(...[1, 2, 3].map(itemOf)));
    reader.read(values, 1);
    reader.open(itemOf('next'));
    expect(reader.remaining()).toBe(1);
    reader.read(values, 5);
    expect(values).toEqual([1, 'next']);
    reader.open(join(itemOf(1), itemOf(2)));
    expect(reader.pending).toBe(false);
  });
});
