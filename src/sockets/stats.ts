/**
 * Stats: the numbers of a socket, in the one vocabulary that everything here counts in.
 *
 * | here                        | OpenTelemetry                                                |
 * | --------------------------- | ------------------------------------------------------------ |
 * | `sent`                      | `messaging.client.sent.messages`                             |
 * | `received`                  | `messaging.client.consumed.messages`                         |
 * | `bytesSent` `bytesReceived` | `messaging.message.body.size`, summed                        |
 * | `dropped` `refused` `faults`| the same two, with `error.type` = `dropped` `refused` `fault`|
 * | `depth` `depthBytes`        | an up-down counter of the application's own                  |
 */

/** A moment's numbers of one socket. Counters start at 0 and only grow; a value is a message here. */
export interface SocketStats {
  /** Values handed to ZeroMQ. */
  readonly sent: number;
  /** Values handed to the application. */
  readonly received: number;
  /** Bytes of the frames that held the values sent. */
  readonly bytesSent: number;
  /** Bytes of the frames received. */
  readonly bytesReceived: number;
  /** Values lost here: by `overflow: 'drop-newest'`, or because ZeroMQ would not have them. */
  readonly dropped: number;
  /** Values that `send` refused because the queue was full. */
  readonly refused: number;
  /** Messages from peers that were dropped because they made no sense. */
  readonly faults: number;
  /** Values that wait in this process: to be sent, or to be taken. */
  readonly depth: number;
  /** Bytes that the values waiting to be sent take, bookkeeping included. */
  readonly depthBytes: number;
  /** Peers that have shaken hands and not left. Always 0 over inproc, which has no events. */
  readonly connections: number;
}

/** The numbers of a `Request`. */
export interface RequestStats extends SocketStats {
  /** Requests that wait for their replies. */
  readonly inFlight: number;
  /** Attempts after the first. */
  readonly retried: number;
  /** Replies that came when nobody waited for them any more, and were dropped. */
  readonly late: number;
}

/** The numbers of a `Reply`. */
export interface ReplyStats extends SocketStats {
  /** Handlers that run. */
  readonly inFlight: number;
}

/** The numbers of a `Subscriber`. */
export interface SubscriberStats extends SocketStats {
  /** Values that were published and lost on their way here, by the publishers' numbers. */
  readonly missed: number;
}

/** What `close()` reports. */
export interface CloseReport {
  /** Values accepted by `send` that never left the queue of this process. */
  readonly unsent: number;
  /** Values received that the application never took. */
  readonly unread: number;
  /**
   * Whether ZeroMQ is known to have handed all it was given to the kernel before the time was up. If
   * not, the last of what counts as sent may not have left: up to `highWaterMark` messages a peer.
   */
  readonly flushed: boolean;
}
