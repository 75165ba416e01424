/**
 * Sequence: the frame behind each message of a publisher, by which its subscribers count what they missed.
 *
 *     8 bytes   the epoch: random, another one each time a publisher is made
 *     8 bytes   how many values of this topic were sent before this message's first, big-endian
 */

/** How many bytes an epoch has. */
export const EPOCH_BYTES = 8;

const BYTES = EPOCH_BYTES + 8;

/** Where a message stands among those of its topic. */
export interface Sequence {
  /** Which publisher sent it. */
  readonly epoch: string;
  /** How many values of the topic it had sent before. */
  readonly first: number;
}

/** The frame for a message whose first value is number `first`. */
export function encodeSequence(epoch: Uint8Array, first: number): Uint8Array {
  const frame = Buffer.allocUnsafe(BYTES);
  frame.set(epoch);
  frame.writeBigUInt64BE(BigInt(first), EPOCH_BYTES);
  return frame;
}

/** What the frame says; undefined if it is none. */
export function decodeSequence(frame: Uint8Array | undefined): Sequence | undefined {
  if (frame?.length !== BYTES) return undefined;
  const view = Buffer.from(frame.buffer, frame.byteOffset, BYTES);
  const first = Number(view.readBigUInt64BE(EPOCH_BYTES));
  if (!Number.isSafeInteger(first)) return undefined;
  return { epoch: view.toString('latin1', 0, EPOCH_BYTES), first };
}
