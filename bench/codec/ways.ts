/**
 * Ways: values to bytes and back, as people do it without us and as our sockets do.
 */
import { Decoder, Encoder } from 'cbor-x';
import { decodeAll, encodeAll } from '../ours/codec.ts';

/** Encodes many values, and decodes what came of it. */
export interface Way {
  readonly encode: (values: readonly unknown[]) => Uint8Array[];
  readonly decode: (frames: readonly Uint8Array[]) => unknown[];
}

const encoder = new Encoder({ useRecords: false, variableMapSize: true, tagUint8Array: false });
const decoder = new Decoder({ useRecords: false });

const json: Way = {
  encode: (values) => values.map((value) => Buffer.from(JSON.stringify(value))),
  decode: (frames) => frames.map((frame) => JSON.parse(frame.toString()) as unknown),
};

/** JSON has no bytes: what people do about it. */
const jsonOfBytes: Way = {
  encode: (values) => json.encode(values.map((value) => (value as Buffer).toString('base64'))),
  decode: (frames) => json.decode(frames).map((text) => Buffer.from(text as string, 'base64')),
};

const cborX: Way = {
  encode: (values) => values.map((value) => encoder.encode(value)),
  decode: (frames) => frames.map((frame) => decoder.decode(frame) as unknown),
};

/** Who takes part. */
export const wayNames = ['ours', 'json', 'cbor-x'] as const;

/** The way of that name to treat values like this one. */
export function wayOf(name: (typeof wayNames)[number], value: unknown): Way {
  if (name === 'ours') return { encode: encodeAll, decode: decodeAll };
  if (name === 'cbor-x') return cborX;
  return value instanceof Uint8Array ? jsonOfBytes : json;
}
