/**
 * Work queue: nothing that was accepted is lost, and nothing is counted twice. See README.md beside this file.
 */
export type { WorkerLoss } from './acts-rules.ts';
export type { Alarm, Threshold } from './alarms.ts';
export { leaveWithParent, type ProcessCrew, startCrew } from './crew.ts';
export type { CrewEvents, CrewExit, CrewOptions } from './crew-options.ts';
export type { DeadLetter } from './dead-letters.ts';
export { Discard } from './discard.ts';
export type { QueueEvents } from './engine.ts';
export { type FanOut, fanOut } from './fan-out.ts';
export type { FanOutOptions, WorkerProcesses } from './fan-out-options.ts';
export type { FanOutOutcome } from './fan-out-outcome.ts';
export type { ItemContext } from './handlers.ts';
export {
  startWorkQueue,
  type WorkQueue,
  type WorkQueueStats,
} from './hub.ts';
export type { WorkQueueOptions } from './hub-options.ts';
export { type Indexed, type InOrderOptions, inOrder } from './in-order.ts';
export type { Attempt, Order, Source, StoreRecord } from './item-rules.ts';
export type { ItemFailure, Outcome } from './outcome.ts';
export { type Pausable, pausable } from './pause.ts';
export {
  connectProducer,
  type Producer,
  type ProducerOptions,
  type ProducerStats,
} from './producer.ts';
export { type Progress, type ProgressOptions, progress } from './progress.ts';
export type { QueueOptions } from './queue-options.ts';
export type { QueueStats } from './queue-stats.ts';
export { type RateLimitOptions, rateLimit } from './rate-limit.ts';
export { FORGET_AFTER_MS, MemoryStore, type Store } from './store.ts';
export {
  type StoreCheck,
  type StoreConformanceOptions,
  storeConformance,
} from './store-conformance.ts';
export type { ItemOptions } from './wishes.ts';
export {
  type ItemHandler,
  type QueueWorker,
  type QueueWorkerOptions,
  type QueueWorkerStats,
  startQueueWorker,
} from './worker.ts';
