/**
 * A program that listens on a unix socket, its argument, and then stands still: alive, but once its
 * backlog is full without an answer to a connection. It leaves its process id beside the socket.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';

const path = process.argv[2] ?? '';
createServer().listen({ path, backlog: 1 }, () => {
  writeFileSync(`${path}.part`, String(process.pid));
  renameSync(`${path}.part`, `${path}.pid`);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
