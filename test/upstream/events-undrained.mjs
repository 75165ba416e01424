/**
 * `socket.events` touched and left unread: after some 2000 events no socket of the context moves a
 * byte, and reading the events sets everything free again.
 *
 * Seen on zeromq 6.8.0 (libzmq 4.3.5). libzmq hands events over with a send that blocks, from the
 * one thread that does the I/O of all sockets (zeromq/libzmq#2829).
 *
 * Rests on it: src/sockets/monitor.ts, which reads a socket's events until its end.
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

const flapping = new zmq.Push();
flapping.reconnectInterval = 1;
const { events } = flapping;
console.log(`before: ${(await flows()) ? 'flows' : 'frozen'}`);
// Nothing listens on port 1, so each of these connections fails again every millisecond or two.
for (let i = 0; i < 50; i += 1) flapping.connect('tcp://127.0.0.1:1');

const deadline = performance.now() + 4000;
let flowing = true;
while (flowing && performance.now() < deadline) flowing = await flows();
console.log(`unread: ${flowing ? 'flows' : 'frozen'}`);

void (async () => {
  for (;;) await events.receive();
})();
console.log(`read: ${(await flows()) ? 'flows' : 'frozen'}`);
flapping.close();
process.exit();
