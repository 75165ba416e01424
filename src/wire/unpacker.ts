/**
 * Unpacker: frames in, values out, a slice at a time. What makes no sense is answered with a reason,
 * never with an exception: it came from a peer.
 */
import { messageOf } from '../errors.ts';
import { BATCH_BYTES, BATCH_END, BATCH_HEAD, sumOfLengths } from './batch.ts';
import { decodeItem, decodeItems } from './cbor.ts';
import { type Codec, type Coding, freshCopy } from './codec.ts';
import { flaws, hadWideIntegers, scanItem } from './scan.ts';

/** What an inbox asks of an unpacker. One frame is open at a time. */
export interface Unpacker<T> {
  /** Whether the open frame holds values still to be read. */
  readonly pending: boolean;
  /** Opens a frame; what was left of the last one is forgotten. Answers as {@link read}. */
  open(frame: Uint8Array): string | undefined;
  /**
   * Reads up to `limit` values of the open frame into `values`. Answers with what is wrong if the
   * frame turns out malformed; the values before that place have been read and the rest is lost.
   */
  read(values: T[], limit: number): string | undefined;
  /** How many values of the open frame are still to be read, as far as it makes sense. */
  remaining(): number;
}

/** What an unpacker accepts, and how it hands out byte strings. */
export interface UnpackerOptions {
  /** The most bytes of one encoded value. */
  readonly maxMessageBytes: number;
  /** Whether byte strings are, at present, to be copies rather than views of their frame. */
  readonly copies: () => boolean;
}

/** Unpacks bare CBOR values and batches of them. */
export class BatchUnpacker implements Unpacker<unknown> {
  pending = false;
  #frame: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0; // Of the items: before the closing bracket of a batch, or of the frame.
  #closed = true; // Whether what should end the items is there.
  #isWide = false; // Whether there are integers of eight bytes in a bare value.
  readonly #options: UnpackerOptions;

  constructor(options: UnpackerOptions) {
    this.#options = options;
  }

  open(frame: Uint8Array): string | undefined {
    this.#frame = frame;
    this.#at = 0;
    this.#end = frame.length;
    this.#closed = true;
    this.pending = true;
    if (frame.length === 0) return this.#fail('an empty frame');
    return isBatch(frame) ? this.#openBatch() : this.#openBare();
  }

  read(values: unknown[], limit: number): string | undefined {
    const frame = this.#frame;
    const full = values.length + limit;
    let run = this.#at; // Items since here wait to be decoded together, which is quicker.
    let runLength = 0;
    let wide = false;
    while (this.#at < this.#end && values.length + runLength < full) {
      const start = this.#at;
      const end = scanItem(frame, start, this.#end);
      if (end < 0) {
        return this.#decode(values, run, start, wide) ?? this.#fail(flaws[end] ?? 'malformed');
      }
      if (end - start > this.#options.maxMessageBytes) {
        return this.#decode(values, run, start, wide) ?? this.#fail(this.#tooLarge(end - start));
      }
      this.#at = end;
      if (isBytes(frame, start)) {
        const fault = this.#decode(values, run, start, wide);
        if (fault !== undefined) return fault;
        values.push(this.#bytes(start, end));
        run = end;
        runLength = 0;
        wide = false;
      } else {
        runLength += 1;
        wide ||= hadWideIntegers();
      }
    }
    const fault = this.#decode(values, run, this.#at, wide);
    if (fault !== undefined || this.#at < this.#end) return fault;
    this.pending = false;
    return this.#closed ? undefined : this.#fail('a batch without its end');
  }

  remaining(): number {
    let count = 0;
    for (let at = this.#at; this.pending && at < this.#end; count += 1) {
      at = scanItem(this.#frame, at, this.#end);
      if (at < 0) break;
    }
    return count;
  }

  /** Whether the open frame is one value and no batch. */
  get isBare(): boolean {
    return this.#at === 0;
  }

  /** That value, without a second look at the frame. Throws whatever the decoder throws. */
  takeBare(): unknown {
    this.pending = false;
    const frame = this.#frame;
    if (isBytes(frame, 0)) return this.#bytes(0, this.#end);
    if (frame.length === 1 && frame[0] === UNDEFINED) return undefined; // What most handlers return.
    return decodeItem(frame, { copy: this.#options.copies(), wide: this.#isWide });
  }

  #openBatch(): string | undefined {
    const { length } = this.#frame;
    if (length > BATCH_BYTES) return this.#fail(`a batch of more than ${BATCH_BYTES} bytes`);
    this.#at = BATCH_HEAD.length;
    // If this byte is an item's, cut off where it happens to look like a bracket, the scan will tell.
    this.#closed = this.#frame[length - 1] === BATCH_END;
    if (this.#closed) this.#end = length - 1;
    return this.#at >= this.#end ? this.#fail('a batch without values') : undefined;
  }

  #openBare(): string | undefined {
    const { length } = this.#frame;
    const end = scanItem(this.#frame, 0, length);
    this.#isWide = hadWideIntegers();
    if (end < 0) return this.#fail(flaws[end] ?? 'malformed');
    if (end < length) return this.#fail(`${length - end} bytes after the value`);
    return length > this.#options.maxMessageBytes ? this.#fail(this.#tooLarge(length)) : undefined;
  }

  #decode(values: unknown[], start: number, end: number, wide: boolean): string | undefined {
    if (start === end) return undefined;
    try {
      decodeItems(this.#frame, start, end, { copy: this.#options.copies(), wide }, (value) => {
        values.push(value);
      });
    } catch (error) {
      return this.#fail(messageOf(error));
    }
    return undefined;
  }

  /** The byte string from `start` to `end`, cut out by hand: much quicker than by the codec. */
  #bytes(start: number, end: number): Uint8Array {
    const frame = this.#frame;
    const from = start + headLength(frame[start] as number);
    const bytes = new Uint8Array(frame.buffer, frame.byteOffset + from, end - from);
    return this.#options.copies() ? freshCopy(bytes) : bytes;
  }

  #tooLarge(size: number): string {
    return `a value of ${size} bytes, more than maxMessageBytes, ${this.#options.maxMessageBytes}`;
  }

  #fail(reason: string): string {
    this.pending = false;
    return reason;
  }
}

/** Unpacks one value a frame, by any codec. */
export class SingleUnpacker<T> implements Unpacker<T> {
  pending = false;
  #frame: Uint8Array = new Uint8Array(0);
  readonly #codec: Codec<T>;
  readonly #options: UnpackerOptions;

