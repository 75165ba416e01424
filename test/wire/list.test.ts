/**
 * Lists, written by hand and read by others; written by others and read by hand.
 */
import { decode, Encoder } from 'cbor-x';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ListReader, ListWriter, ownCopy } from '../../src/wire/list.ts';

const encoder = new Encoder({ useRecords: false, tagUint8Array: false, variableMapSize: true });

/** What another library writes. */
const frameOf = (...list: readonly unknown[]): Uint8Array => new Uint8Array(encoder.encode(list));

/** What another library reads; it takes great numbers for more than they are. */
const listOf = (writer: ListWriter): unknown[] =>
  (decode(writer.done()) as unknown[]).map((each) =>
    typeof each === 'bigint' ? Number(each) : each,
  );

const sizes = [0, 1, 23, 24, 255, 256, 65_535, 65_536, 0xffff_ffff, 2 ** 32, 2 ** 53 - 1];
const lengths = [0, 1, 23, 24, 255, 256, 257, 65_535, 65_536, 100_000];

/** A piece of a list: of which kind, and what it is. */
type Piece =
  | { readonly kind: 'uint'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'binary'; readonly value: Uint8Array };

const pieces: fc.Arbitrary<Piece[]> = fc.array(
  fc.oneof(
    fc.maxSafeNat().map((value): Piece => ({ kind: 'uint', value })),
    fc.string({ unit: 'grapheme' }).map((value): Piece => ({ kind: 'text', value })),
    fc.uint8Array({ maxLength: 600 }).map((value): Piece => ({ kind: 'binary', value })),
  ),
  { maxLength: 40 },
);

/** A list of these pieces. */
function written(all: readonly Piece[]): ListWriter {
  const list = new ListWriter('word');
  for (const { kind, value } of all) {
    if (kind === 'uint') list.uint(value);
    else if (kind === 'text') list.text(value);
    else list.binary(value);
  }
  return list;
}

describe('a list that is written', () => {
  test('begins with its word', () => {
    expect(listOf(new ListWriter('word'))).toEqual(['word']);
    expect(listOf(new ListWriter(''))).toEqual(['']);
  });

  test.each(sizes)('has the number %i', (value) => {
    expect(listOf(new ListWriter('w').uint(value))).toEqual(['w', value]);
    expect(new ListReader(new ListWriter('w').uint(value).done()).left).toBe(2);
  });

  test('has numbers in as few bytes as they take', () => {
    const bytesOf = (value: number): number => {
      const empty = new ListWriter('w').bytes;
      return new ListWriter('w').uint(value).bytes - empty;
    };
    expect(sizes.map(bytesOf)).toEqual([1, 1, 1, 2, 2, 3, 3, 5, 5, 9, 9]);
  });

  test.each(lengths)('has text and bytes of %i', (length) => {
    const text = 'é'.repeat(length);
    const bytes = new Uint8Array(length).fill(7);
    const [, read, readBytes, last] = listOf(new ListWriter('w').text(text).binary(bytes).uint(1));
    expect(read).toBe(text);
    expect(Buffer.compare(readBytes as Uint8Array, bytes)).toBe(0);
    expect(last).toBe(1);
  });

  test('has what is CBOR already, and null', () => {
    const item = encoder.encode({ key: 'k', deep: [1, { x: 'y' }] });
    const list = new ListWriter('w').item(item).nothing().item(Uint8Array.of(0xf5));
    expect(listOf(list)).toEqual(['w', { key: 'k', deep: [1, { x: 'y' }] }, null, true]);
  });

  test('has as many pieces as anybody adds', () => {
    const list = new ListWriter('w');
    for (let n = 0; n < 100_000; n += 1) list.uint(n % 1000).nothing();
    expect(listOf(list)).toHaveLength(200_001);
  });

  test('knows how many bytes it takes', () => {
    const list = new ListWriter('w').text('hello').uint(70_000).binary(new Uint8Array(1000));
    expect(list.bytes).toBe(list.done().length);
  });

  test('keeps what it was given, whatever becomes of that', () => {
    const bytes = new Uint8Array(10).fill(1);
    const list = new ListWriter('w').binary(bytes);
    bytes.fill(2);
    const [, kept] = listOf(list);
    expect(kept).toEqual(Buffer.alloc(10, 1));
  });

  test('has the text of half a character as what stands for none', () => {
    expect(listOf(new ListWriter('w').text('a\ud800b').uint(1))).toEqual(['w', 'a\ufffdb', 1]);
  });

  test('of any pieces is read by another library', () => {
    const property = fc.property(pieces, (all) => {
      const list = listOf(written(all)).slice(1);
      expect(list.map((each) => (each instanceof Uint8Array ? [...each] : each))).toEqual(
        all.map(({ value }) => (value instanceof Uint8Array ? [...value] : value)),
      );
    });
    fc.assert(property);
  });
});

