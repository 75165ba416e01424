/**
 * Packer: values in, messages out. One packs many values into a frame, another one, a third none.
 *
 * A packer knows nothing of sockets or time: it is told when to seal what it holds, and how many
 * peers a batch should be dealt to.
 */
import { BrokerlessError } from '../errors.ts';
import {
  BATCH_ROOM,
  bytesItemSize,
  type Message,
  OpenBatch,
  sumOfLengths,
  writeBytesHead,
} from './batch.ts';
import { encode, freshItem } from './cbor.ts';
import { type Coding, encodeFrame, freshCopy, freshMemory } from './codec.ts';

/** An encoded value that waits to be packed. */
export interface Frozen {
  /** How many bytes it takes. */
  readonly length: number;
}

/** What an outbox asks of any kind of packer. */
export interface Packer<T> {
  /** How many values wait in an open batch. */
  readonly count: number;
  /** How many bytes they take. */
  readonly bytes: number;
  /**
   * Encodes `value` and puts it into the open batch or a frame of its own.
   *
   * @throws BrokerlessError `BAD_VALUE` or `TOO_LARGE`; nothing has been packed then.
   */
  pack(value: T, transfer: boolean): void;
  /** Encodes `value` into an item of its own, to be packed later. Throws as {@link pack}. */
  freeze(value: T, transfer: boolean): Frozen;
  /** Packs what this packer has frozen. */
  packItem(item: Frozen): void;
  /** Hands what is in the open batch to `emit`. */
  seal(): void;
}

/** Where a packer's frames go, and what it may put into one. */
export interface PackerOptions {
  /** The most bytes of one encoded value. */
  readonly maxMessageBytes: number;
  /** Takes each finished frame, in order. */
  readonly emit: (message: Message) => void;
  /** Into how many frames, at least, `count` values should be dealt. */
  readonly deal: (count: number) => number;
  /** How much memory batches begin with; see {@link OpenBatch}. */
  readonly firstSlabBytes?: number;
}

/** Packs CBOR values into batches of up to 64 KiB; a value too long for a batch goes alone. */
export class BatchPacker implements Packer<unknown> {
  readonly #batch: OpenBatch;
  readonly #options: PackerOptions;

  constructor(options: PackerOptions) {
    this.#options = options;
    this.#batch = new OpenBatch(options.firstSlabBytes);
  }

  get count(): number {
    return this.#batch.count;
  }

  get bytes(): number {
    return this.#batch.bytes;
  }

  pack(value: unknown): void {
    if (value instanceof Uint8Array) {
      const size = bytesItemSize(value.length);
      this.#admit(size);
      if (size > BATCH_ROOM) this.#alone(bytesItem(value));
      else this.#roomy(size).addBytes(value);
    } else {
      const item = encode(value);
      const size = item.end - item.start;
      this.#admit(size);
      if (size > BATCH_ROOM) this.#alone(freshCopy(item.subarray(item.start, item.end)));
      else this.#roomy(size).addItem(item, item.start, item.end);
    }
  }

  freeze(value: unknown): Uint8Array {
    const item = cborItem(value);
    this.#admit(item.length);
    return item;
  }

  packItem(item: Uint8Array): void {
    if (item.length > BATCH_ROOM) this.#alone(item);
    else this.#roomy(item.length).addItem(item, 0, item.length);
  }

  seal(): void {
    const { count } = this.#batch;
    if (count === 0) return;
    for (const message of this.#batch.seal(this.#options.deal(count))) this.#options.emit(message);
  }

  #admit(size: number): void {
    checkSize(size, this.#options.maxMessageBytes);
  }

  /** The open batch, sealed and begun anew if it has no room for `size` bytes. */
  #roomy(size: number): OpenBatch {
    if (!this.#batch.fits(size)) {
      this.seal();
      this.#batch.fits(size); // An empty batch makes room.
    }
    return this.#batch;
  }

  #alone(frame: Uint8Array): void {
    this.seal(); // What was sent before leaves before.
    this.#options.emit({ frame, count: 1 });
  }
}

