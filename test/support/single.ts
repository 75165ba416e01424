/**
 * Packs and unpacks one value a frame, with any codec but CBOR.
 */
import { expect } from 'vitest';
import type { Message } from '../../src/wire/batch.ts';
import { type Codec, type CodecName, codecOf } from '../../src/wire/codec.ts';
import { packerFor } from '../../src/wire/packer.ts';
import { unpackerFor } from '../../src/wire/unpacker.ts';
import type { Unpacked } from './wire.ts';

/** The codecs that send one value a frame. */
export type Single = Exclude<CodecName, 'cbor' | 'frames'>;

/** What one value becomes. */
export function frameOf<T>(
  codec: Single | Codec<T>,
  value: T,
  transfer = false,
  most = 1 << 20,
): Uint8Array {
  const emitted: Message[] = [];
  const packer = packerFor(codecOf(codec), true, {
    maxMessageBytes: most,
    emit: (message) => emitted.push(message),
    deal: () => 7,
  });
  packer.pack(value, transfer);
  expect([packer.count, packer.bytes, emitted.length]).toEqual([0, 0, 1]);
  packer.seal();
  expect(emitted).toHaveLength(1);
  expect(emitted[0]?.count).toBe(1);
  return emitted[0]?.frame ?? new Uint8Array(0);
}

/** What becomes of a frame. */
export function read<T>(
  codec: Single | Codec<T>,
  frame: Uint8Array,
  copy = false,
  most = 1 << 20,
): Unpacked {
  const unpacker = unpackerFor(codecOf(codec), { maxMessageBytes: most, copies: () => copy });
  const values: T[] = [];
  let fault = unpacker.open(frame);
  expect([unpacker.pending, unpacker.remaining()]).toEqual(
    fault === undefined ? [true, 1] : [false, 0],
  );
  fault ??= unpacker.read(values, 128);
  expect([unpacker.pending, unpacker.remaining()]).toEqual([false, 0]);
  return { values, fault };
}
