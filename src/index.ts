/**
 * brokerless: typed ZeroMQ sockets for Node.js. This is the front door; patterns have doors of their
 * own (`brokerless/patterns/…`), and what patterns are made of is behind `brokerless/kit`.
 */
export {
  BrokerlessError,
  type ErrorCode,
  type ErrorDetails,
  errorCodes,
  isBrokerlessError,
} from './errors.ts';
export type {
  ConnectionEvent,
  ConnectionEventName,
  ConnectionListener,
} from './sockets/monitor.ts';
export type { SocketOptions } from './sockets/options.ts';
export type { Overflow, SendOptions } from './sockets/outbox.ts';
export { Pull, type PullOptions, type ReceiveOptions } from './sockets/pull.ts';
export { Push, type PushOptions } from './sockets/push.ts';
export type { Schema, SchemaIssue, SchemaResult } from './sockets/schema.ts';
export type { CloseOptions } from './sockets/socket.ts';
export type { CloseReport, SocketStats } from './sockets/stats.ts';
export { BATCH_TAG } from './wire/batch.ts';
export type { Codec, CodecName } from './wire/codec.ts';
