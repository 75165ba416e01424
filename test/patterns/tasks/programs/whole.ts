/**
 * Sends, waits, gives up, cancels and closes, and then ends by itself if nothing of it is left.
 */
import {
  chain,
  connectTasks,
  isTaskError,
  startTaskQueue,
  startTaskWorker,
  tasks,
} from 'brokerless/patterns/tasks';

const app = tasks({
  add: (x: number, y: number) => x + y,
  fail: () => {
    throw Object.assign(new Error('no'), { code: 'NO' });
  },
  never: () => new Promise<number>(() => {}),
});
const codeOf = (error: unknown): unknown => Object(error).code;

const queue = await startTaskQueue({
  producers: 'tcp://127.0.0.1:*',
  workers: 'tcp://127.0.0.1:*',
  maxAttempts: 1,
});
const worker = await startTaskWorker(app, { queue: queue.workers, concurrency: 4 });
const client = await connectTasks(app, { queue: queue.producers });
console.log(await chain([app.add.s(2, 2), app.add.after(8)]));
const failed = await app.fail.delay();
await failed.get().catch((error) => console.log(isTaskError(error), codeOf(error)));
const never = await app.never.delay();
await never.get({ timeoutMs: 20 }).catch((error) => console.log(codeOf(error), 'never'));
await never.cancel();
console.log(await never.outcome().then(({ status }) => status));
const closed = (await app.never.delay()).get().catch((error) => console.log(codeOf(error)));
await client.close();
await closed;
await worker.close();
await queue.close();
