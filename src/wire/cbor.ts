/**
 * CBOR: the profile in which values travel, on cbor-x, total on whatever a peer may send.
 *
 * Objects, arrays, strings, numbers, booleans, null, undefined, Date, Map, Set, BigInt and Uint8Array
 * come back as they went in. What the profile cannot carry is refused where it is sent, not lost
 * where it arrives: what was encoded passes the same scan as what is received. As with JSON, other
 * objects travel as their own properties and lose their class. -0 arrives as 0, a BigInt that a number
 * can hold as a number (other languages do not tell the two apart), the key `__proto__` as `__proto_`,
 * and half a surrogate pair in long text as U+FFFD.
 */
import { Decoder, Encoder, type Options } from 'cbor-x';
import { BrokerlessError, messageOf } from '../errors.ts';
import { freshMemory } from './codec.ts';
import { flaws, scanItem } from './scan.ts';

/** An encoded value: where it stands in cbor-x's own memory, to be copied before the next encode. */
export type Encoded = Buffer & { readonly start: number; readonly end: number };

// tagUint8Array off: a byte string is what every other language sends and expects.
const encoder = new Encoder({ useRecords: false, variableMapSize: true, tagUint8Array: false });

// A Decoder, not an Encoder that decodes: the latter keeps record definitions that a peer sends.
const profile: Options = { useRecords: false, mapsAsObjects: true };
const viewing = new Decoder({ ...profile });
const copying = new Decoder({ ...profile, copyBuffers: true });

// cbor-x's flags, missing from its types: hand out its memory as it is, and start at the same place
// the next time. A value then costs one copy and no view.
const REUSE_AND_RESET = 512 | 1024;
const encodeInPlace = encoder.encode.bind(encoder) as (value: unknown, flags: number) => Buffer;

let encoding = false;

/**
 * Encodes one value. The result must be copied before the next call.
 *
 * @throws BrokerlessError `BAD_VALUE` for what the profile cannot carry: functions, symbols, a promise,
 *   RegExp and Error, typed arrays other than Uint8Array, cycles, Sets and Maps of very many numbers.
 */
export function encode(value: unknown): Encoded {
  // A getter that sends while it is being encoded would write over the half-made message.
  if (encoding) throw new BrokerlessError('BAD_VALUE', 'a value sent another while it was encoded');
  if (isThenable(value))
    throw new BrokerlessError('BAD_VALUE', 'a promise: await it, then send it');
  encoding = true;
  try {
    const bytes = encodeInPlace(value, REUSE_AND_RESET) as Buffer & Encoded;
    const end = scanItem(bytes, bytes.start, bytes.end);
    if (end === bytes.end) return bytes;
    throw new Error(flaws[end] ?? 'it is more than one item');
  } catch (cause) {
    throw new BrokerlessError('BAD_VALUE', `cannot be sent as CBOR: ${messageOf(cause)}`, {
      cause,
    });
  } finally {
    encoding = false;
  }
}

/** One value as an item in memory of its own. Throws as {@link encode}. */
export function freshItem(value: unknown): Uint8Array {
  const item = encode(value);
  const copy = freshMemory(item.end - item.start);
  // Not by way of a view: it costs more than the copy.
  item.copy(copy, 0, item.start, item.end);
  return copy;
}

// It would arrive as an empty object, and whoever forgot to await it would look for it in vain.
function isThenable(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}

/**
 * Decodes the items between `start` and `end`, which have passed the scan, and hands each to `take`.
 *
 * @param copy Whether byte strings are copies; otherwise they are views of `bytes`.
 * @param wide Whether the scan met integers of eight bytes among them.
 * @throws Whatever cbor-x throws at an item that the profile allows and it does not, such as a map
 *   with a map for a key. The items before it have been handed out.
 */
export function decodeItems(
  bytes: Uint8Array,
  start: number,
  end: number,
  options: { readonly copy: boolean; readonly wide: boolean },
  take: (value: unknown) => void,
): void {
  const decoder = options.copy ? copying : viewing;
  const source = new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
  decoder.decodeMultiple(source, (value: unknown) => {
    take(options.wide ? narrowed(value) : value);
  });
}

/** Decodes one item that has passed the scan, and has the bytes to itself. Options and errors as above. */
export function decodeItem(
  bytes: Uint8Array,
  options: { readonly copy: boolean; readonly wide: boolean },
): unknown {
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length); // No Buffer, nor are its parts.
  const value: unknown = (options.copy ? copying : viewing).decode(plain);
  return options.wide ? narrowed(value) : value;
}

/** Turns each BigInt that a number can hold into that number, in place where there is a place. */
function narrowed(value: unknown): unknown {
  if (typeof value === 'bigint') return narrow(value);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return narrowArray(value);
  if (value instanceof Map) return new Map([...value].map(([k, v]) => [narrowed(k), narrowed(v)]));
  if (value instanceof Set) return new Set([...value].map(narrowed));
  if (value instanceof Date) return value;
  return narrowObject(value as Record<string, unknown>);
}

function narrow(value: bigint): bigint | number {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function narrowArray(array: unknown[]): unknown[] {
  for (let i = 0; i < array.length; i += 1) array[i] = narrowed(array[i]);
  return array;
}

function narrowObject(object: Record<string, unknown>): Record<string, unknown> {
  for (const key of Object.keys(object)) object[key] = narrowed(object[key]);
  return object;
}
