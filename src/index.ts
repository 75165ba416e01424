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
export type { Handler, HandlerContext, ServeOptions } from './sockets/answerer.ts';
export { Dealer, type DealerOptions } from './sockets/dealer.ts';
export type { Readiness } from './sockets/echo.ts';
export type {
  ConnectionEvent,
  ConnectionEventName,
  ConnectionListener,
} from './sockets/monitor.ts';
export type { QueueOptions, SocketOptions, ValueOptions } from './sockets/options.ts';
export type { Overflow, SendOptions } from './sockets/outbox.ts';
export type { Peer } from './sockets/peers.ts';
export { Publisher, type PublisherOptions, type Topics } from './sockets/publisher.ts';
export { Pull, type PullOptions, type ReceiveOptions } from './sockets/pull.ts';
export { Push, type PushOptions } from './sockets/push.ts';
export { Reply } from './sockets/reply.ts';
export { Request } from './sockets/request.ts';
export type { AskOptions, ReplyOptions, RequestOptions } from './sockets/request-options.ts';
export { type FromPeer, Router, type RouterOptions } from './sockets/router.ts';
export type { Schema, SchemaIssue, SchemaResult } from './sockets/schema.ts';
export type { CloseOptions } from './sockets/socket.ts';
export type {
  CloseReport,
  ReplyStats,
  RequestStats,
  SocketStats,
  SubscriberStats,
} from './sockets/stats.ts';
export {
  type Missed,
  type Published,
  Subscriber,
  type SubscriberOptions,
} from './sockets/subscriber.ts';
export { BATCH_TAG } from './wire/batch.ts';
export type { Codec, CodecName } from './wire/codec.ts';
