/**
 * A worker process that takes a while over each item, writes down what it has done before it answers, dies of poison,
 * and leaves when it is told to end.
 *
 *     worker.mjs OPTIONS
 *
 * OPTIONS are those of a worker, and `ledger`, a folder, and `pauseMs`.
 */
import { openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { startQueueWorker } from 'brokerless/patterns/work-queue';

const { ledger, pauseMs = 0, ...options } = JSON.parse(process.argv[2] ?? '{}');
const file = ledger === undefined ? undefined : openSync(join(ledger, `${process.pid}`), 'a');

process.once('disconnect', () => process.exit());
const worker = await startQueueWorker({
  ...options,
  handler: async (item, { attempt }) => {
    if (item === 'poison') process.kill(process.pid, 'SIGKILL');
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    if (file !== undefined) writeSync(file, `${item} ${attempt}\n`);
    return item;
  },
});
process.once('SIGTERM', () => {
  void worker.leave().then(() => {
    process.send?.(['left']);
    process.disconnect();
  });
});
process.on('message', () => process.send?.(['stats', worker.stats()]));
process.send?.(['started']);
