/**
 * Packers: which frames they make of values, how evenly they deal, and that no frame changes later.
 */
import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BATCH_BYTES, BATCH_HEAD, BATCH_ROOM, type Message } from '../../src/wire/batch.ts';
import { BatchPacker, packerFor } from '../../src/wire/packer.ts';
import { expectSame } from '../support/same.ts';
import { values } from '../support/values.ts';
import { batchOf, itemOf, pack, unpack } from '../support/wire.ts';

/** The frames of one seal: into how many they were asked for, and how many values each holds. */
interface Seal {
  readonly asked: number;
  readonly count: number;
  readonly pieces: number[];
}

/** Packs values and keeps apart what each seal emitted from what went alone. */
function packInSeals(sent: readonly unknown[], deal: number): [Seal[], Message[]] {
  const seals: Seal[] = [];
  const messages: Message[] = [];
  let open: Seal | undefined;
  const packer = new BatchPacker({
    maxMessageBytes: 1 << 24,
    deal: (count) => {
      open = { asked: deal, count, pieces: [] };
      seals.push(open);
      return deal;
    },
    emit: (message) => {
      messages.push(message);
      const packed = open?.pieces.reduce((sum, piece) => sum + piece, 0) ?? 0;
      if (open !== undefined && packed < open.count) open.pieces.push(message.count);
    },
  });
  for (const value of sent) packer.pack(value);
  packer.seal();
  return [seals, messages];
}

const digest = (frame: Uint8Array): string => createHash('sha1').update(frame).digest('hex');

const sizes = fc.array(
  fc.oneof(fc.nat(60), fc.nat(3000), fc.nat(70_000), fc.constantFrom(65_527, 65_528, 65_529)),
  { minLength: 1, maxLength: 120 },
);

describe('a batch', () => {
  test('is its tag, its values as they would stand alone, and its end', () => {
    const sent = [1, 'two', { three: 3 }, Uint8Array.of(4)];
    const [message] = pack(sent);
    expect(message?.count).toBe(4);
    expectSame(message?.frame, new Uint8Array(batchOf(...sent.map(itemOf))));
  });

  test('of one value is that value, bare', () => {
    expectSame(pack(['alone']), [{ frame: new Uint8Array(itemOf('alone')), count: 1 }]);
  });

  test('of none is not sent', () => {
    expect(pack([])).toEqual([]);
  });

  test('is dealt evenly into as many frames as asked for, and never into empty ones', () => {
    const property = fc.property(sizes, fc.integer({ min: 0, max: 10 }), (lengths, deal) => {
      const sent = lengths.map((length, i) =>
        i % 2 ? new Uint8Array(length) : 'x'.repeat(length),
      );
      const [seals, messages] = packInSeals(sent, deal);
      for (const { asked, count, pieces } of seals) {
        expect(pieces).toHaveLength(Math.min(Math.max(asked, 1), count));
        expect(Math.max(...pieces) - Math.min(...pieces)).toBeLessThanOrEqual(1);
        expect(pieces.reduce((sum, piece) => sum + piece, 0)).toBe(count);
      }
      for (const { frame, count } of messages) {
        expect(count).toBeGreaterThan(0);
        if (count > 1) expect(frame.length).toBeLessThanOrEqual(BATCH_BYTES);
        expect(BATCH_HEAD.every((byte, i) => frame[i] === byte)).toBe(count > 1);
        expect(unpack(frame).values).toHaveLength(count);
      }
      expect(messages.reduce((sum, { count }) => sum + count, 0)).toBe(sent.length);
    });
    fc.assert(property, { numRuns: 80 });
  });

  test('is filled to its last byte before the next begins', () => {
    const full = 'x'.repeat(BATCH_ROOM - 3 - 1);
    expect(pack([full, 1]).map(({ count, frame }) => [count, frame.length])).toEqual([
      [2, BATCH_BYTES],
    ]);
    expect(pack([full, 24]).map(({ count }) => count)).toEqual([1, 1]);
    expect(pack([1, full]).map(({ count }) => count)).toEqual([2]);
    expect(pack([1, new Uint8Array(BATCH_ROOM - 4)]).map(({ count }) => count)).toEqual([2]);
    expect(pack([1, new Uint8Array(BATCH_ROOM - 3)]).map(({ count }) => count)).toEqual([1, 1]);
  });

  test('does not hold a value that is too long for it, nor is overtaken by one', () => {
    const long = 'y'.repeat(BATCH_BYTES);
    const sent = [1, 2, long, 3, new Uint8Array(BATCH_BYTES), 4, 5];
    const messages = pack(sent);
    expect(messages.map(({ count }) => count)).toEqual([2, 1, 1, 1, 2]);
    expectSame(
      messages.flatMap(({ frame }) => unpack(frame).values),
      sent,
    );
  });

  test('tells how many values and bytes it holds', () => {
    const packer = new BatchPacker({ maxMessageBytes: 100, emit: () => {}, deal: () => 1 });
    expect([packer.count, packer.bytes]).toEqual([0, 0]);
    packer.pack('abc');
    packer.pack(new Uint8Array(5));
    expect([packer.count, packer.bytes]).toEqual([2, 10]);
    packer.seal();
    expect([packer.count, packer.bytes]).toEqual([0, 0]);
  });
});

