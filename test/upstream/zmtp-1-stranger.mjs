/**
 * Whatever does not begin like a peer of today is taken for one of ZMTP 1.0, of 2009: an HTTP client
 * at the port of a PUSH is dealt its share of the messages, is never cut off, however short the time
 * for handshakes, and shows in no event but `accept`.
 *
 * Seen on zeromq 6.8.0 (libzmq 4.3.5). Peers of ZMTP 1 and 2 are refused where an authenticator could
 * be asked about a peer, which ours cannot answer; a `zapDomain` alone is enough for that.
 *
 * Rests on it: nothing so far. What is dealt to such a client is lost, and what it says is read.
 */

import { connect } from 'node:net';
import * as zmq from 'zeromq';

async function serve(options) {
  const push = new zmq.Push({ linger: 0, handshakeInterval: 200, ...options });
  push.bindSync('tcp://127.0.0.1:*');
  const pull = new zmq.Pull();
  pull.connect(push.lastEndpoint);
  await push.send('hello');
  await pull.receive();

  const client = connect(Number(new URL(push.lastEndpoint).port), '127.0.0.1');
  client.on('error', () => {});
  client.write('GET / HTTP/1.1\r\n\r\n');
  let cut = false;
  client.on('close', () => {
    cut = true;
  });
  client.resume();
  await new Promise((resolve) => {
    client.once('close', resolve);
    setTimeout(resolve, 1000);
  });

  for (let n = 0; n < 10; n += 1) await push.send('value');
  let received = 0;
  pull.receiveTimeout = 300;
  try {
    for (; received < 10; received += 1) await pull.receive();
  } catch {} // EAGAIN: nothing more comes.
  return `${cut ? 'cut' : 'kept'}, ${received} of 10 values left for the peer`;
}

console.log(`the client is ${await serve({})}`);
console.log(`with a zapDomain it is ${await serve({ zapDomain: 'any' })}`);
process.exit();
