/**
 * A program with a Publisher to which a stranger subscribes with topics as long as they may be, or
 * longer, and which the stranger leaves, or which is closed beside it, as the argument says.
 */
import { Publisher, Subscriber } from 'brokerless';
import * as zmq from 'zeromq';

const [how = 'leaves', bytes = '1000000'] = process.argv.slice(2);
const publisher = await Publisher.bind<Record<string, string>>('tcp://127.0.0.1:*');
const rude = new zmq.Subscriber({ linger: 0 });
rude.connect(publisher.endpoint);
const long = 'x'.repeat(Number(bytes));
rude.subscribe('marker', long, `${long.slice(0, -5)}y`);
await publisher.subscribers(1, { topic: 'marker' });
while (publisher.stats().faults === 0) await new Promise(setImmediate);
const good = await Subscriber.connect<Record<string, string>>(publisher.endpoint);
good.subscribe('t');
await good.ready();
if (how === 'unsubscribes') rude.unsubscribe(long);
if (how !== 'stays') rude.close();
await publisher.send('t', 'served');
console.log((await good.receive()).value, publisher.stats().faults);
await Promise.all([good, publisher].map((socket) => socket.close()));
rude.close();
