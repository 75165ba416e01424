/**
 * `unbindSync` binds: called with the endpoint a socket is bound to, it throws EADDRINUSE; with a
 * free one, it binds that.
 *
 * Seen on zeromq 6.8.0 (libzmq 4.3.5). The addon registers `bindSync` under both names.
 *
 * Rests on it: src/sockets/lifecycle.ts, which binds with `bindSync` and lets go only by `close`.
 */

import * as zmq from 'zeromq';

const pull = new zmq.Pull();
pull.bindSync('tcp://127.0.0.1:*');
try {
  pull.unbindSync(pull.lastEndpoint);
  console.log('unbound');
} catch (error) {
  console.log(`thrown: ${error.code}`);
}
process.exit();
