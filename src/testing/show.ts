/**
 * Show: messages and other values as short lines of text, for whoever reads the trace of a failure.
 */

const MOST_CHARACTERS = 100;
const MOST_BYTES = 24;

/** A value in some hundred characters: text as text, other bytes in hexadecimal. */
export function show(value: unknown): string {
  const text = textOf(value, 0);
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS)}…`;
}

function textOf(value: unknown, depth: number): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return 'a function';
  if (value instanceof Uint8Array) return bytesText(value);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (value === null || typeof value !== 'object') return String(value);
  if (depth > 3) return '…';
  if (Array.isArray(value)) {
    return `[${value.map((item) => textOf(item, depth + 1)).join(', ')}]`;
  }
  const members = Object.entries(value).map(([key, it]) => `${key}: ${textOf(it, depth + 1)}`);
  return `{ ${members.join(', ')} }`;
}

function bytesText(bytes: Uint8Array): string {
  const some = bytes.subarray(0, MOST_BYTES);
  const end = bytes.length > MOST_BYTES ? '…' : '';
  if (bytes.length > 0 && some.every((byte) => byte >= 0x20 && byte < 0x7f)) {
    return `"${String.fromCharCode(...some)}${end}"`;
  }
  const pairs = Array.from(some, (byte) => byte.toString(16).padStart(2, '0'));
  return `<${pairs.join(' ')}${end}>`;
}
