/**
 * Batch: many values in one frame, so that nobody who reads it is misled.
 *
 *     D9 B1 0C   a CBOR tag, {@link BATCH_TAG}
 *     9F         an array of indefinite length
 *     …          the values, one CBOR item each
 *     FF         its end
 *
 * One value alone travels bare. A peer that never heard of batches sees a tagged list instead of
 * losing values; of a bare CBOR sequence it would have read the first and dropped the rest. Between
 * the brackets the bytes are a plain sequence, so that joining is concatenation. RFC 8949 §3.2.2.
 */

/** The CBOR tag of a batch: 45324, hexadecimal B10C, of the range that is first come, first served. */
export const BATCH_TAG = 0xb10c;

/** The most bytes of a batch, brackets and all. A longer frame holds exactly one value. */
export const BATCH_BYTES = 65_536;

/** The bytes that open a batch: the tag's head and the array's. */
export const BATCH_HEAD: readonly number[] = [0xd9, 0xb1, 0x0c, 0x9f];

/** The byte that ends a batch. */
export const BATCH_END = 0xff;

const OVERHEAD = BATCH_HEAD.length + 1;

/** The longest item that fits a batch. */
export const BATCH_ROOM: number = BATCH_BYTES - OVERHEAD;

// Batches are cut from slabs one after the other and no byte is written twice: a frame of more than
// 128 bytes leaves by reference, and ZeroMQ never says when it is done with it. Slabs of this size come
// from memory that was used before; larger ones would be mapped afresh, page by page.
const SLAB_BYTES = BATCH_BYTES;

/** A message ready to leave: the frame that holds its values, and what goes before it. */
export interface Message {
  /** The bytes of the frame; never written to again. */
  readonly frame: Uint8Array;
  /** How many values are in it. */
  readonly count: number;
  /** The frames before it, such as a topic. */
  readonly before?: readonly Uint8Array[];
}

/** How many bytes some frames take. */
export function sumOfLengths(frames: readonly Uint8Array[]): number {
  let sum = 0;
  for (const { length } of frames) sum += length;
  return sum;
}

/** How many bytes the frames of a message take. */
export function sizeOf({ frame, before }: Message): number {
  return frame.length + (before === undefined ? 0 : sumOfLengths(before));
}

/** A batch that is still being filled. */
export class OpenBatch {
  #slab = Buffer.allocUnsafeSlow(0);
  #slabBytes: number;
  #start = 0; // Of the first item; the head goes right before it.
  #at = 0;
  #ends: number[] = []; // Where each item ends, to cut between items.

  /** @param firstSlabBytes How much memory to begin with; each time it is used up it doubles. */
  constructor(firstSlabBytes: number = SLAB_BYTES) {
    this.#slabBytes = Math.min(SLAB_BYTES, firstSlabBytes);
  }

  /** How many items it holds. */
  get count(): number {
    return this.#ends.length;
  }

  /** How many bytes its items take. */
  get bytes(): number {
    return this.#at - this.#start;
  }

  /** Whether an item of `size` bytes finds room. Always true of an empty batch, up to BATCH_ROOM. */
  fits(size: number): boolean {
    if (this.#ends.length === 0) this.#begin(size);
    return this.#at - this.#start + size <= BATCH_ROOM && this.#at + size < this.#slab.length;
  }

  /** Adds the encoded item that stands in `source` from `start` to `end`; it must fit. */
  addItem(source: Uint8Array, start: number, end: number): void {
    this.#slab.set(view(source, start, end), this.#at);
    this.#at += end - start;
    this.#ends.push(this.#at);
  }

  /** Adds `value` as a CBOR byte string, written by hand: much quicker than through the codec. */
  addBytes(value: Uint8Array): void {
    const at = writeBytesHead(this.#slab, this.#at, value.length);
    this.#slab.set(value, at);
    this.#at = at + value.length;
    this.#ends.push(this.#at);
  }

  /** Ends the batch and deals its items evenly into at most `messages` frames, in order. */
  seal(messages: number): Message[] {
    const count = this.#ends.length;
    const pieces = Math.min(Math.max(1, messages), count);
    const sealed: Message[] = [];
    for (let i = 0; i < pieces; i += 1) {
      const from = Math.floor((count * i) / pieces);
      const to = Math.floor((count * (i + 1)) / pieces);
      sealed.push({ frame: this.#frame(from, to), count: to - from });
    }
    this.#ends = [];
    this.#start = this.#at; // The next batch begins behind this one, or in a fresh slab.
    return sealed;
  }

  #begin(size: number): void {
    let start = this.#at + OVERHEAD; // Room for the last batch's end and this one's head.
    if (start + size >= this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(Math.max(this.#slabBytes, size + OVERHEAD));
      this.#slabBytes = Math.min(SLAB_BYTES, this.#slabBytes * 2);
      start = BATCH_HEAD.length;
    }
    this.#start = start;
    this.#at = start;
  }

  /** The items from number `from` up to `to` as a frame: bare if it is one, else in brackets. */
  #frame(from: number, to: number): Uint8Array {
    const start = from === 0 ? this.#start : (this.#ends[from - 1] as number);
    const end = this.#ends[to - 1] as number;
    if (to - from === 1) return view(this.#slab, start, end);
    const whole = to - from === this.#ends.length;
    return whole ? bracket(this.#slab, start, end) : bracketedCopy(this.#slab, start, end);
  }
}

/** How many bytes a byte string of `length` bytes takes as a CBOR item. */
export function bytesItemSize(length: number): number {
  if (length < 24) return length + 1;
  if (length < 0x100) return length + 2;
  return length < 0x10000 ? length + 3 : length + 5;
}

/** Writes the head of a byte string of `length` bytes at `at`; returns where its bytes begin. */
export function writeBytesHead(target: Uint8Array, at: number, length: number): number {
  if (length < 24) {
    target[at] = 0x40 + length;
    return at + 1;
  }
  if (length < 0x100) {
    target[at] = 0x58;
    target[at + 1] = length;
    return at + 2;
  }
  if (length < 0x10000) {
    target[at] = 0x59;
    target[at + 1] = length >> 8;
    target[at + 2] = length;
    return at + 3;
  }
  target[at] = 0x5a;
  for (let i = 0; i < 4; i += 1) target[at + 1 + i] = length >>> (24 - 8 * i);
  return at + 5;
}

function view(slab: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(slab.buffer, slab.byteOffset + start, end - start);
}

// The bytes on either side of an open batch's items were left free for the brackets.
function bracket(slab: Uint8Array, start: number, end: number): Uint8Array {
  slab.set(BATCH_HEAD, start - BATCH_HEAD.length);
  slab[end] = BATCH_END;
  return view(slab, start - BATCH_HEAD.length, end + 1);
}

function bracketedCopy(slab: Uint8Array, start: number, end: number): Uint8Array {
  const copy = Buffer.allocUnsafeSlow(end - start + OVERHEAD);
  copy.set(view(slab, start, end), BATCH_HEAD.length);
  return bracket(copy, BATCH_HEAD.length, BATCH_HEAD.length + end - start);
}
