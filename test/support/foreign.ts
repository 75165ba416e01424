/**
 * CBOR as another library might write it: heads in more bytes than they need. Lengths take at most
 * four, as the profile wants.
 */
import { head, hex, join } from './wire.ts';

/** Gives the width of the next head: 0 for the shortest, or 1, 2, 4 or 8 bytes. */
export type Widths = () => number;

/** Encodes a value that consists of the profile's own types, with heads as wide as `width` says. */
export function encodeForeign(value: unknown, width: Widths): Uint8Array {
  if (typeof value === 'string') return bytesOf(3, Buffer.from(value), width);
  if (value instanceof Uint8Array) return bytesOf(2, value, width);
  if (Array.isArray(value)) return membersOf(4, value.length, value, width);
  if (value instanceof Set) {
    return join(head(6, 258, width()), membersOf(4, value.size, [...value], width));
  }
  if (value instanceof Map) {
    return join(head(6, 259, width()), membersOf(5, value.size, [...value].flat(1), width));
  }
  if (value instanceof Date) return join(head(6, 1, width()), float(value.getTime() / 1000));
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value);
    return membersOf(5, entries.length, entries.flat(1), width);
  }
  return scalar(value, width);
}

function scalar(value: unknown, width: Widths): Uint8Array {
  if (typeof value === 'bigint' && (value >= 1n << 64n || value < -(1n << 64n))) {
    return bignum(value, width);
  }
  if (typeof value === 'bigint') return integer(value, width);
  if (Number.isSafeInteger(value)) return integer(BigInt(value as number), width);
  if (typeof value === 'number') return float(value);
  const simple = ['f4', 'f5', 'f6', 'f7'][[false, true, null, undefined].indexOf(value as null)];
  if (simple === undefined) throw new Error(`no CBOR for ${String(value)}`);
  return hex(simple);
}

function integer(value: bigint, width: Widths): Uint8Array {
  return value < 0n ? head(1, -1n - value, width()) : head(0, value, width());
}

function bignum(value: bigint, width: Widths): Uint8Array {
  const digits = (value < 0n ? -1n - value : value).toString(16);
  const magnitude = hex(digits.length % 2 === 0 ? digits : `0${digits}`);
  // The length keeps its own width: the profile wants at most 64 bytes and reads one byte of it.
  return join(head(6, value < 0n ? 3 : 2, width()), head(2, magnitude.length), magnitude);
}

function float(value: number): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setFloat64(0, value);
  return join(hex('fb'), new Uint8Array(bytes.buffer));
}

function bytesOf(major: number, bytes: Uint8Array, width: Widths): Uint8Array {
  return join(head(major, bytes.length, Math.min(4, width())), bytes);
}

function membersOf(
  major: number,
  count: number,
  members: readonly unknown[],
  width: Widths,
): Uint8Array {
  const opening = head(major, count, Math.min(4, width()));
  return join(opening, ...members.map((member) => encodeForeign(member, width)));
}
