/**
 * Paranoid Pirate: requests are answered while one worker lives. See README.md beside this file.
 */

export type { JobContext } from 'brokerless/kit';
export {
  type PirateQueue,
  type PirateQueueEvents,
  type PirateQueueOptions,
  type PirateQueueStats,
  startPirateQueue,
} from './queue.ts';
export type { WorkerLoss } from './queue-rules.ts';
export {
  type PirateWorker,
  type PirateWorkerOptions,
  type PirateWorkerStats,
  startPirateWorker,
} from './worker.ts';