describe('a frame that was emitted', () => {
  test('is never written to again, and shares no byte with another', () => {
    const emitted: { readonly message: Message; readonly was: string }[] = [];
    const packer = new BatchPacker({
      maxMessageBytes: 1 << 24,
      deal: (count) => count % 4,
      emit: (message) => emitted.push({ message, was: digest(message.frame) }),
    });
    const property = fc.property(sizes, fc.array(values, { maxLength: 10 }), (lengths, others) => {
      for (const length of lengths) packer.pack(new Uint8Array(length).fill(length));
      for (const other of others) packer.pack(other);
      packer.seal();
    });
    fc.assert(property, { numRuns: 30 });
    expect(emitted.length).toBeGreaterThan(100);
    for (const { message, was } of emitted) expect(digest(message.frame)).toBe(was);
    expectApart(emitted.map(({ message }) => message.frame));
  });

  test('does not follow the value that it was made of', () => {
    const binary = Uint8Array.of(1, 2, 3);
    const long = new Uint8Array(BATCH_BYTES + 10);
    const frames = [...pack([binary]), ...pack([binary, binary]), ...pack([long])];
    const before = frames.map(({ frame }) => digest(frame));
    binary.fill(9);
    long.fill(9);
    expect(frames.map(({ frame }) => digest(frame))).toEqual(before);
  });

  test('of a packer that makes a frame of each value is as safe', () => {
    const emitted: Message[] = [];
    const packer = packerFor('cbor', false, {
      maxMessageBytes: 1 << 24,
      deal: () => 1,
      emit: (message) => emitted.push(message),
    });
    const binary = new Uint8Array(200).fill(1);
    const sent = [binary, { binary }, 'text', 'x'.repeat(300), 5];
    for (const value of sent) packer.pack(value, false);
    packer.seal();
    expectApart(emitted.map(({ frame }) => frame));
    binary.fill(2);
    const was = new Uint8Array(200).fill(1);
    expectSame(
      emitted.map(({ frame }) => unpack(frame).values[0]),
      [was, { binary: was }, ...sent.slice(2)],
    );
  });
});

/** No two frames overlap in memory. */
function expectApart(frames: readonly Uint8Array[]): void {
  const slabs = new Map<unknown, Uint8Array[]>();
  for (const frame of frames) {
    slabs.set(frame.buffer, [...(slabs.get(frame.buffer) ?? []), frame]);
  }
  for (const slab of slabs.values()) {
    const inOrder = slab.toSorted((a, b) => a.byteOffset - b.byteOffset);
    for (const [i, frame] of inOrder.slice(1).entries()) {
      const before = inOrder[i] ?? frame;
      expect(frame.byteOffset).toBeGreaterThanOrEqual(before.byteOffset + before.length);
    }
  }
}

describe('a frozen item', () => {
  test('packed later gives the same frames as the value packed at once', () => {
    const property = fc.property(
      fc.array(fc.oneof(values, fc.constantFrom(new Uint8Array(70_000), 'z'.repeat(66_000))), {
        maxLength: 12,
      }),
      fc.integer({ min: 1, max: 5 }),
      (sent, deal) => {
        const later: Message[] = [];
        const packer = new BatchPacker({
          maxMessageBytes: 1 << 24,
          deal: () => deal,
          emit: (message) => later.push(message),
        });
        const items = sent.map((value) => packer.freeze(value));
        for (const item of items) packer.packItem(item);
        packer.seal();
        expectSame(later.map(plain), pack(sent, { deal }).map(plain));
      },
    );
    fc.assert(property, { numRuns: 150 });
  });

  test('holds what the value was when it was frozen', () => {
    const binary = Uint8Array.of(1);
    const item = itemOf(binary);
    binary[0] = 2;
    expectSame(unpack(item).values, [Uint8Array.of(1)]);
  });
});

function plain({ frame, count }: Message): [string, number] {
  return [Buffer.from(frame).toString('latin1'), count];
}
