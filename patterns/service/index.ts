/**
 * Service: typed calls from one process to another, by a contract that both share. See README.md beside this file.
 */

export type { AskOptions, EventOptions, Headers, StreamOptions, Within } from './ask-options.ts';
export {
  type Balance,
  type BalanceName,
  leastBusy,
  roundRobin,
  type ServerView,
} from './balance-rules.ts';
export {
  type Answers,
  type Client,
  type ClientEvents,
  connectTo,
  type FromServer,
  type ServerState,
  type ServiceClient,
} from './client.ts';
export type { LossReason } from './client-acts-rules.ts';
export type { ConnectOptions } from './client-options.ts';
export type { AskedStats, ClientStats } from './client-stats.ts';
export type { CallContext, DeclaredFailure } from './context.ts';
export {
  type Call,
  type Contract,
  type ContractOptions,
  call,
  contract,
  type Event,
  event,
  type Failures,
  type Method,
  type MethodOptions,
  type Methods,
  type Stream,
  stream,
} from './contract.ts';
export { type CloseOnSignalOptions, closeOnSignal } from './drain.ts';
export { type DeclaredError, isFailure } from './failures.ts';
export type {
  ClientMiddleware,
  IncomingCall,
  OutgoingCall,
  ServerMiddleware,
} from './middleware.ts';
export { type } from './schemas.ts';
export { type HandlersOf, type Server, type ServerEvents, serve } from './server.ts';
export type { ClientLoss } from './server-acts-rules.ts';
export type { ServeOptions } from './server-options.ts';
export type { MethodStats, ServerStats } from './server-stats.ts';
export type { ServerInfo } from './serving.ts';
