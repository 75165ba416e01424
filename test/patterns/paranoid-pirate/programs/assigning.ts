/**
 * A queue whose application makes mistakes: its `assign` throws, and so does its listener. Each surfaces as
 * an uncaught exception, and the request is answered all the same.
 */
import { Request } from 'brokerless';
import { startPirateQueue, startPirateWorker } from 'brokerless/patterns/paranoid-pirate';

const uncaught: string[] = [];
process.on('uncaughtException', ({ message }) => uncaught.push(message));

const TCP = 'tcp://127.0.0.1:*';
const queue = await startPirateQueue({
  clients: TCP,
  workers: TCP,
  assign: () => {
    throw new Error('assign');
  },
});
queue.on('worker:join', () => {
  throw new Error('listener');
});
const worker = await startPirateWorker({ queue: queue.workers, handler: (x: number) => 2 * x });
const client = await Request.connect<number, number>(queue.clients, { timeoutMs: 8000 });
const answers = [await client.request(1), await client.request(2)];
await Promise.all([client.close(), worker.close(), queue.close()]);
console.log(JSON.stringify({ uncaught, answers }));
