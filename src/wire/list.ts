/**
 * List: a CBOR array of numbers, text and byte strings, written and read by hand and piece by piece.
 *
 * What patterns say to each other about many things at once is a flat list of small pieces. Written by hand it
 * takes a fraction of the time that a general codec needs, and any CBOR library reads and writes it.
 *
 * Spec: RFC 8949, section 3.
 */
import { scanItem } from './scan.ts';
import { textOf } from './text.ts';
import { BatchUnpacker, decodeBody } from './unpacker.ts';

const FIRST_BYTES = 512;
const GROWTH = 4;
const HEAD_BYTES = 5; // An array whose length is written in four bytes.
const LONGEST_HEAD = 9;

const UNSIGNED = 0x00;
const BYTES = 0x40;
const TEXT = 0x60;
const ARRAY_OF_UINT32 = 0x9a;
const NULL = 0xf6;
const DOUBLE = 0xfb;

/** Writes a list, in memory that grows. */
export class ListWriter {
  #frame: Buffer = Buffer.allocUnsafe(FIRST_BYTES);
  #at = HEAD_BYTES;
  #length = 0;

  /** @param word What the list begins with. */
  constructor(word: string) {
    this.text(word);
  }

  /** How many pieces it has so far, the word that it begins with among them. */
  get length(): number {
    return this.#length;
  }

  /** How many bytes it takes so far. */
  get bytes(): number {
    return this.#at;
  }

  /** Adds a whole number from 0 up to the greatest that is safe. */
  uint(value: number): this {
    this.#makeRoom(LONGEST_HEAD);
    this.#head(UNSIGNED, value);
    this.#length += 1;
    return this;
  }

  /** Adds a byte string. */
  binary(value: Uint8Array): this {
    this.#makeRoom(LONGEST_HEAD + value.length);
    this.#head(BYTES, value.length);
    this.#frame.set(value, this.#at);
    this.#at += value.length;
    this.#length += 1;
    return this;
  }

  /** Adds text. */
  text(value: string): this {
    const length = Buffer.byteLength(value);
    this.#makeRoom(LONGEST_HEAD + length);
    this.#head(TEXT, length);
    this.#at += this.#frame.write(value, this.#at);
    this.#length += 1;
    return this;
  }

  /** Adds what is CBOR already: one item. */
  item(value: Uint8Array): this {
    this.#makeRoom(value.length);
    this.#frame.set(value, this.#at);
    this.#at += value.length;
    this.#length += 1;
    return this;
  }

  /** Adds null. */
  nothing(): this {
    this.#makeRoom(1);
    this.#frame[this.#at] = NULL;
    this.#at += 1;
    this.#length += 1;
    return this;
  }

  /** The list as it is now. Nothing may be added after it. */
  done(): Uint8Array {
    this.#frame[0] = ARRAY_OF_UINT32;
    this.#frame.writeUInt32BE(this.#length, 1);
    return this.#frame.subarray(0, this.#at);
  }

  #makeRoom(bytes: number): void {
    const needed = this.#at + bytes;
    if (needed <= this.#frame.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(GROWTH * this.#frame.length, needed));
    this.#frame.copy(larger, 0, 0, this.#at);
    this.#frame = larger;
  }

