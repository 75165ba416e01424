/**
 * A queue, a worker that leaves, one that is closed, and a client in one process, which ends by itself once
 * they are closed.
 */
import { Request } from 'brokerless';
import { startPirateQueue, startPirateWorker } from 'brokerless/patterns/paranoid-pirate';

const queue = await startPirateQueue({ clients: 'tcp://127.0.0.1:*', workers: 'ipc://*' });
const handler = (x: number): number => 2 * x;
const [one, other] = await Promise.all([
  startPirateWorker({ queue: queue.workers, handler, concurrency: 3 }),
  startPirateWorker({ queue: queue.workers, handler }),
]);
const client = await Request.connect<number, number>(queue.clients);
const answers = await Promise.all([1, 2, 3, 4].map((x) => client.request(x)));
await one.leave();
await one.finished;
await Promise.all([client.close(), other.close(), queue.close()]);
console.log(answers.join(' '));
