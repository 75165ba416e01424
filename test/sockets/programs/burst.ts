/**
 * A program that sends without awaiting, thousands of values in one turn of the event loop and from
 * many places at once, and checks that all of them arrive in order.
 */
import { Pull, Push } from 'brokerless';

const [endpoint = 'tcp://127.0.0.1:*', batch = 'true'] = process.argv.slice(2);
const COUNT = 5000;

process.on('unhandledRejection', (error) => {
  console.log('unhandled', error);
  process.exit(1);
});

const pull = await Pull.bind<number>(endpoint);
const push = await Push.connect<number>(pull.endpoint, { batch: batch === 'true' });
let next = 0;
const received = (async () => {
  for await (const value of pull) {
    if (value !== next) throw new Error(`expected ${next}, got ${value}`);
    next += 1;
    if (next === 3 * COUNT) return;
  }
})();
for (let n = 0; n < COUNT; n += 1) void push.send(n);
await Promise.all(Array.from({ length: COUNT }, (_, n) => push.send(COUNT + n)));
for (let n = 0; n < COUNT; n += 1) {
  void push.send(2 * COUNT + n);
  if (n % 2 === 0) await new Promise(setImmediate); // Two a turn: zeromq fails at the 513th.
}
await received;
console.log('in order');
await Promise.all([push.close(), pull.close()]);
