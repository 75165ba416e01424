/**
 * brokerless/kit: the workshop door. What patterns stand on, ours and yours: the contract of rules,
 * the loop that drives them, clocks, and the checks of options.
 */
export {
  type Assign,
  type AssignContext,
  type AssignName,
  assignBy,
  type IdleWorker,
  isAssign,
} from './broker/assign.ts';
export { Crew, type CrewOptions, type Job, type Worker } from './broker/crew.ts';
export { decodeHeader, encodeHeader, type RequestHeader } from './broker/header.ts';
export {
  type BrokerFailure,
  type BrokerOverflow,
  type BrokerRequest,
  ENVELOPE_BYTES,
  type Frames,
  type Outgoing,
  type PeerMessage,
  Requests,
  type RequestsOptions,
  replyTo,
  type ToClient,
} from './broker/requests.ts';
export { EPOCH_BYTES, encodeTag, sameBytes } from './broker/tag.ts';
export { isBrokerlessError, messageOf } from './errors.ts';
export { Agenda, type Due } from './rules/agenda.ts';
export { type BackoffOptions, backoffMs } from './rules/backoff.ts';
export { CallTable, type TimedCall } from './rules/call-table.ts';
export {
  boolean,
  type Check,
  type Checks,
  callback,
  checkArgument,
  checkOptions,
  either,
  integer,
  iterable,
  oneOf,
  shaped,
  show,
  text,
} from './rules/check.ts';
export { Fifo } from './rules/fifo.ts';
export { Liveness } from './rules/liveness.ts';
export { NumberMap } from './rules/number-map.ts';
export { RetryBudget, type RetryBudgetOptions, retryAt } from './rules/retry.ts';
export { type Action, type Rules, reopen, send, tell } from './rules/rules.ts';
export { type Queued, Waiting, type WaitingOptions } from './rules/waiting.ts';
export {
  type Broker,
  type BrokerAct,
  type BrokerEvents,
  type BrokerPort,
  type BrokerRules,
  type BrokerTold,
  type Door,
  type DoorOptions,
  startBroker,
} from './run/broker.ts';
export {
  type BrokerOptions,
  type BrokerRuleOptions,
  brokerChecks,
  brokerRuleOptions,
} from './run/broker-options.ts';
export type { BrokerCounts, BrokerStats } from './run/broker-stats.ts';
export { type Clock, msUntil, systemClock, wallOffsetMs } from './run/clock.ts';
export { Departures } from './run/departures.ts';
export { type Driven, type DriveOptions, drive, type Port } from './run/drive.ts';
export { type DurationStats, Durations } from './run/durations.ts';
export { Feed } from './run/feed.ts';
export { hear, surface } from './run/hear.ts';
export {
  Handling,
  type JobContext,
  type LaneAct,
  type LaneJob,
  type LaneSocket,
  type LaneTold,
  type WorkerRules,
} from './run/lane.ts';
export { type Listenable, Listeners } from './run/listeners.ts';
export { type Responder, respond } from './run/respond.ts';
export { type Deferred, deferred, newBytes, newId, once, type Running } from './run/running.ts';
export { nextTurn, overdue, workOf } from './run/turn.ts';
export { type WaitOptions, waitFor } from './run/wait.ts';
export {
  type LaneOptions,
  type LaneWorker,
  laneOptions,
  startLanes,
  type WorkerMakings,
  type WorkerOptions,
  type WorkerStats,
  workerChecks,
} from './run/worker.ts';
export { checkOne, isSchema } from './sockets/schema.ts';
export { type Bodies, type BodyCodec, bodiesBy, isBodyCodec } from './wire/body.ts';
export {
  bodyStart,
  DELIMITER,
  decodeFailure,
  encodeFailure,
  type Failure,
  failureOf,
} from './wire/envelope.ts';
export { ListReader, ListWriter, ownCopy } from './wire/list.ts';
