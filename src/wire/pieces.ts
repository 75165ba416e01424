/**
 * Pieces: frames cut so small that zeromq copies them, and put together again.
 *
 * A frame of over 128 bytes zeromq hands on without a copy. It goes back to the thread that it was sent from when
 * whoever has received it lets go of it, which is when garbage is collected there. Over inproc that may be long after
 * the sending thread has ended: zeromq then writes into memory that is not its own, and the process aborts, or worse.
 * So a thread that may end sends nothing of the kind: a long frame travels as a head and pieces, all in one message.
 *
 *     16 bytes that no frame begins with by chance · the number of pieces, 4 bytes      then so many pieces
 *
 * Source: zeromq 6, outgoing_msg.cc (`zero_copy_threshold`, `Reference::Recycle`), incoming_msg.cc.
 */

/** The longest frame that zeromq copies. */
export const PIECE_BYTES = 128;

const MARK = Buffer.from('8e2bd1f5409c4d6fa7133ac05b96e4d8', 'hex');
const HEAD_BYTES = MARK.length + 4;

/** The frames with each one that is too long cut into pieces. */
export function cut(frames: readonly Uint8Array[]): Uint8Array[] {
  return frames.flatMap((frame) => (frame.length > PIECE_BYTES ? piecesOf(frame) : [frame]));
}

function piecesOf(frame: Uint8Array): Uint8Array[] {
  const head = Buffer.alloc(HEAD_BYTES);
  head.set(MARK);
  head.writeUInt32BE(Math.ceil(frame.length / PIECE_BYTES), MARK.length);
  const pieces: Uint8Array[] = [head];
  for (let at = 0; at < frame.length; at += PIECE_BYTES) {
    pieces.push(frame.subarray(at, at + PIECE_BYTES));
  }
  return pieces;
}

/** The frames with all that were cut put together. A head with too few pieces behind it is a frame like others. */
export function join(frames: Buffer[]): Buffer[] {
  if (!frames.some(isHead)) return frames;
  const whole: Buffer[] = [];
  for (let at = 0; at < frames.length; at += 1) {
    const frame = frames[at] as Buffer;
    const count = isHead(frame) ? frame.readUInt32BE(MARK.length) : 0;
    if (count === 0 || at + count >= frames.length) whole.push(frame);
    else {
      whole.push(Buffer.concat(frames.slice(at + 1, at + 1 + count)));
      at += count;
    }
  }
  return whole;
}

function isHead(frame: Buffer): boolean {
  return frame.length === HEAD_BYTES && frame.compare(MARK, 0, MARK.length, 0, MARK.length) === 0;
}
