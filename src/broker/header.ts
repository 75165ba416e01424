/**
 * Header: what a broker may know of a request without looking into it.
 *
 *     [address …] [header] [empty] [body]
 *
 * The last frame before the empty one, if it looks like this:
 *
 * | bytes | what                                                                       |
 * | ----- | -------------------------------------------------------------------------- |
 * | 4     | `62 72 6B 01`: "brk", version 1                                            |
 * | 1     | priority, 0 to 255; the greater goes first                                 |
 * | 4     | remaining time in milliseconds, big-endian; `FF FF FF FF`: no limit        |
 * | 1–64  | the id of the request, any bytes                                           |
 *
 * Whoever answers sends it back as it came, as REP and every broker do with all that stands before the empty
 * frame, and so the asker finds its request. A plain REQ client has no such frame. Remaining time and not
 * the time of day travels, because no two clocks agree.
 */
import { Buffer } from 'node:buffer';

const MAGIC = [0x62, 0x72, 0x6b, 0x01] as const;
const PRIORITY_AT = 4;
const REMAINING_AT = 5;
const ID_AT = 9;
const MAX_ID_BYTES = 64;
const NO_LIMIT = 0xffff_ffff;

/** What the header of a request says. */
export interface RequestHeader {
  /** Names the request; 1 to 64 bytes, never the same twice from one asker. */
  readonly id: Uint8Array;
  /** 0 to 255; the greater goes first. */
  readonly priority: number;
  /** For how long the asker will wait, in milliseconds; Infinity for ever. */
  readonly remainingMs: number;
}

/** The frame of a header. Time is rounded up, so that it is 0 only if there is none left. */
export function encodeHeader({ id, priority, remainingMs }: RequestHeader): Uint8Array {
  // From the memory that Node.js keeps for small pieces: other memory costs more when it is sent.
  const frame = Buffer.allocUnsafe(ID_AT + id.length);
  frame.set(MAGIC);
  frame[PRIORITY_AT] = priority;
  const ms = Math.min(NO_LIMIT, Math.ceil(Math.max(0, remainingMs)));
  frame.writeUInt32BE(ms, REMAINING_AT);
  frame.set(id, ID_AT);
  return frame;
}

/** The header that `frame` is; undefined if it is something else. */
export function decodeHeader(frame: Uint8Array): RequestHeader | undefined {
  const idBytes = frame.length - ID_AT;
  if (idBytes < 1 || idBytes > MAX_ID_BYTES) return undefined;
  for (let at = 0; at < MAGIC.length; at += 1) if (frame[at] !== MAGIC[at]) return undefined;
  const ms = readUint32(frame, REMAINING_AT);
  return {
    id: frame.subarray(ID_AT),
    priority: frame[PRIORITY_AT] as number,
    remainingMs: ms === NO_LIMIT ? Number.POSITIVE_INFINITY : ms,
  };
}

function readUint32(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let i = at; i < at + 4; i += 1) value = value * 256 + (bytes[i] as number);
  return value;
}
