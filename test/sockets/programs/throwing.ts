/**
 * A program whose listener makes a mistake: of connection events, or of faults, as its argument says.
 * The mistake must surface as an uncaught exception, and the socket must go on.
 */
import { Pull, Push } from 'brokerless';

const uncaught: string[] = [];
process.on('uncaughtException', (error) => uncaught.push(String(error)));
let mistaken = false;
function mistake(): void {
  if (mistaken) return;
  mistaken = true;
  throw new Error('my mistake');
}

const which = process.argv[2];
const pull = new Pull(which === 'onFault' ? { onFault: mistake } : {});
if (which === 'listener') pull.on('accept', mistake);
await pull.bind('tcp://127.0.0.1:*');
const raw = await Push.connect<Uint8Array>(pull.endpoint, { codec: 'raw' });
await raw.send(new Uint8Array([0xff]));
const value = pull.receive();
while (pull.stats().faults === 0) await new Promise(setImmediate);
const push = await Push.connect(pull.endpoint);
await push.ready();
await push.send('hello');
console.log(JSON.stringify({ uncaught, received: await value }));
await Promise.all([pull, raw, push].map((socket) => socket.close()));
