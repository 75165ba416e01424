/**
 * Tasks, a worker: does the tasks of the app, four at a time.
 *
 *     node --conditions=@brokerless/source --import tsx examples/tasks/worker.ts [WORKERS]
 *
 * In place of `celery -A tasks worker --concurrency=4`, or of `rq worker`. Start as many as you like. With Ctrl+C or
 * SIGTERM it finishes what it has in hand, and leaves.
 */
import { startTaskWorker } from 'brokerless/patterns/tasks';
import { app } from './app.ts';

const [queue = 'tcp://127.0.0.1:5558'] = process.argv.slice(2);
const leave = new AbortController();
process.once('SIGINT', () => leave.abort()).once('SIGTERM', () => leave.abort());

const worker = await startTaskWorker(app, { queue, concurrency: 4, signal: leave.signal });
await worker.finished;
console.log(`answered ${worker.stats().sent} tasks`);
