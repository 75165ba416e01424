/**
 * A hub, a worker that leaves, one that is closed, a producer and a fan-out in one process, which ends by itself once
 * they are closed.
 */
import {
  connectProducer,
  fanOut,
  startQueueWorker,
  startWorkQueue,
} from 'brokerless/patterns/work-queue';

const hub = await startWorkQueue({ producers: 'tcp://127.0.0.1:*', workers: 'ipc://*' });
hub.onThreshold({ depth: 1_000_000 }, () => {});
const handler = (x: number): number => 2 * x;
const [one, other] = await Promise.all([
  startQueueWorker({ queue: hub.workers, handler, concurrency: 3 }),
  startQueueWorker({ queue: hub.workers, handler }),
]);
const producer = await connectProducer<number, number>(hub.producers);
const ids = await Promise.all([1, 2, 3].map((x) => producer.send(x)));
const outcomes = await Promise.all(ids.map((id) => producer.outcome(id)));
const answers = outcomes.map((outcome) => (outcome.status === 'done' ? outcome.value : NaN));
await one.leave();
await one.finished;

const stage = await fanOut<number, number>([4, 5]);
const worker = await startQueueWorker({ queue: stage.endpoint, handler });
for await (const value of stage.values()) answers.push(value);
await Promise.all([producer.close(), other.close(), worker.close(), hub.close()]);
console.log(answers.toSorted((a, b) => a - b).join(' '));
