/**
 * Messages: what queue and worker say to each other besides requests and replies, each one frame of one
 * byte. Spec: rfc.zeromq.org/spec/6 (PPP); LEAVE is an addition.
 *
 * | from   | to     | frames                    | meaning                                            |
 * | ------ | ------ | ------------------------- | -------------------------------------------------- |
 * | worker | queue  | `[01]`                    | READY: a worker is here, and free; once a connection |
 * | both   | both   | `[02]`                    | HEARTBEAT: alive, and nothing more                 |
 * | queue  | worker | `[tag] [empty] [body …]`  | a request                                          |
 * | worker | queue  | `[tag] [empty] [body …]`  | its reply; the worker is free again                |
 * | worker | queue  | `[03]`                    | LEAVE: will take no more                           |
 * | queue  | worker | `[03]`                    | nothing more will come                             |
 */

/** A command's byte. */
export const READY = 0x01;
/** A command's byte. */
export const HEARTBEAT = 0x02;
/** A command's byte. A queue that does not know it goes on until the worker is silent for long enough. */
export const LEAVE = 0x03;

/** The message that is this command. */
export const command = (byte: number): readonly Uint8Array[] => [Uint8Array.of(byte)];

/** The command that a message is: its byte, or -1 for one that there is not. Undefined for other messages. */
export function commandOf(frames: readonly Uint8Array[]): number | undefined {
  if (frames.length !== 1) return undefined;
  const [frame] = frames;
  return frame?.length === 1 ? frame[0] : -1;
}
