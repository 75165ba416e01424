/**
 * A program in which connections flap, sockets close and nobody listens to events, while two other
 * sockets go on talking: it counts what they say, and prints the total when all is said.
 */
import { createServer } from 'node:net';
import { Pull, Push } from 'brokerless';

const [rounds = '40', messages = '3000'] = process.argv.slice(2);

// Accepts and hangs up at once: each attempt of the connector is a handful of events.
const server = createServer((socket) => socket.destroy());
await new Promise<void>((resolve) => {
  server.listen(0, '127.0.0.1', resolve);
});
const address = server.address();
const port = typeof address === 'object' && address !== null ? address.port : 0;

const flappers = Array.from({ length: 4 }, () => new Push({ reconnectMs: 1, reconnectMaxMs: 1 }));
let attempts = 0;
for (const flapper of flappers) {
  await flapper.connect(`tcp://127.0.0.1:${port}`);
  flapper.on('connect', () => {
    attempts += 1;
  });
}

const pull = await Pull.bind<number>('tcp://127.0.0.1:*');
const push = await Push.connect<number>(pull.endpoint);
for (let round = 0; round < Number(rounds); round += 1) {
  // Sockets that close with their connection under way, bound and connected, never listened to.
  const [bound, gone] = [await Pull.bind('tcp://127.0.0.1:*'), new Push()];
  await gone.connect(bound.endpoint);
  await Promise.all([bound.close(), gone.close()]);
  const other = await Push.connect('tcp://127.0.0.1:9', { reconnectMs: 1, reconnectMaxMs: 1 });
  await other.close();
}
let received = 0;
for (let n = 0; n < Number(messages); n += 1) {
  await push.send(n);
  if ((await pull.receive()) === n) received += 1;
}
while (attempts < 2500) await new Promise(setImmediate); // More events than a monitor's pipe holds.
await push.send(-1);
console.log(JSON.stringify({ received, last: await pull.receive() }));
server.close();
await Promise.all([push, pull, ...flappers].map((socket) => socket.close({ drainMs: 0 })));
