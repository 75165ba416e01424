/**
 * An option the socket refuses, given to its constructor: the error is caught, yet the process dies
 * of SIGSEGV when it ends by itself.
 *
 * Seen on zeromq 6.8.0 (libzmq 4.3.5). The addon registers the half-made object for its cleanup
 * before it assigns the options, and does not take it out again when one of them throws.
 *
 * Rests on it: src/sockets/native.ts, which constructs a socket bare and then assigns its options.
 */

import * as zmq from 'zeromq';

try {
  const push = new zmq.Push({ linger: 'a while' });
  console.log(`accepted: ${push.linger}`);
} catch (error) {
  console.log(`caught: ${error.message}`);
}
