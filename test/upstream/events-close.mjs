/**
 * `socket.events` closed before its socket: at the socket's next event no socket of the context
 * moves a byte any more.
 *
 * Seen on zeromq 6.8.0 (libzmq 4.3.5). Closing the observer does not tell libzmq to stop the
 * monitor, so the one I/O thread blocks in handing an event to a reader that is gone.
 *
 * Rests on it: src/sockets/monitor.ts, which never closes the observer of a live socket.
 */

import * as zmq from 'zeromq';

const push = new zmq.Push();
const pull = new zmq.Pull();
pull.receiveTimeout = 2000;
pull.bindSync('tcp://127.0.0.1:*');
push.connect(pull.lastEndpoint);

/** Whether a message crosses between two sockets that have no part in the fault. */
async function flows() {
  await push.send('ping');
  return pull.receive().then(Boolean, () => false);
}

const watched = new zmq.Push();
watched.events.close();
console.log(`before: ${(await flows()) ? 'flows' : 'frozen'}`);
watched.connect(pull.lastEndpoint);

const deadline = performance.now() + 2000;
let flowing = true;
while (flowing && performance.now() < deadline) flowing = await flows();
console.log(`after: ${flowing ? 'flows' : 'frozen'}`);
watched.close();
process.exit();
