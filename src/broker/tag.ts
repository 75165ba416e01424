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

/** The length of an epoch. */
export const EPOCH_BYTES = 8;

const JOB_AT = EPOCH_BYTES;
const ATTEMPT_AT = JOB_AT + 6;
const TAG_BYTES = ATTEMPT_AT + 2;

/** The tag of an attempt. `epoch` is {@link EPOCH_BYTES} bytes that no other run of a broker has. */
export function encodeTag(epoch: Uint8Array, job: number, attempt: number): Uint8Array {
  const tag = new Uint8Array(TAG_BYTES);
  tag.set(epoch);
  for (let at = ATTEMPT_AT - 1, rest = job; at >= JOB_AT; at -= 1) {
    tag[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  tag[ATTEMPT_AT] = attempt >> 8;
  tag[ATTEMPT_AT + 1] = attempt;
  return tag;
}

/** Whether two frames are the same, byte for byte. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at += 1) if (one[at] !== other[at]) return false;
  return true;
}
