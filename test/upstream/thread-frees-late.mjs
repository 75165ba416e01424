/**
 * What a worker thread has sent over inproc is freed in that thread when its reader is done with it, even if the
 * thread has ended by then: zeromq writes into memory that is freed, and the process dies of it.
 *
 * Seen on zeromq 6.8.0 (libzmq 4.3.5), with frames of more than 128 bytes, which are not copied. The frame that the
 * reader is given lives in the sender's buffer; when that is garbage, zeromq calls back into the sender's environment.
 *
 * Rests on it: src/wire/pieces.ts and src/sockets/transfer.ts. A thread sends over inproc in pieces that are copied.
 */

import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread, Worker } from 'node:worker_threads';
import * as zmq from 'zeromq';

const [THREADS, COUNT, BYTES] = [8, 200, 1000];

if (isMainThread) {
  const pull = new zmq.Pull();
  await pull.bind('inproc://pull');
  for (let thread = 0; thread < THREADS; thread += 1) {
    const ended = once(new Worker(new URL(import.meta.url)), 'exit');
    for (let n = 0; n < COUNT; n += 1) await pull.receive();
    await ended;
  }
  console.log('all threads have ended');
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  for (let times = 0; times < 5; times += 1) {
    collect();
    await new Promise(setImmediate);
  }
  pull.close();
  console.log('survived');
} else {
  const push = new zmq.Push();
  push.connect('inproc://pull');
  for (let n = 0; n < COUNT; n += 1) await push.send(new Uint8Array(BYTES));
  push.close();
}
