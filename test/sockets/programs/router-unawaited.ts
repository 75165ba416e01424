/**
 * A program that sends to peers that have gone and awaits none of the sends: they must be counted, no
 * rejection may go unhandled, and who is there must be served.
 */
import { Dealer, Router } from 'brokerless';

let unhandled = 0;
process.on('unhandledRejection', () => {
  unhandled += 1;
});

const router = await Router.bind<string>('tcp://127.0.0.1:*');
const gone = await Dealer.connect<string>(router.endpoint);
const here = await Dealer.connect<string>(router.endpoint);
await gone.send('hello');
const { peer } = await router.receive();
await here.send('hello');
const { peer: other } = await router.receive();
await gone.close();
while (router.stats().connections > 1) await new Promise(setImmediate);
for (let n = 0; n < 500; n += 1) void router.send(peer, 'one turn');
for (let n = 0; n < 500; n += 1) {
  void router.send(peer, 'many turns');
  await new Promise(setImmediate);
}
for (let n = 0; n < 500; n += 1) void router.send(`00${(n + 0x1000).toString(16)}`, 'nobody');
void router.send(other, 'still here');
const served = await here.receive();
for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
console.log(JSON.stringify({ dropped: router.stats().dropped, unhandled, served }));
await Promise.all([router.close(), here.close()]);
