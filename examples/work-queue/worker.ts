/**
 * Work queue, a worker: takes a tenth of a second for each dot of an item, and then acknowledges it.
 *
 *     node --conditions=@brokerless/source --import tsx examples/work-queue/worker.ts [WORKERS]
 *
 * In Python with pika this is `basic_qos(prefetch_count=1)`, `basic_consume`, `basic_ack` and `basic_reject`. Start
 * as many as you like, and kill them: what one had in hand another does. Leaves with Ctrl+C or SIGTERM.
 */
import { setTimeout } from 'node:timers/promises';
import { Discard, startQueueWorker } from 'brokerless/patterns/work-queue';

const [queue = 'tcp://127.0.0.1:5558'] = process.argv.slice(2);
const stop = new AbortController();
process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort());

const worker = await startQueueWorker({
  queue,
  credit: 1, // The prefetch: it holds no more items than this.
  signal: stop.signal,
  handler: async (item: string, { attempt }) => {
    console.log(`got ${item}, attempt ${attempt}`);
    // Rejects it for good; whatever else is thrown has it tried again.
    if (item.startsWith('nonsense')) throw new Discard('it makes no sense');
    if (item.startsWith('broken')) throw new Error('it does not work');
    await setTimeout(100 * (item.split('.').length - 1));
    console.log(`did ${item}`); // Returning acknowledges it.
    return item.length;
  },
});
await worker.finished;
