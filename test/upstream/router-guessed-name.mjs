/**
 * A peer that calls itself what a ROUTER will call its next peer ends the ROUTER's process: libzmq
 * asserts that the names it makes up are free. It counts them up from a random number that nobody
 * seeds, so the first one is the same in each process.
 *
 * Seen on zeromq 6.8.0 (libzmq 4.3.5, socket_base.cpp:2113).
 *
 * Rests on it: the README's word that a port is not for strangers, and INSECURE_BIND.
 */
import * as zmq from 'zeromq';

const FIRST_NAME = '006b8b4567';

const router = new zmq.Router({ linger: 0 });
router.bindSync('tcp://127.0.0.1:*');
const { lastEndpoint } = router;
const { events } = router;
const handshakes = async (count) => {
  for (let seen = 0; seen < count; ) if ((await events.receive()).type === 'handshake') seen += 1;
};
const rude = new zmq.Dealer({ linger: 0 });
rude.routingId = Buffer.from(FIRST_NAME, 'hex');
rude.connect(lastEndpoint);
await rude.send('mine');
await router.receive();
console.log('the rude one is served');
const good = new zmq.Dealer({ linger: 0 });
good.connect(lastEndpoint);
await good.send('me too');
await Promise.race([router.receive(), handshakes(5)]);
console.log('so is the next one');
process.exit();
