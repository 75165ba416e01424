/**
 * Hostile bytes, drawn at random: the unpacker is total, and what it met leaves no trace in it.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BATCH_BYTES } from '../../src/wire/batch.ts';
import { meet } from '../support/hostile.ts';
import { expectSame } from '../support/same.ts';
import { values } from '../support/values.ts';
import { batchOf, head, itemOf, join, pack } from '../support/wire.ts';

const options = fc.record({
  copy: fc.boolean(),
  limit: fc.integer({ min: 1, max: 200 }),
  maxMessageBytes: fc.constantFrom(1 << 24, 1 << 24, 100, 1),
});

/** Tags that cbor-x acts on, those of the profile among them. */
const LOW_TAGS = [0, 1, 2, 3, 4, 5, 6, 14, 15, 25, 27, 28, 29, 30, 51, 64, 68, 70, 79, 85, 105];
const HIGH_TAGS = [224, 225, 255, 256, 258, 259, 27_647, 28_704, 0xb10c, 0xd9f7, 0xdff9, 0xdffe];
const RECORD_TAGS = [
  0xdfff, 0xe000, 0xe001, 0xffff, 0x53687264, 0x6c000000, 0x70000000, 0xffffffff,
];
const TAGS = [...LOW_TAGS, ...HIGH_TAGS, ...RECORD_TAGS];

const lengths = fc.oneof(
  fc.integer({ min: 0, max: 30 }),
  fc.constantFrom(23, 24, 255, 256, 65_535, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53),
);

/** A piece of CBOR that may or may not fit the next. */
const pieces = fc.oneof(
  fc
    .tuple(fc.integer({ min: 0, max: 7 }), lengths, fc.constantFrom(0, 1, 2, 4, 8))
    .map(([major, length, width]) => head(major, length, width)),
  fc.constantFrom(...TAGS).map((tag) => head(6, tag)),
  fc.integer({ min: 0, max: 255 }).map((byte) => Uint8Array.of(byte)),
  values.map(itemOf),
  fc.constantFrom('__proto__', 'constructor', 'RegExp', '\ufeff').map(itemOf),
);

const change = fc.record({
  at: fc.nat(),
  kind: fc.constantFrom('set', 'flip', 'insert', 'delete', 'repeat'),
  byte: fc.integer({ min: 0, max: 255 }),
  length: fc.integer({ min: 1, max: 20 }),
});

type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

function mutate(frame: Uint8Array, { at, kind, byte, length }: Change): Uint8Array {
  const place = frame.length === 0 ? 0 : at % frame.length;
  const [before, after] = [frame.slice(0, place), frame.slice(place)];
  if (kind === 'insert') return join(before, Uint8Array.of(byte), after);
  if (kind === 'delete') return join(before, after.slice(length));
  if (kind === 'repeat') return join(before, after.slice(0, length), after);
  if (after.length > 0) after[0] = kind === 'set' ? byte : (after[0] as number) ^ (1 << (byte & 7));
  return join(before, after);
}

/** One fault or none, and never more values than the frame has bytes. */
function meetAny(frame: Uint8Array, how: Parameters<typeof meet>[1]): void {
  const met = meet(frame, how);
  expect(met.values.length).toBeLessThanOrEqual(frame.length);
  if (met.values.length === 0) expect(met.fault).toBeTypeOf('string');
}

describe('an unpacker that meets hostile bytes gives values or one fault, and stays healthy', () => {
  test('random bytes', () => {
    const frames = fc.uint8Array({ maxLength: 200 });
    fc.assert(fc.property(frames, options, meetAny), { numRuns: 1000 });
  });

  test('random bytes in the brackets of a batch', () => {
    const frames = fc.uint8Array({ maxLength: 200 }).map((bytes) => batchOf(bytes));
    fc.assert(fc.property(frames, options, meetAny), { numRuns: 1000 });
  });

  test('heads, tags and items in any order, bare', () => {
    const frames = fc.array(pieces, { maxLength: 12 }).map((parts) => join(...parts));
    fc.assert(fc.property(frames, options, meetAny), { numRuns: 1000 });
  });

  test('heads, tags and items in any order, in a batch', () => {
    const frames = fc.array(pieces, { maxLength: 12 }).map((parts) => batchOf(...parts));
    fc.assert(fc.property(frames, options, meetAny), { numRuns: 1000 });
  });

  test('any tag around any value', () => {
    const tags = fc.oneof(fc.constantFrom(...TAGS), fc.nat(70_000), fc.nat(2 ** 32 - 1));
    const tagged = fc.tuple(tags, values).map(([tag, value]) => join(head(6, tag), itemOf(value)));
    const frames = fc.oneof(
      tagged,
      fc.array(tagged, { minLength: 1, maxLength: 4 }).map((items) => batchOf(...items)),
      fc.tuple(tagged, fc.integer({ min: 1, max: 40 })).map(([item, depth]) => {
        return join(...Array.from({ length: depth }, () => Uint8Array.of(0x81)), item);
      }),
    );
    fc.assert(fc.property(frames, options, meetAny), { numRuns: 600 });
  });

  test('valid messages with some bytes changed', () => {
    const frames = fc
      .tuple(fc.array(values, { minLength: 1, maxLength: 4 }), fc.array(change, { minLength: 1 }))
      .map(([sent, changes]) => {
        const [message] = pack(sent);
        return changes.slice(0, 4).reduce(mutate, message?.frame ?? new Uint8Array(0));
      });
    fc.assert(fc.property(frames, options, meetAny), { numRuns: 1000 });
  });

  test('two valid messages spliced at any place', () => {
    const frames = fc
      .tuple(fc.array(values, { minLength: 2, maxLength: 4 }), fc.nat(), fc.nat())
      .map(([sent, here, there]) => {
        const frame = pack(sent)[0]?.frame ?? new Uint8Array(0);
        return join(frame.slice(0, here % frame.length), frame.slice(there % frame.length));
      });
    fc.assert(fc.property(frames, options, meetAny), { numRuns: 500 });
  });

  test('bytes that are a window on a larger buffer are read within the window only', () => {
    const frames = fc.tuple(fc.uint8Array({ maxLength: 60 }), fc.uint8Array({ maxLength: 60 }));
    fc.assert(
      fc.property(frames, ([frame, beyond]) => {
        const whole = join(beyond, frame, beyond);
        const window = new Uint8Array(whole.buffer, beyond.length, frame.length);
        expectSame(meet(window), meet(frame));
      }),
      { numRuns: 300 },
    );
  });
});

describe('what is left of a frame', () => {
  test('is forgotten when the next frame is opened', () => {
    const [first] = pack([1, 2, 3]);
    expect(first?.frame.length).toBeLessThan(BATCH_BYTES);
    expect(meet(first?.frame ?? new Uint8Array(0), { limit: 1 }).values).toEqual([1, 2, 3]);
  });
});
