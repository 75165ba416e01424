/**
 * Thread exit: sockets that are still open when their worker thread ends are closed in its last moment.
 *
 * zeromq aborts the whole process when a thread ends while one of its sockets has an operation
 * pending. A thread's `exit` event comes when it throws, calls `process.exit()` or has nothing left to
 * do, and then there is time to settle what is pending. It does not come when the thread is ended from
 * outside, by `worker.terminate()` or by the end of the main thread: no code runs in it then. Such a
 * thread must be told to close its sockets first.
 */
import { isMainThread } from 'node:worker_threads';
import { Observer, type Socket } from 'zeromq';
import type { Monitor } from './monitor.ts';
import { dispose } from './native.ts';

/** What must be ended before the thread is. */
export interface Open {
  /** The zeromq socket. */
  readonly raw: Socket;
  /** Its monitor, whose read is always pending. */
  readonly monitor: Monitor;
}

const open = new Set<Open>();

/** Ends the socket when its thread does, if nobody has closed it by then. */
export function closeAtThreadExit(socket: Open): void {
  if (isMainThread) return; // When the main thread ends its process does, and zeromq with it.
  if (open.size === 0) process.once('exit', closeAll);
  open.add(socket);
  void socket.monitor.ended.then(() => forget(socket));
}

function forget(socket: Open): void {
  open.delete(socket);
  if (open.size === 0) process.off('exit', closeAll);
}

// How long libzmq usually takes to let go of sockets, and at most, on a machine that is busy.
const REAPING_MS = 20;
const SLOW_REAPING_MS = 1000;

/**
 * Closes the sockets, and their monitors only after them: one closed before its socket's end freezes
 * the connections of all other threads. Promises come too late for this, so a second observer is put
 * in the place of each monitor. That ends the first one, whose pending read can be settled; the second
 * has none, and is read until it shows the socket's end.
 */
function closeAll(): void {
  const watchers = [...open].map(watchEnd);
  pause(REAPING_MS);
  const allEnded = watchers.map(hasEnded).every(Boolean);
  if (!allEnded) pause(SLOW_REAPING_MS);
  for (const watcher of watchers) watcher.close();
}

function watchEnd({ raw, monitor }: Open): Observer {
  if (raw.closed) return monitor.observer; // It is ending already.
  const watcher = new Observer(raw);
  monitor.observer.close();
  dispose(raw, 0);
  return watcher;
}

/** To be asked once: a read that finds nothing stays pending, and the next one throws. */
function hasEnded(watcher: Observer): boolean {
  try {
    while (!watcher.closed) watcher.receive().catch(() => {});
    return true;
  } catch {
    return false;
  }
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
