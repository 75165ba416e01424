/**
 * `for await` over a socket that is closed meanwhile ends, except when the pending receive is the
 * 513th operation: then it throws ENOTSOCK.
 *
 * Seen on zeromq 6.8.0 (libzmq 4.3.5). Every 513th operation is put off to the end of the event
 * loop's turn, where `close` cannot settle it; the iterator takes EAGAIN alone for the end.
 *
 * Rests on it: src/sockets/inbox.ts, which calls `receive` itself and takes whatever it rejects with
 * once the socket is closed for the end.
 */

import * as zmq from 'zeromq';

const push = new zmq.Push();
const pull = new zmq.Pull();
pull.bindSync('inproc://iterator-close');
push.connect('inproc://iterator-close');
for (let i = 0; i < 600; i += 1) await push.send('x');

let received = 0;
try {
  for await (const _ of pull) {
    received += 1;
    // Runs once the loop has asked for the 513th message.
    if (received === 512) queueMicrotask(() => pull.close());
  }
  console.log(`received: ${received}, then the end`);
} catch (error) {
  console.log(`received: ${received}, then ${error.code}`);
}
process.exit();