describe('a list that is read', () => {
  test('of any pieces is what was written', () => {
    const property = fc.property(pieces, (all) => {
      const frame = written(all).done();
      const list = new ListReader(frame);
      expect(list.text()).toBe('word');
      for (const { kind, value } of all) {
        const read = list[kind]();
        if (read instanceof Uint8Array) expect([...read]).toEqual([...(value as Uint8Array)]);
        else expect(read).toBe(value);
      }
      expect([list.left, list.isAtEnd]).toEqual([0, true]);
    });
    fc.assert(property);
  });

  test.each(sizes)('has the number %i that another has written', (value) => {
    const list = new ListReader(frameOf('w', value < 2 ** 32 ? value : BigInt(value)));
    expect([list.text(), list.uint(), list.isAtEnd]).toEqual(['w', value, true]);
  });

  test.each(lengths)('has text and bytes of %i that another has written', (length) => {
    const bytes = new Uint8Array(length).fill(7);
    const list = new ListReader(frameOf('x'.repeat(length), bytes));
    expect(list.text()).toHaveLength(length);
    expect(Buffer.compare(list.binary() ?? bytes.subarray(1), bytes)).toBe(0);
    expect(list.isAtEnd).toBe(true);
  });

  test('has numbers that are written longer than they need be', () => {
    for (const head of [
      [0x18, 5],
      [0x19, 0, 5],
      [0x1a, 0, 0, 0, 5],
      [0x1b, 0, 0, 0, 0, 0, 0, 0, 5],
    ]) {
      const list = new ListReader(Uint8Array.of(0x81, ...head));
      expect([list.uint(), list.isAtEnd]).toEqual([5, true]);
    }
  });

  test('has byte strings that are views of its frame', () => {
    const frame = new ListWriter('w').binary(Uint8Array.of(1, 2)).done();
    const list = new ListReader(frame);
    list.text();
    expect(list.binary()?.buffer).toBe(frame.buffer);
  });

  test('has values of any kind', () => {
    const list = new ListReader(frameOf({ a: [1] }, null, 'x'));
    expect([list.value(), list.value(), list.value()]).toEqual([{ a: [1] }, null, 'x']);
    expect(list.isAtEnd).toBe(true);
  });

  test('has items of any kind as they are written, in views of its frame', () => {
    const items = [frameOf({ a: [1] }), frameOf(null), frameOf('x', 2), Uint8Array.of(0x18, 1)];
    const writer = new ListWriter('w');
    for (const item of items) writer.item(item);
    const frame = writer.uint(7).done();
    const list = new ListReader(frame);
    list.text();
    const read = items.map(() => list.item());
    expect(read.map((item) => [...(item ?? [])])).toEqual(items.map((item) => [...item]));
    expect(read.map((item) => item?.buffer)).toEqual(items.map(() => frame.buffer));
    expect([list.uint(), list.item(), list.isAtEnd]).toEqual([7, undefined, false]);
  });

  test.each([
    ['is cut off', [0x81, 0x62, 0x61]],
    ['is not there', [0x81]],
    ['has no end', [0x81, 0x9f, 1, 0xff]],
    ['is text of bytes that are none', [0x81, 0x61, 0xff]],
    ['has a tag that is not for strangers', [0x81, 0xd8, 0x1c, 0x80]],
    ['would be one more than it has', [0x80, 1]],
  ])('has no item that %s', (_, bytes) => {
    const list = new ListReader(Uint8Array.from(bytes));
    expect([list.item(), list.uint(), list.left, list.isAtEnd]).toEqual([
      undefined,
      undefined,
      0,
      false,
    ]);
  });

  test.each([
    ['no bytes', []],
    ['a number', [0x01]],
    ['text', [0x61, 0x61]],
    ['a map', [0xa0]],
    ['an array of unknown length', [0x9f, 0x01, 0xff]],
    ['an array whose length is cut off', [0x99, 0x01]],
    ['an array of more than is safe', [0x9b, 255, 255, 255, 255, 255, 255, 255, 255]],
  ])('is none in %s', (_, bytes) => {
    const list = new ListReader(Uint8Array.from(bytes));
    expect(list.left).toBe(0);
    expect([list.uint(), list.text(), list.binary(), list.value()]).toEqual(
      Array.from({ length: 4 }, () => undefined),
    );
    expect(list.isAtEnd).toBe(false);
  });

  test.each([
    ['a number', (list: ListReader) => list.uint()],
    ['text', (list: ListReader) => list.text()],
    ['bytes', (list: ListReader) => list.binary()],
  ])('has nothing more once it was asked for %s that is not there', (_, ask) => {
    const list = new ListReader(frameOf(true, 1, 'x', new Uint8Array(1)));
    expect(ask(list)).toBeUndefined();
    expect([list.uint(), list.text(), list.binary(), list.value()]).toEqual(
      Array.from({ length: 4 }, () => undefined),
    );
    expect([list.left, list.isAtEnd]).toEqual([0, false]);
  });

  test('has nothing more once it is said that a piece is wrong', () => {
    const list = new ListReader(frameOf(1, 2));
    list.uint();
    list.fail();
    expect([list.uint(), list.left, list.isAtEnd]).toEqual([undefined, 0, false]);
  });

  test('is not at its end before all was read, or if more bytes follow', () => {
    const list = new ListReader(frameOf(1, 2));
    expect(list.isAtEnd).toBe(false);
    list.uint();
    expect(list.isAtEnd).toBe(false);
    list.uint();
    expect(list.isAtEnd).toBe(true);
    const longer = new ListReader(Uint8Array.of(0x81, 1, 2));
    expect([longer.uint(), longer.isAtEnd]).toEqual([1, false]);
  });

  test('passes over a piece that is written as expected, and over no other', () => {
    const list = new ListReader(Uint8Array.of(0x83, 0xa1, 0x61, 0x61, 1, 0xf6, 7));
    const piece = Uint8Array.of(0xa1, 0x61, 0x61, 1);
    expect([list.passes(Uint8Array.of(0xa1, 0x61, 0x61, 2)), list.left, list.at]).toEqual([
      false,
      3,
      1,
    ]);
    expect([list.passes(piece), list.left, list.at]).toEqual([true, 2, 5]);
    expect([...list.since(1)]).toEqual([...piece]);
    expect([list.passes(piece), list.left]).toEqual([false, 2]);
    expect([list.value(), list.uint(), list.isAtEnd]).toEqual([null, 7, true]);
    expect(list.passes(Uint8Array.of())).toBe(false);
  });

  test('has no number that is not safe, and no text that is none', () => {
    const unsafe = new ListReader(Uint8Array.of(0x81, 0x1b, 0, 0x20, 0, 0, 0, 0, 0, 0));
    expect(unsafe.uint()).toBeUndefined();
    expect(new ListReader(Uint8Array.of(0x81, 0x20)).uint()).toBeUndefined();
    expect(new ListReader(Uint8Array.of(0x81, 0x61, 0xff)).text()).toBeUndefined();
  });

  test('keeps the mark at the beginning of a text', () => {
    const list = new ListReader(new ListWriter('\ufeffa').done());
    expect(list.text()).toBe('\ufeffa');
  });

  test('of whatever bytes never throws, and comes to an end', () => {
    const kind = fc.constantFrom('uint', 'text', 'binary', 'value', 'item');
    const asked = fc.array(kind, { maxLength: 9 });
    const property = fc.property(fc.uint8Array({ maxLength: 80 }), asked, (frame, kinds) => {
      if (frame.length > 0 && kinds.length % 2 === 0) frame[0] = 0x80 | (frame.length % 24);
      const list = new ListReader(frame);
      for (const kind of kinds) {
        const before = list.left;
        const piece = list[kind]();
        expect(list.left).toBe(piece === undefined ? 0 : before - 1);
      }
    });
    fc.assert(property, { numRuns: 1000 });
  });
});

test("a copy of one's own keeps nothing of the frame", () => {
  const bytes = new Uint8Array(10).fill(1);
  const copy = ownCopy(bytes.subarray(2, 5));
  bytes.fill(2);
  expect([...copy]).toEqual([1, 1, 1]);
});
