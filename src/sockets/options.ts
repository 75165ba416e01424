/**
 * Options: what every socket can be told, with its defaults, its checks and its zeromq names.
 */

import type { BrokerlessError } from '../errors.ts';
import { boolean, type Checks, callback, either, integer, oneOf, shaped } from '../rules/check.ts';
import { type Codec, type CodecName, codecNames, codecOf } from '../wire/codec.ts';
import type { NativeOptions } from './native.ts';

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
   * values are batched (a batch is up to 64 KiB), otherwise 1000.
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

/** The default of `maxMessageBytes`. */
export const MAX_MESSAGE_BYTES: number = 1 << 20;

/** The default of `drainMs`. */
export const DRAIN_MS = 1000;

/** The codec that the options ask for: `'cbor'`, or a pair of functions. */
export function chosenCodec<T>(options: SocketOptions<T>): 'cbor' | Codec<T> {
  const { codec = 'cbor' } = options;
  return codec === 'cbor' ? codec : codecOf(codec);
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
