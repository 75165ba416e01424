/**
 * A program whose listeners to peers make a mistake each. The mistakes must surface as uncaught
 * exceptions, and the Router must go on.
 */
import { Dealer, Router } from 'brokerless';

const uncaught: string[] = [];
process.on('uncaughtException', ({ message }) => uncaught.push(message));

function mistake(what: string): never {
  throw new Error(what);
}

const router = await Router.bind<string>('tcp://127.0.0.1:*', {
  onJoin: () => mistake('join'),
  onLeave: () => mistake('leave'),
});
const values: string[] = [];
void (async () => {
  for await (const { value } of router) values.push(value);
})();
const dealer = await Dealer.connect<string>(router.endpoint);
await dealer.send('a');
await dealer.send('b');
await dealer.close();
while (uncaught.length < 2) await new Promise(setImmediate);
console.log(JSON.stringify({ uncaught, values }));
await router.close();
