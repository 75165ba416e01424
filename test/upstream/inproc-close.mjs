/**
 * A closed inproc socket lives on for as long as its peer is idle: libzmq waits until the peer agrees
 * to the end of their connection, and a peer agrees only inside some call of its own.
 *
 * Seen on zeromq 6.8.0 (libzmq 4.3.5). Asking the peer whether it is `readable` is call enough.
 *
 * Rests on it: src/sockets/lifecycle.ts, where the end of an inproc socket is not waited for.
 */

import * as zmq from 'zeromq';

const push = new zmq.Push({ linger: 0 });
push.bindSync('inproc://idle');
const pull = new zmq.Pull();
pull.connect('inproc://idle');
await push.send('hello');
await pull.receive();

let ended = false;
const { events } = push;
const end = (async () => {
  for (;;) if ((await events.receive()).type === 'end') break;
  ended = true;
})();
push.close();
await new Promise((resolve) => setTimeout(resolve, 1000));
console.log(`peer idle: ${ended ? 'ended' : 'not ended'} after a second`);
void pull.readable;
await end;
console.log('peer asked: ended');
process.exit();
