/**
 * A worker process of the app: does its tasks, and leaves in good order when its parent lets go of it.
 */
import { startTaskWorker } from 'brokerless/patterns/tasks';
import { app } from './app.ts';

const [queue = ''] = process.argv.slice(2);
const leave = new AbortController();
process.once('disconnect', () => leave.abort());

const worker = await startTaskWorker(app, { queue, signal: leave.signal });
await worker.finished;
