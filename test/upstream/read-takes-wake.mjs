/**
 * A send that waits sleeps on if a read that begins meanwhile takes the event that would wake it: looking
 * whether there is anything to read consumes the news that there is somebody to write to.
 *
 * Seen on zeromq 6.8.0 (socket.cc, Socket::Receive: only a read that succeeds at once looks after the writer).
 * It takes a handshake between the two, which a busy machine may put off, so it is tried several times.
 *
 * Rests on it: src/sockets/transfer.ts, where no send of a socket that is read from waits within zeromq.
 */
import { setTimeout } from 'node:timers/promises';
import * as zmq from 'zeromq';

const pause = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

async function isSent(first) {
  const router = new zmq.Router({ linger: 0 });
  router.bindSync('tcp://127.0.0.1:*');
  const dealer = new zmq.Dealer({ linger: 0, immediate: true });
  dealer.connect(router.lastEndpoint);
  let sent = false;
  const read = () => void dealer.receive().catch(() => {});
  const send = async () => {
    await dealer.send('hello').catch(() => {});
    sent = true;
  };
  const steps = first === 'read' ? [read, send] : [send, read];
  void steps[0]();
  pause(100); // The I/O thread shakes hands meanwhile.
  void steps[1]();
  for (let i = 0; i < 200 && !sent; i += 1) await setTimeout(10);
  const outcome = sent;
  dealer.close();
  router.close();
  return outcome;
}

for (const first of ['read', 'send']) {
  let all = true;
  for (let i = 0; i < 8 && all; i += 1) all = await isSent(first);
  console.log(`${first} first: ${all ? 'sent' : 'waits'}`);
}
process.exit();
