/**
 * Thread exit: sockets that are still open when their worker thread ends are closed in its last moment.
 *
 * zeromq aborts the whole process when a thread ends while one of its sockets has an operation
 * pending. A thread's `exit` event comes for every end but one: `worker.terminate()` stops it without
 * a word, so a thread with open sockets must be told to close them and never be terminated.
 */
import { isMainThread } from 'node:worker_threads';
import type { Socket } from 'zeromq';
import type { Monitor } from './monitor.ts';
import { dispose } from './native.ts';

/** What must be ended before the thread is. */
export interface Open {
  /** The zeromq socket. */
  readonly raw: Socket;
  /** Its monitor, whose read is always pending. */
  readonly monitor: Monitor;
}

// libzmq needs a moment to let go of the sockets: a monitor closed before its socket's end would
// freeze the connections of all other threads.
const REAPING_MS = 20;

const open = new Set<Open>();

/** Ends the socket when its thread does, if nobody has closed it by then. */
export function closeAtThreadExit(socket: Open): void {
  if (isMainThread) return; // A process that exits takes its sockets along without a fuss.
  if (open.size === 0) process.once('exit', closeAll);
  open.add(socket);
  void socket.monitor.ended.then(() => forget(socket));
}

function forget(socket: Open): void {
  open.delete(socket);
  if (open.size === 0) process.off('exit', closeAll);
}

function closeAll(): void {
  for (const { raw } of open) dispose(raw, 0);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, REAPING_MS);
  for (const { monitor } of open) monitor.abandon();
}
