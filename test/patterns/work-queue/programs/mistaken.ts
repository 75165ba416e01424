/**
 * A hub whose application makes mistakes: its listeners throw. Each surfaces as an uncaught exception, and items are
 * done all the same.
 */
import { connectProducer, startQueueWorker, startWorkQueue } from 'brokerless/patterns/work-queue';

const TCP = 'tcp://127.0.0.1:*';
const uncaught: string[] = [];
let heard = (): void => {};
const all = new Promise<void>((resolve) => {
  heard = resolve;
});
process.on('uncaughtException', ({ message }) => {
  if (uncaught.push(message) === 3) heard();
});

const fail = (message: string) => (): never => {
  throw new Error(message);
};
const hub = await startWorkQueue({ producers: TCP, workers: TCP, maxAttempts: 1 });
hub.on('worker:join', fail('join'));
hub.onThreshold({ depth: 1 }, fail('threshold'));
const producer = await connectProducer<number, number>(hub.producers);
const id = await producer.send(1);
await new Promise<void>((resolve) => {
  const stop = hub.onThreshold({ depth: 1 }, () => resolve(stop()));
});
const worker = await startQueueWorker({
  queue: hub.workers,
  handler: fail('handler'),
  onError: fail('onError'),
});
const { status } = await producer.outcome(id);
await all;
await Promise.all([producer.close(), worker.close(), hub.close()]);
console.log(JSON.stringify({ uncaught: uncaught.toSorted(), status }));
