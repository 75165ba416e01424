/**
 * A worker thread that ends while one of its sockets waits for a message takes the whole process
 * with it (SIGABRT). The argument says how it ends: by `exit` or `throw` in the worker, by
 * `terminate`, or because `main`, the main thread, exits.
 *
 * Seen on zeromq 6.8.0 (libzmq 4.3.5). The addon closes what the thread left open after the thread
 * can run no more JavaScript; settling the pending promise fails there, and nothing catches the
 * error (zeromq/zeromq.js#411).
 *
 * Rests on it: src/sockets/thread-exit.ts, whose exit hook closes a worker's sockets. The hook does
 * not run for `terminate` and `main`: those are left to the warning that it gives.
 */

import { isMainThread, Worker, workerData } from 'node:worker_threads';
import * as zmq from 'zeromq';

if (isMainThread) {
  const how = process.argv[2];
  const worker = new Worker(new URL(import.meta.url), { workerData: how, stdout: true });
  worker.stdout.once('data', () => {
    if (how === 'terminate') void worker.terminate();
    if (how === 'main') process.exit();
  });
  worker.on('error', () => {});
  worker.on('exit', () => console.log('survived'));
} else {
  const pull = new zmq.Pull();
  pull.receive().catch(() => {});
  console.log('waiting');
  if (workerData === 'exit') process.exit();
  if (workerData === 'throw') throw new Error('thrown in the worker');
}
