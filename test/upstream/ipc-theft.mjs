/**
 * Binding an ipc path that a live socket is bound to succeeds and takes the path away from it,
 * without a word to either side, where tcp gives EADDRINUSE.
 *
 * Seen on zeromq 6.8.0 (libzmq 4.3.5), which unlinks whatever file lies at the path and binds.
 *
 * Rests on it: src/sockets/endpoint.ts, which tries to connect to an ipc path before it is bound.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as zmq from 'zeromq';

const directory = mkdtempSync(join(tmpdir(), 'zmq-'));
const endpoint = `ipc://${directory}/taken`;
const [owner, thief] = [new zmq.Pull(), new zmq.Pull()];
owner.bindSync(endpoint);
try {
  thief.bindSync(endpoint);
  const push = new zmq.Push();
  push.connect(endpoint);
  await push.send('hello');
  const first = await Promise.race([
    owner.receive().then(() => 'the owner'),
    thief.receive().then(() => 'the thief'),
  ]);
  console.log(`received by ${first}`);
} catch (error) {
  console.log(`thrown: ${error.code}`);
}
rmSync(directory, { recursive: true });
process.exit();
