/**
 * Tests of frames that are cut into pieces and put together again.
 */
import { describe, expect, test } from 'vitest';
import { cut, join, PIECE_BYTES } from '../../src/wire/pieces.ts';

/** A frame of so many bytes, no two of them alike. */
const frameOf = (length: number, first = 0): Buffer =>
  Buffer.from(Array.from({ length }, (_, i) => (first + i) % 251));

/** What is read of what was cut: ZeroMQ copies it. */
const read = (frames: readonly Uint8Array[]): Buffer[] => frames.map((frame) => Buffer.from(frame));

describe('frames that are cut', () => {
  const lengths = [0, 1, 20, 127, 128, 129, 255, 256, 257, 1000, 65_536, 100_001];

  test.each(lengths)('of %i bytes are of small pieces, and whole again', (length) => {
    const frames = [frameOf(3), frameOf(length, 7), frameOf(0), frameOf(length, 9)];
    const pieces = cut(frames);
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThanOrEqual(PIECE_BYTES);
    expect(join(read(pieces))).toEqual(frames);
  });

  test('stay as they are if all are small', () => {
    const frames = [frameOf(PIECE_BYTES), frameOf(5)];
    expect(cut(frames)).toEqual(frames);
    const given = read(frames);
    expect(join(given)).toBe(given);
  });

  test('may be cut that were cut before', () => {
    const frames = [frameOf(300)];
    const twice = cut(cut(frames));
    expect(join(read(twice))).toEqual(frames);
  });

  test('of which pieces are missing are frames like others', () => {
    const [head, ...pieces] = read(cut([frameOf(300)])) as [Buffer, ...Buffer[]];
    const few = [head, ...pieces.slice(1)];
    expect(join(few)).toEqual(few);
    const none = Buffer.from(head);
    none.writeUInt32BE(0, none.length - 4);
    expect(join([none, ...pieces])).toEqual([none, ...pieces]);
  });
});
