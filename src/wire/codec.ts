/**
 * Codec: values to bytes and back, one value at a time, for sockets that do not speak CBOR.
 */
import { BrokerlessError, messageOf } from '../errors.ts';
import { show } from '../rules/check.ts';

/** Your own pair of functions between a value and its bytes. Either may throw; sockets cope. */
export interface Codec<T> {
  /** The bytes of `value`, or text to be sent as UTF-8. They are copied before they are sent. */
  encode(value: T): Uint8Array | string;
  /** The value that `bytes` stand for; throws if they make no sense. */
  decode(bytes: Uint8Array): T;
}

/**
 * The codecs that come with the package. `cbor` carries structured values and binary, batched;
 * `json` any JSON; `text` strings as UTF-8; `raw` a Uint8Array as it is; `frames` an array of
 * Uint8Array, the frames of a ZeroMQ message. All but `cbor` send one value a message.
 */
export type CodecName = 'cbor' | 'json' | 'text' | 'raw' | 'frames';

/** The names of the codecs that come with the package. */
export const codecNames: readonly CodecName[] = ['cbor', 'json', 'text', 'raw', 'frames'];

/** How a socket makes messages of values: in batches, frame by frame, or one value a frame. */
export type Coding<T> = 'cbor' | 'frames' | Codec<T>;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const json: Codec<unknown> = {
  encode(value) {
    const text: string | undefined = JSON.stringify(value);
    if (text === undefined) throw new TypeError(`JSON has no word for ${show(value)}`);
    return text;
  },
  decode: (bytes) => JSON.parse(utf8.decode(bytes)) as unknown,
};

const plainText: Codec<string> = {
  encode(value) {
    if (typeof value !== 'string') throw new TypeError(`expected a string, got ${show(value)}`);
    return value;
  },
  decode: (bytes) => utf8.decode(bytes),
};

const raw: Codec<Uint8Array> = {
  encode(value) {
    if (value instanceof Uint8Array) return value;
    throw new TypeError(`expected a Uint8Array, got ${show(value)}`);
  },
  decode: (bytes) => bytes,
};

const singles = { json, text: plainText, raw } as const;

/** The codec behind a name that stands for one, or the user's own. */
export function codecOf<T>(codec: Exclude<CodecName, 'cbor' | 'frames'> | Codec<T>): Codec<T> {
  return (typeof codec === 'string' ? singles[codec] : codec) as Codec<T>;
}

/** How a socket with this codec makes messages of values. */
export function codingOf<T>(codec: CodecName | Codec<T>): Coding<T> {
  return codec === 'cbor' || codec === 'frames' ? codec : codecOf(codec);
}

/**
 * The frame of one value, in fresh memory; with `transfer`, in the memory that the codec gave.
 *
 * @throws BrokerlessError `BAD_VALUE` if the codec cannot encode it.
 */
export function encodeFrame<T>(codec: Codec<T>, value: T, transfer: boolean): Uint8Array {
  let bytes: Uint8Array | string;
  try {
    bytes = codec.encode(value);
  } catch (cause) {
    throw new BrokerlessError('BAD_VALUE', `cannot be encoded: ${messageOf(cause)}`, { cause });
  }
  if (typeof bytes === 'string') return encodeText(bytes);
  if (bytes instanceof Uint8Array) return transfer ? bytes : freshCopy(bytes);
  throw new BrokerlessError('BAD_VALUE', `the codec gave ${show(bytes)} for bytes`);
}

function encodeText(text: string): Uint8Array {
  if (text.isWellFormed()) return Buffer.from(text, 'utf8');
  throw new BrokerlessError('BAD_VALUE', 'cannot be encoded: text with half a surrogate pair');
}

/** A copy in memory that nothing else is cut from. */
export function freshCopy(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(Buffer.allocUnsafeSlow(bytes.length).buffer);
  copy.set(bytes);
  return copy;
}

/** Memory for `size` bytes. Small pieces are cut from a larger one, and no byte is handed out twice. */
export function freshMemory(size: number): Buffer {
  return size < 1024 ? Buffer.allocUnsafe(size) : Buffer.allocUnsafeSlow(size);
}
