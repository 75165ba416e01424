/**
 * A second `send` while the first one waits: EBUSY, and thrown by the call itself where a rejected
 * promise is documented, so that `send(...).catch(...)` does not catch it.
 *
 * Seen on zeromq 6.8.0 (libzmq 4.3.5).
 *
 * Rests on it: src/sockets/outbox.ts, whose one writer has a single send under way and takes a throw
 * for a rejection. Should EBUSY be rejected one day, only the latter may go.
 */

import * as zmq from 'zeromq';

const push = new zmq.Push();
push.linger = 0;
// With no peer there is nowhere to put a message, so this one waits.
push.send('first').catch(() => {});
try {
  push.send('second').catch((error) => console.log(`rejected: ${error.code}`));
} catch (error) {
  console.log(`thrown: ${error.code}`);
}
push.close();
