/**
 * Packs values and unpacks frames the way sockets do, and writes CBOR by hand.
 */
import { BATCH_END, BATCH_HEAD, type Message } from '../../src/wire/batch.ts';
import { BatchPacker } from '../../src/wire/packer.ts';
import { BatchUnpacker } from '../../src/wire/unpacker.ts';

/** How {@link unpack} reads a frame. */
export interface UnpackOptions {
  /** Default 16 MiB, so that only tests of the limit meet it. */
  readonly maxMessageBytes?: number;
  /** Whether byte strings are copies. Default false. */
  readonly copy?: boolean;
  /** How many values are read at a time. Default 128, as sockets do. */
  readonly limit?: number;
}

/** What came of a frame: its values up to the first fault. */
export interface Unpacked {
  readonly values: unknown[];
  readonly fault: string | undefined;
}

/** Reads a frame to its end, and throws if the unpacker breaks its promises on the way. */
export function unpack(frame: Uint8Array, options: UnpackOptions = {}): Unpacked {
  const { maxMessageBytes = 1 << 24, copy = false, limit = 128 } = options;
  const unpacker = new BatchUnpacker({ maxMessageBytes, copies: () => copy });
  const values: unknown[] = [];
  let fault = unpacker.open(frame);
  while (fault === undefined && unpacker.pending) {
    const before = values.length;
    fault = unpacker.read(values, limit);
    if (values.length > before + limit) throw new Error('more values than were asked for');
    if (values.length === before && unpacker.pending) throw new Error('a read that got nowhere');
  }
  if (unpacker.pending) throw new Error('a frame still pending after its fault');
  if (unpacker.remaining() !== 0) throw new Error('values remain in a frame that is done');
  if (fault === '') throw new Error('a fault without a reason');
  return { values: values.map(plain), fault };
}

/** A Buffer as the plain byte string it is, in the same memory: what holds it is told elsewhere. */
function plain(value: unknown): unknown {
  if (!Buffer.isBuffer(value)) return value;
  return new Uint8Array(value.buffer, value.byteOffset, value.length);
}

/** What {@link pack} may vary. */
export interface PackOptions {
  /** Default 16 MiB. */
  readonly maxMessageBytes?: number;
  /** Into how many frames values are dealt. Default 1. */
  readonly deal?: number;
}

/** Packs values in order and seals; the frames they became. */
export function pack(values: readonly unknown[], options: PackOptions = {}): Message[] {
  const { maxMessageBytes = 1 << 24, deal = 1 } = options;
  const messages: Message[] = [];
  const packer = new BatchPacker({
    maxMessageBytes,
    emit: (message) => messages.push(message),
    deal: () => deal,
  });
  for (const value of values) packer.pack(value);
  packer.seal();
  return messages;
}

/** One value as its own item, in fresh memory. */
export function itemOf(value: unknown): Uint8Array {
  const packer = new BatchPacker({ maxMessageBytes: 1 << 24, emit: () => {}, deal: () => 1 });
  return packer.freeze(value);
}

/** Bytes from hexadecimal; blanks are for the reader. */
export function hex(digits: string): Uint8Array {
  const bytes = Buffer.from(digits.replaceAll(/\s/g, ''), 'hex');
  if (bytes.length * 2 !== digits.replaceAll(/\s/g, '').length) throw new Error(`hex: ${digits}`);
  return new Uint8Array(bytes);
}

/** All the bytes, one after the other. */
export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** A batch of encoded items, by hand. */
export function batchOf(...items: readonly Uint8Array[]): Uint8Array {
  return join(Uint8Array.from(BATCH_HEAD), ...items, Uint8Array.of(BATCH_END));
}

/** The head of an item: its major type and its argument, in the fewest bytes or in `width`. */
export function head(major: number, argument: number | bigint, width?: number): Uint8Array {
  const value = BigInt(argument);
  const size = Math.max(width ?? 0, widthOf(value));
  if (size === 0) return Uint8Array.of((major << 5) | Number(value));
  const bytes = new Uint8Array(1 + size);
  bytes[0] = (major << 5) | (24 + Math.log2(size));
  for (let i = 0; i < size; i += 1) bytes[size - i] = Number((value >> BigInt(8 * i)) & 0xffn);
  return bytes;
}

function widthOf(argument: bigint): number {
  if (argument < 24n) return 0;
  if (argument < 0x100n) return 1;
  if (argument < 0x10000n) return 2;
  return argument < 0x1_0000_0000n ? 4 : 8;
}
