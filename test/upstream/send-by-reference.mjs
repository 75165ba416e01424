/**
 * A buffer of more than 128 bytes is sent by reference. Written to after `await send`, it arrives
 * as it is then; over inproc, sender and receiver even go on sharing its memory.
 *
 * Seen on zeromq 6.8.0 (libzmq 4.3.5). Nothing tells when libzmq has finished with a buffer.
 *
 * Rests on it: src/wire/batch.ts and codec.ts, which send memory that is never written to again, and
 * src/sockets/pull.ts, which copies what comes in over inproc.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as zmq from 'zeromq';

/** Sends a buffer of ones, writes twos to it, and only then lets it be received. */
async function reuse(endpoint, size) {
  const push = new zmq.Push();
  push.connect(endpoint);
  const sent = Buffer.alloc(size, 1);
  await push.send(sent);
  sent.fill(2);
  const pull = new zmq.Pull();
  pull.bindSync(endpoint);
  const [received] = await pull.receive();
  console.log(`${new URL(endpoint).protocol}${size}: sent 1, received ${received[0]}`);
  return { sent, received };
}

const directory = mkdtempSync(join(tmpdir(), 'zmq-'));
await reuse(`ipc://${directory}/copied`, 128);
await reuse(`ipc://${directory}/shared`, 129);
const { sent, received } = await reuse('inproc://shared', 129);
received.fill(3);
console.log(`inproc: receiver writes 3, sender sees ${sent[0]}`);
rmSync(directory, { recursive: true });
process.exit();
