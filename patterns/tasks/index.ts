/**
 * Tasks: functions that are called here and run elsewhere, on the work queue. See README.md beside this file.
 */
export {
  Discard,
  type Outcome,
  type QueueWorker,
  startWorkQueue as startTaskQueue,
  type WorkQueue as TaskQueue,
  type WorkQueueOptions as TaskQueueOptions,
} from 'brokerless/patterns/work-queue';
export { type TaskFunctions, type Tasks, tasks } from './app.ts';
export { connectTasks, type TaskClient, type TaskClientOptions } from './client.ts';
export { chain, chord, group, type Results } from './compose.ts';
export type { TaskContext, TaskFunction } from './registry-rules.ts';
export type { TaskResult, TaskStatus } from './result.ts';
export type { Call, Link, Task, TaskOptions } from './task.ts';
export { isTaskError, TaskError } from './task-error.ts';
export { startTaskWorker, type TaskWorkerOptions, taskHandler } from './worker.ts';