  constructor(codec: Codec<T>, options: UnpackerOptions) {
    this.#codec = codec;
    this.#options = options;
  }

  open(frame: Uint8Array): string | undefined {
    const { maxMessageBytes, copies } = this.#options;
    this.pending = frame.length <= maxMessageBytes;
    if (!this.pending) return `a value of ${frame.length} bytes, more than ${maxMessageBytes}`;
    this.#frame = copies() ? freshCopy(frame) : plainView(frame);
    return undefined;
  }

  read(values: T[]): string | undefined {
    this.pending = false;
    try {
      values.push(this.#codec.decode(this.#frame));
    } catch (error) {
      return messageOf(error);
    }
    return undefined;
  }

  remaining(): number {
    return this.pending ? 1 : 0;
  }
}

/** Hands out the frames of a message as they are. Must be told them before a message is opened. */
export class FramesUnpacker implements Unpacker<readonly Uint8Array[]> {
  pending = false;
  #frames: readonly Uint8Array[] = [];
  readonly #options: UnpackerOptions;

  constructor(options: UnpackerOptions) {
    this.#options = options;
  }

  /** Tells the frames of the message that is opened next. */
  hold(frames: readonly Uint8Array[]): void {
    this.#frames = frames;
  }

  open(): string | undefined {
    const { maxMessageBytes } = this.#options;
    const size = sumOfLengths(this.#frames);
    this.pending = size <= maxMessageBytes;
    return this.pending ? undefined : `a message of ${size} bytes, more than ${maxMessageBytes}`;
  }

  read(values: (readonly Uint8Array[])[]): undefined {
    this.pending = false;
    const own = this.#options.copies() ? freshCopy : plainView;
    const frames: Uint8Array[] = [];
    for (const frame of this.#frames) frames.push(own(frame));
    values.push(frames);
  }

  remaining(): number {
    return this.pending ? 1 : 0;
  }
}

/** The unpacker for a codec that has frames of values. */
export function unpackerFor<T>(
  coding: Exclude<Coding<T>, 'frames'>,
  options: UnpackerOptions,
): Unpacker<T> {
  return coding === 'cbor' ? new BatchUnpacker(options) : new SingleUnpacker(coding, options);
}

/**
 * The one value of a body frame.
 *
 * @throws Error with what is wrong with the frame, such as several values in it.
 */
export function decodeBody<T>(unpacker: Unpacker<T>, frame: Uint8Array): T {
  const fault = unpacker.open(frame);
  if (fault !== undefined) throw new Error(fault);
  if (unpacker instanceof BatchUnpacker && unpacker.isBare) return unpacker.takeBare() as T;
  const values: T[] = [];
  const flaw = unpacker.read(values, 2);
  if (flaw !== undefined) throw new Error(flaw);
  if (values.length === 1) return values[0] as T;
  throw new Error(`${values.length} values or more, where one was expected`);
}

/** A view that is no Buffer, as what comes out of CBOR is none either. */
function plainView(frame: Uint8Array): Uint8Array {
  return new Uint8Array(frame.buffer, frame.byteOffset, frame.length);
}

const UNDEFINED = 0xf7;

function isBatch(frame: Uint8Array): boolean {
  // By hand: `every` makes a function for each value that is read.
  for (let at = 0; at < BATCH_HEAD.length; at += 1) if (frame[at] !== BATCH_HEAD[at]) return false;
  return true;
}

function isBytes(frame: Uint8Array, at: number): boolean {
  return (frame[at] as number) >> 5 === 2;
}

function headLength(head: number): number {
  const argument = head & 31;
  return argument < 24 ? 1 : 1 + (1 << (argument - 24));
}