/** Packs one value a frame, by any codec. */
export class SinglePacker<T> implements Packer<T> {
  readonly count = 0;
  readonly bytes = 0;
  readonly #toFrame: (value: T, transfer: boolean) => Uint8Array;
  readonly #options: PackerOptions;

  constructor(toFrame: (value: T, transfer: boolean) => Uint8Array, options: PackerOptions) {
    this.#toFrame = toFrame;
    this.#options = options;
  }

  pack(value: T, transfer: boolean): void {
    this.packItem(this.freeze(value, transfer));
  }

  freeze(value: T, transfer: boolean): Uint8Array {
    const frame = this.#toFrame(value, transfer);
    checkSize(frame.length, this.#options.maxMessageBytes);
    return frame;
  }

  packItem(frame: Uint8Array): void {
    this.#options.emit({ frame, count: 1 });
  }

  seal(): void {}
}

/** Packs values that are the frames of a message already. */
export class FramesPacker implements Packer<readonly Uint8Array[]> {
  readonly count = 0;
  readonly bytes = 0;
  readonly #options: PackerOptions;

  constructor(options: PackerOptions) {
    this.#options = options;
  }

  pack(value: readonly Uint8Array[], transfer: boolean): void {
    this.packItem(this.freeze(value, transfer));
  }

  freeze(value: readonly Uint8Array[], transfer: boolean): FrozenFrames {
    const length = checkFrames(value, this.#options.maxMessageBytes);
    return { frames: transfer ? [...value] : value.map(freshCopy), length };
  }

  packItem({ frames }: FrozenFrames): void {
    const frame = frames.at(-1) as Uint8Array;
    this.#options.emit({ frame, count: 1, before: frames.slice(0, -1) });
  }

  seal(): void {}
}

interface FrozenFrames extends Frozen {
  readonly frames: Uint8Array[];
}

/**
 * How many bytes the frames of a message take.
 *
 * @throws BrokerlessError `BAD_VALUE` if `value` is no list of frames, or `TOO_LARGE`.
 */
export function checkFrames(value: readonly Uint8Array[], maxMessageBytes: number): number {
  if (!isFilled(value)) {
    throw new BrokerlessError('BAD_VALUE', `expected frames, a filled array of Uint8Array`);
  }
  const length = sumOfLengths(value);
  checkSize(length, maxMessageBytes);
  return length;
}

// Not `every`, which skips holes.
function isFilled(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0) return false;
  for (const frame of value) if (!(frame instanceof Uint8Array)) return false;
  return true;
}

/** The packer for a codec: batches for CBOR unless `batch` is false, one value a message otherwise. */
export function packerFor<T>(coding: Coding<T>, batch: boolean, options: PackerOptions): Packer<T> {
  if (coding === 'frames') return new FramesPacker(options) as unknown as Packer<T>;
  if (coding !== 'cbor') {
    return new SinglePacker((value, transfer) => encodeFrame(coding, value, transfer), options);
  }
  return batch ? new BatchPacker(options) : new SinglePacker(cborItem, options);
}

/**
 * What makes one value a body frame of its own, in fresh memory.
 *
 * @throws BrokerlessError `BAD_VALUE` or `TOO_LARGE`; the function, not the call that makes it.
 */
export function bodyEncoder<T>(
  coding: Exclude<Coding<T>, 'frames'>,
  maxMessageBytes: number,
): (value: T) => Uint8Array {
  const encodeValue =
    coding === 'cbor' ? cborItem : (value: T) => encodeFrame(coding, value, false);
  return (value) => {
    const frame = encodeValue(value);
    checkSize(frame.length, maxMessageBytes);
    return frame;
  };
}

/** One value as a CBOR item in fresh memory. */
function cborItem(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? bytesItem(value) : freshItem(value);
}

function bytesItem(value: Uint8Array): Uint8Array {
  const item = freshMemory(bytesItemSize(value.length));
  item.set(value, writeBytesHead(item, 0, value.length));
  return item;
}

function checkSize(size: number, maxMessageBytes: number): void {
  if (size <= maxMessageBytes) return;
  throw new BrokerlessError(
    'TOO_LARGE',
    `a value takes ${size} bytes once encoded, more than maxMessageBytes, ${maxMessageBytes}`,
  );
}
