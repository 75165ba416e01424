/**
 * Paranoid pirate, a worker: squares a number in some 10 ms, and first says which. Started by crew.ts.
 *
 *     worker.ts QUEUE
 */
import { setTimeout } from 'node:timers/promises';
import { startPirateWorker } from 'brokerless/patterns/paranoid-pirate';

const [queue = ''] = process.argv.slice(2);
const over = new AbortController();
process.once('disconnect', () => over.abort()); // Whoever started this process is done, or dead,
if (!process.connected) over.abort(); // now, or while this one was starting.

const worker = await startPirateWorker({ queue, handler: square, signal: over.signal });
await worker.finished;

async function square(number: number): Promise<number> {
  if (process.connected) process.send?.(number);
  await setTimeout(5 + 10 * Math.random());
  return number * number;
}
