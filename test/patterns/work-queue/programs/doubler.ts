/**
 * A worker process of a fan-out: doubles numbers, dies of 13, and leaves when it is told to end.
 *
 *     doubler.ts ENDPOINT
 */
import { leaveWithParent, startQueueWorker } from 'brokerless/patterns/work-queue';

const [queue = ''] = process.argv.slice(2);

leaveWithParent();
const leaving = new AbortController();
process.once('SIGTERM', () => leaving.abort());
await startQueueWorker<number, number>({
  queue,
  handler: (item) => {
    if (item === 13) process.kill(process.pid, 'SIGKILL');
    return 2 * item;
  },
  signal: leaving.signal,
});
