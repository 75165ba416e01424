/**
 * With `immediate`, a connecting socket throws away what it has received and not yet handed out when
 * the connection ends.
 *
 * Seen on zeromq 6.8.0 (libzmq 4.3.5, session_base.cpp, reconnect).
 *
 * Rests on it: src/sockets/answerer.ts, where a server that closes leaves its clients time to read, and
 * what the documentation of Dealer says is lost.
 */
import * as zmq from 'zeromq';

for (const immediate of [false, true]) {
  const router = new zmq.Router({ linger: 1000 });
  router.bindSync('tcp://127.0.0.1:*');
  const dealer = new zmq.Dealer({ linger: 0, immediate, receiveTimeout: 500 });
  const { events } = dealer;
  dealer.connect(router.lastEndpoint);
  await dealer.send('hello');
  const [name] = await router.receive();
  for (let i = 0; i < 10; i += 1) await router.send([name, `${i}`]);
  router.close();
  while ((await events.receive()).type !== 'connect:retry') {}
  let read = 0;
  try {
    for (;;) {
      await dealer.receive();
      read += 1;
    }
  } catch {
    console.log(`immediate ${immediate}: ${read} of 10`);
  }
}
process.exit();
