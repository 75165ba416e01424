/**
 * A program whose event loop stands still while connections flap, so that more events come than a
 * monitor can hold: once it moves again, all sockets must talk as before.
 */
import { Pull, Push } from 'brokerless';

const pull = await Pull.bind<string>('tcp://127.0.0.1:*');
const push = await Push.connect<string>(pull.endpoint);
await push.ready();
const flappers = Array.from({ length: 8 }, () => new Push({ reconnectMs: 1, reconnectMaxMs: 1 }));
for (const flapper of flappers) await flapper.connect('tcp://127.0.0.1:9');
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2500);
for (let n = 0; n < 100; n += 1) {
  await push.send('hello');
  await pull.receive();
}
console.log('talks');
await Promise.all([push, pull, ...flappers].map((socket) => socket.close({ drainMs: 0 })));
