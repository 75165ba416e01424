/**
 * Body: a value as the one body frame of a message, and back: what is left of a codec where there are no
 * batches, as between the askers and answerers of a pattern.
 */
import { type Check, either, oneOf, shaped } from '../rules/check.ts';
import { type Codec, type CodecName, codecNames, codingOf } from './codec.ts';
import { bodyEncoder } from './packer.ts';
import { decodeBody, unpackerFor } from './unpacker.ts';

/** A codec that puts a value into one frame. */
export type BodyCodec<T> = Exclude<CodecName, 'frames'> | Codec<T>;

/** A check of an option that is such a codec. */
export const isBodyCodec: Check = either(
  oneOf(...codecNames.filter((name) => name !== 'frames')),
  shaped('an object with encode and decode', 'encode', 'decode'),
);

/** Turns values into body frames and body frames into values. */
export interface Bodies<Out, In> {
  /** The frame of a value. Throws `BAD_VALUE` or `TOO_LARGE`. */
  encode(value: Out): Uint8Array;
  /** The value of a frame. Throws an Error with what is wrong with it. */
  decode(frame: Uint8Array): In;
}

/** The bodies that a codec makes, of up to `maxMessageBytes` each. Byte strings in them are views. */
export function bodiesBy<Out, In>(
  codec: BodyCodec<Out | In>,
  maxMessageBytes: number,
): Bodies<Out, In> {
  const coding = codingOf(codec) as 'cbor' | Codec<never>;
  const unpacker = unpackerFor<In>(coding, {
    maxMessageBytes,
    copies: () => false,
  });
  return {
    encode: bodyEncoder<Out>(coding, maxMessageBytes),
    decode: (frame) => decodeBody(unpacker, frame),
  };
}
