/**
 * A sender that never has two sends to wait for gets EBUSY all the same: every 513th operation of a
 * socket is put off to the end of the event loop's turn, and the next one finds the socket busy.
 *
 * Seen on zeromq 6.8.0 (libzmq 4.3.5). The count is kept per socket, and only an operation that had
 * to wait sets it back, so it strikes on an idle socket too, after any length of time.
 *
 * Rests on it: src/sockets/outbox.ts, whose one writer awaits each send, though few have to wait.
 */

import { setImmediate } from 'node:timers/promises';
import * as zmq from 'zeromq';

// A publisher without subscribers can always send: it drops.
const publisher = new zmq.Publisher();
let sent = 0;
try {
  while (sent < 2000) {
    for (let i = 0; i < 2; i += 1) {
      void publisher.send('tick');
      sent += 1;
    }
    await setImmediate();
  }
  console.log(`sent: ${sent}`);
} catch (error) {
  console.log(`sent: ${sent}, then ${error.code}`);
}
process.exit();
