/**
 * Heartbeats cut a healthy connection whose receiver does not take messages for a while, and what
 * waits in it is lost. A pipe that is full stops the engine from reading, so that it sees no PONG and
 * no message, and takes a peer that is waiting for it for one that is dead.
 *
 * Seen on zeromq 6.8.0 (libzmq 4.3.5). The sender hears of it only by a `disconnect`, if it listens.
 *
 * Rests on it: src/sockets/options.ts, where heartbeats are off unless they are asked for.
 */

import * as zmq from 'zeromq';

const COUNT = 400;

/** Sends to a receiver that takes nothing for some seconds, and tells what came of it. */
async function stall(heartbeats) {
  const pull = new zmq.Pull({ receiveHighWaterMark: 4, ...heartbeats });
  pull.bindSync('tcp://127.0.0.1:*');
  const push = new zmq.Push({ sendHighWaterMark: 4, immediate: true, ...heartbeats });
  let disconnects = 0;
  const watch = async (socket) => {
    for await (const { type } of socket.events) if (type === 'disconnect') disconnects += 1;
  };
  for (const socket of [pull, push]) void watch(socket);
  push.connect(pull.lastEndpoint);
  const sending = (async () => {
    for (let n = 0; n < COUNT; n += 1) {
      const message = Buffer.allocUnsafeSlow(65_536);
      message.writeUInt32LE(n);
      await push.send(message);
    }
  })();
  await new Promise((resolve) => setTimeout(resolve, 2500));
  pull.receiveTimeout = 1000; // Long enough for a connection that was cut to be made again.
  const received = new Set();
  const receiving = (async () => {
    for (;;) received.add((await pull.receive())[0].readUInt32LE());
  })();
  await Promise.all([sending, receiving]).catch(() => {}); // EAGAIN: nothing more comes.
  return { lost: received.size < COUNT, cut: disconnects > 0 };
}

const heartbeats = { heartbeatInterval: 200, heartbeatTimeout: 600, heartbeatTimeToLive: 600 };
const [off, on] = await Promise.all([stall({}), stall(heartbeats)]);
for (const [name, { cut, lost }] of Object.entries({ off, on })) {
  console.log(`heartbeats ${name}: ${cut ? 'cut' : 'held'}, ${lost ? 'lost' : 'complete'}`);
}
process.exit();