  #head(type: number, value: number): void {
    const frame = this.#frame;
    if (value < 24) frame[this.#at++] = type | value;
    else if (value < 0x100) {
      frame[this.#at++] = type | 24;
      frame[this.#at++] = value;
    } else if (value < 0x1_0000) {
      frame[this.#at++] = type | 25;
      this.#at = frame.writeUInt16BE(value, this.#at);
    } else if (value < 0x1_0000_0000) {
      frame[this.#at++] = type | 26;
      this.#at = frame.writeUInt32BE(value, this.#at);
    } else {
      frame[this.#at++] = type | 27;
      this.#at = frame.writeUInt32BE(Math.floor(value / 0x1_0000_0000), this.#at);
      this.#at = frame.writeUInt32BE(value % 0x1_0000_0000, this.#at);
    }
  }
}

const MAJOR_SHIFT = 5;
const ARGUMENT = 31;
const ARRAY = 4;

/**
 * Reads a list piece by piece, as its form says. What is not as expected is answered with undefined, and so is all
 * that follows: whoever sent it may be anybody.
 */
export class ListReader {
  readonly #frame: Uint8Array;
  #at = 0;
  #left = 0; // Pieces that are still to be read.

  /** @param frame What may be a list: if it is none, it has no pieces. */
  constructor(frame: Uint8Array) {
    this.#frame = frame;
    const length = this.#head(ARRAY);
    if (length !== undefined) this.#left = length;
  }

  /** Pieces that are still to be read. */
  get left(): number {
    return this.#left;
  }

  /** Where it stands, in bytes from the beginning. */
  get at(): number {
    return this.#at;
  }

  /** Whether all has been read and nothing follows. */
  get isAtEnd(): boolean {
    return this.#left === 0 && this.#at === this.#frame.length && this.#at > 0;
  }

  /** A whole number from 0 up to the greatest that is safe; some encoders write those from 2^32 as a float. */
  uint(): number | undefined {
    if (this.#frame[this.#at] === DOUBLE) return this.#taken(this.#double());
    return this.#taken(this.#head(UNSIGNED >> MAJOR_SHIFT));
  }

  /** A byte string, as a view of the frame. */
  binary(): Uint8Array | undefined {
    const length = this.#head(BYTES >> MAJOR_SHIFT);
    if (length === undefined || this.#at + length > this.#frame.length)
      return this.#taken(undefined);
    const { buffer, byteOffset } = this.#frame;
    const bytes = new Uint8Array(buffer, byteOffset + this.#at, length);
    this.#at += length;
    return this.#taken(bytes);
  }

  /** Text. */
  text(): string | undefined {
    const length = this.#head(TEXT >> MAJOR_SHIFT);
    const end = this.#at + (length ?? 0);
    if (length === undefined || end > this.#frame.length) return this.#taken(undefined);
    const start = this.#at;
    this.#at = end;
    return this.#taken(textOf(this.#frame, start, end));
  }

  /** Any one item of CBOR. */
  value(): unknown {
    const item = this.item();
    const value = item && valueOf(item);
    if (value === undefined) this.fail();
    return value;
  }

  /** Any one item of CBOR, as it is written: a view of the frame. It has passed the scan of {@link scanItem}. */
  item(): Uint8Array | undefined {
    const end = scanItem(this.#frame, this.#at, this.#frame.length);
    if (end < 0) return this.#taken(undefined);
    const { buffer, byteOffset } = this.#frame;
    const item = new Uint8Array(buffer, byteOffset + this.#at, end - this.#at);
    this.#at = end;
    return this.#taken(item);
  }

  /** The bytes from `start` up to where it stands now, as a view of the frame. */
  since(start: number): Uint8Array {
    return this.#frame.subarray(start, this.#at);
  }

  /** Passes over a piece that is written in just these bytes. Whether there was one. */
  passes(bytes: Uint8Array): boolean {
    if (this.#left === 0 || this.#at + bytes.length > this.#frame.length) return false;
    for (let i = 0; i < bytes.length; i += 1) {
      if (this.#frame[this.#at + i] !== bytes[i]) return false;
    }
    this.#at += bytes.length;
    this.#left -= 1;
    return true;
  }

  /** Says that a piece is not what it should be. */
  fail(): void {
    this.#taken(undefined);
  }

  #taken<T>(piece: T | undefined): T | undefined {
    const isThere = piece !== undefined && this.#left > 0;
    this.#left = isThere ? this.#left - 1 : 0;
    if (!isThere) this.#at = 0; // It never comes to its end.
    return isThere ? piece : undefined;
  }

  #double(): number | undefined {
    const { buffer, byteOffset, length } = this.#frame;
    if (this.#at + 9 > length) return undefined;
    const number = new DataView(buffer, byteOffset + this.#at + 1, 8).getFloat64(0);
    this.#at += 9;
    return Number.isSafeInteger(number) && number >= 0 ? number : undefined;
  }

  /** The number in the head of an item of this type. */
  #head(type: number): number | undefined {
    const frame = this.#frame;
    const first = frame[this.#at] ?? 0xff;
    if (first >> MAJOR_SHIFT !== type) return undefined;
    const argument = first & ARGUMENT;
    if (argument < 24) {
      this.#at += 1;
      return argument;
    }
    return argument < 28 ? this.#long(1 << (argument - 24)) : undefined;
  }

  /** The number in so many bytes behind the first one of a head. */
  #long(bytes: number): number | undefined {
    const frame = this.#frame;
    let number = 0;
    for (let at = this.#at + 1; at <= this.#at + bytes; at += 1)
      number = number * 256 + (frame[at] ?? NaN);
    this.#at += 1 + bytes;
    return number <= Number.MAX_SAFE_INTEGER ? number : undefined;
  }
}

function valueOf(item: Uint8Array): unknown {
  try {
    return decodeBody(values, item);
  } catch {
    return undefined;
  }
}

const values = new BatchUnpacker({ maxMessageBytes: 0x7fff_ffff, copies: () => false });

/** A copy that keeps nothing of the frame it came in; small ones share their memory with others. */
export function ownCopy(bytes: Uint8Array): Uint8Array {
  return Buffer.from(bytes);
}
