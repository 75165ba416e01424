/**
 * Options: what every socket can be told, with its defaults, its checks and its zeromq names.
 */

import type { BrokerlessError } from '../errors.ts';
import { boolean, type Checks, callback, either, integer, oneOf, shaped } from '../rules/check.ts';
import { type Codec, type CodecName, type Coding, codecNames, codingOf } from '../wire/codec.ts';
import type { NativeOptions } from './native.ts';
import type { Overflow } from './outbox.ts';
import { isSchema, type Schema } from './schema.ts';

/** Options of every socket. All may be left out. */
export interface SocketOptions<T> {
  /** How values become bytes. Default `'cbor'`; see {@link CodecName}. Both ends must agree. */
  readonly codec?: CodecName | Codec<T> | undefined;
  /**
   * The most bytes of one encoded value, sent or received. Default 1 MiB (1,048,576). A longer one is
   * refused where it is sent (`TOO_LARGE`) and dropped and counted where it is received; a bound
   * socket cuts off a peer that sends a frame longer than this and than a batch.
   */
  readonly maxMessageBytes?: number | undefined;
  /** Allows a TCP bind beyond loopback, where any stranger can reach the port. Default false. */
  readonly insecure?: boolean | undefined;
  /**
   * How many ZeroMQ messages wait for one peer, at either end of its connection. Default 128 where
   * values are batched (a batch is up to 64 KiB), otherwise, and for topics, 1000.
   */
  readonly highWaterMark?: number | undefined;
  /** The size asked for the kernel's buffer of each TCP connection. Default: the system's. */
  readonly kernelBufferBytes?: number | undefined;
  /**
   * How often to probe the connection (ZMTP PING), in milliseconds; one silent for three times as
   * long is cut. Default 0, off: a receiver that is slow enough to fill its pipe stops reading and so
   * stops answering, and what waits in a connection that is cut is lost. TCP keepalive, always on,
   * finds a dead host within a minute.
   */
  readonly heartbeatMs?: number | undefined;
  /** How long a new connection may take to shake hands before it is cut. Default 5000. */
  readonly handshakeMs?: number | undefined;
  /** How long one attempt to connect over TCP may take. Default 3000. */
  readonly connectMs?: number | undefined;
  /** The wait before the first reconnect; it doubles up to `reconnectMaxMs`. Default 100. */
  readonly reconnectMs?: number | undefined;
  /** What no wait before a reconnect exceeds. Default 5000. */
  readonly reconnectMaxMs?: number | undefined;
  /** How long `close()` lets what was sent leave, unless it is told otherwise. Default 1000. */
  readonly drainMs?: number | undefined;
  /**
   * Hears of each message from a peer that was dropped because it made no sense, as an error of code
   * `BAD_MESSAGE`; `stats().faults` counts them all. May be called very often.
   */
  readonly onFault?: ((fault: BrokerlessError) => void) | undefined;
}

/** Options of sockets that send values from a queue. */
export interface QueueOptions {
  /**
   * Whether values sent in one turn of the event loop may share a message; `cbor` only. Default true
   * for `cbor`. Set it to false for peers that expect one value a message, or for work of uneven
   * length: what shares a message cannot be dealt to two workers.
   */
  readonly batch?: boolean | undefined;
  /**
   * What `send` does when the queue is full: `'wait'` (default) resolves when there is room, `'reject'`
   * rejects with `QUEUE_FULL`, `'drop-newest'` drops the value and counts it in `stats().dropped`.
   */
  readonly overflow?: Overflow | undefined;
  /**
   * The queue is full when it holds this many bytes. Default 8 MiB (8,388,608). The process holds up
   * to this, one value more, and `highWaterMark` messages for each peer.
   */
  readonly maxQueueBytes?: number | undefined;
}

/** Options of sockets that receive values. */
export interface ValueOptions<T> {
  /**
   * Checks each value where it is received, by any library that speaks Standard Schema (zod, valibot,
   * arktype …). What it refuses is dropped, counted and offered to `onFault`. Default: no check.
   */
  readonly schema?: Schema<T> | undefined;
  /**
   * Whether byte strings are copies of their own. Default false: they are views of the message they
   * came in, to be read and not written, and one that is kept keeps all of that message (a batch is up
   * to 64 KiB). Over inproc they are always copies.
   */
  readonly copy?: boolean | undefined;
}

/** The checks of the options that every socket has. */
export const socketChecks: Checks<SocketOptions<never>> = {
  codec: either(
    oneOf(...codecNames),
    shaped('an object with encode and decode', 'encode', 'decode'),
  ),
  maxMessageBytes: integer(1, 0x7fff_ffff),
  insecure: boolean,
  highWaterMark: integer(1, 1_000_000),
  kernelBufferBytes: integer(1, 0x7fff_ffff),
  heartbeatMs: integer(0, 600_000),
  handshakeMs: integer(1, 600_000),
  connectMs: integer(0, 600_000),
  reconnectMs: integer(1, 600_000),
  reconnectMaxMs: integer(1, 600_000),
  drainMs: integer(0, 0x7fff_ffff),
  onFault: callback,
};

/** The checks of {@link QueueOptions}. */
export const queueChecks: Checks<QueueOptions> = {
  batch: boolean,
  overflow: oneOf('wait', 'reject', 'drop-newest'),
  maxQueueBytes: integer(1),
};

/** The checks of {@link ValueOptions}. */
export const valueChecks: Checks<ValueOptions<never>> = { schema: isSchema, copy: boolean };

/** The default of `maxMessageBytes`. */
export const MAX_MESSAGE_BYTES: number = 1 << 20;

/** The default of `maxQueueBytes`. */
export const MAX_QUEUE_BYTES: number = 8 << 20;

/** The default of `drainMs`. */
export const DRAIN_MS = 1000;

/** How the options ask for values to become messages. */
export function codingFor<T>(options: SocketOptions<T>): Coding<T> {
  return codingOf(options.codec ?? 'cbor');
}

/** Whether sockets with these options put several values into a message. */
export function isBatched<T>(options: SocketOptions<T> & Pick<QueueOptions, 'batch'>): boolean {
  return (options.codec ?? 'cbor') === 'cbor' && options.batch !== false;
}

/** What the options mean in zeromq's words. `batched` decides how much a message may be. */
export function nativeOptions<T>(options: SocketOptions<T>, batched: boolean): NativeOptions {
  const { heartbeatMs = 0, kernelBufferBytes, highWaterMark = batched ? 128 : 1000 } = options;
  return {
    linger: 0, // Until close() says otherwise: an abandoned socket never holds up the exit.
    sendHighWaterMark: highWaterMark,
    receiveHighWaterMark: highWaterMark,
    handshakeInterval: options.handshakeMs ?? 5000,
    connectTimeout: options.connectMs ?? 3000,
    reconnectInterval: options.reconnectMs ?? 100,
    reconnectMaxInterval: options.reconnectMaxMs ?? 5000,
    tcpKeepalive: 1,
    tcpKeepaliveIdle: 30,
    tcpKeepaliveInterval: 10,
    tcpKeepaliveCount: 3,
    ...(heartbeatMs > 0 && {
      heartbeatInterval: heartbeatMs,
      heartbeatTimeout: 3 * heartbeatMs,
      heartbeatTimeToLive: 3 * heartbeatMs,
    }),
    ...(kernelBufferBytes !== undefined && {
      sendBufferSize: kernelBufferBytes,
      receiveBufferSize: kernelBufferBytes,
    }),
  };
}
