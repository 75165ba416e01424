/**
 * Tag: the one frame that a broker puts in place of a client's address when it gives a request to a worker.
 *
 *     [epoch: 8 bytes] [job: 6 bytes] [attempt: 2 bytes]
 *
 * A worker of any make sends back what stands before the empty frame, so every answer names the attempt
 * that it answers. What was asked by a broker that has been restarted since, of a worker that was given
 * up, or for a job that somebody else has by now, is recognised and refused. The address stays with the
 * broker, where no worker can change it.
 */

import { Buffer } from 'node:buffer';

/** The length of an epoch. */
export const EPOCH_BYTES = 8;

const JOB_AT = EPOCH_BYTES;
const ATTEMPT_AT = JOB_AT + 6;
const TAG_BYTES = ATTEMPT_AT + 2;

/** The tag of an attempt. `epoch` is {@link EPOCH_BYTES} bytes that no other run of a broker has. */
export function encodeTag(epoch: Uint8Array, job: number, attempt: number): Uint8Array {
  // From the memory that Node.js keeps for small pieces: other memory costs more when it is sent.
  const tag = Buffer.allocUnsafe(TAG_BYTES);
  tag.set(epoch);
  tag.writeUIntBE(job, JOB_AT, 6);
  tag.writeUInt16BE(attempt, ATTEMPT_AT);
  return tag;
}

/** Whether two frames are the same, byte for byte. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at += 1) if (one[at] !== other[at]) return false;
  return true;
}
