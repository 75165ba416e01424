/**
 * A queue, an app that is connected to it and a worker, in the process of the test.
 */
import {
  connectTasks,
  startTaskQueue,
  startTaskWorker,
  type TaskClient,
  type TaskQueue,
  type TaskQueueOptions,
  type TaskWorkerOptions,
} from 'brokerless/patterns/tasks';

/** What to start, and how. */
export interface RunningOptions {
  /** Options of the queue. */
  readonly queue?: Partial<TaskQueueOptions>;
  /** Options of the worker; false for none. */
  readonly worker?: Partial<TaskWorkerOptions> | false;
}

/** All of it at work, closed when its scope ends. */
export interface Running extends AsyncDisposable {
  /** The queue. */
  readonly queue: TaskQueue;
  /** The connection of the app. */
  readonly client: TaskClient;
}

const anywhere = { producers: 'tcp://127.0.0.1:*', workers: 'tcp://127.0.0.1:*' } as const;

/** Starts it. What fails is tried again at once. */
export async function running(
  app: object,
  { queue: queueOptions, worker: workerOptions }: RunningOptions = {},
): Promise<Running> {
  const queue = await startTaskQueue({ ...anywhere, retryMs: 1, ...queueOptions });
  const asked = { queue: queue.workers, concurrency: 8, ...workerOptions };
  const worker = workerOptions === false ? undefined : await startTaskWorker(app, asked);
  const client = await connectTasks(app, { queue: queue.producers });
  return {
    queue,
    client,
    async [Symbol.asyncDispose]() {
      await client.close();
      await worker?.close();
      await queue.close();
    },
  };
}

/** What a promise rejects with. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it was expected to fail');
}
