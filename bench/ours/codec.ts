/**
 * Ours, as our sockets run it: values into a batch and out of it again, with every check switched on.
 *
 * The one file of this bench that reaches into `src/wire`.
 */
import { BatchPacker } from '../../src/wire/packer.ts';
import { BatchUnpacker } from '../../src/wire/unpacker.ts';

const MAX_MESSAGE_BYTES = 1 << 20;

let sealed: Uint8Array[] = [];
const packer = new BatchPacker({
  maxMessageBytes: MAX_MESSAGE_BYTES,
  emit: ({ frame }) => sealed.push(frame),
  deal: () => 1,
});
const unpacker = new BatchUnpacker({ maxMessageBytes: MAX_MESSAGE_BYTES, copies: () => false });

/** Encodes values as `send` does; returns the frames that leave. */
export function encodeAll(values: readonly unknown[]): Uint8Array[] {
  sealed = [];
  for (const value of values) packer.pack(value);
  packer.seal();
  return sealed;
}

/** Decodes frames as a receiver does, hostile or not. */
export function decodeAll(frames: readonly Uint8Array[]): unknown[] {
  const values: unknown[] = [];
  for (const frame of frames) {
    const fault = unpacker.open(frame) ?? unpacker.read(values, Infinity);
    if (fault !== undefined) throw new Error(`our own frame makes no sense: ${fault}`);
  }
  return values;
}
