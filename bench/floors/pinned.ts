/**
 * Pinned: the options of raw `zeromq` that floors are run with, as its defaults may change.
 */

/** Options of a socket; nobody closes before everything has arrived, so nothing has to linger. */
export interface Pinned {
  /** Messages that may wait to be sent. */
  readonly sendHighWaterMark: number;
  /** Messages that may wait to be taken. */
  readonly receiveHighWaterMark: number;
  /** How long a closed socket tries to send what waits, in milliseconds. */
  readonly linger: number;
}

/** The options with this high-water mark in both directions. Default: libzmq's own, 1000. */
export function pinned(highWaterMark = 1000): Pinned {
  return { sendHighWaterMark: highWaterMark, receiveHighWaterMark: highWaterMark, linger: 0 };
}
