/**
 * Publish and subscribe, a subscriber: prints the first numbers it gets, and then how many it missed.
 *
 *     node --conditions=@brokerless/source --import tsx examples/publish-subscribe/subscriber.ts \
 *       [ENDPOINT] [slow]
 *
 * With `slow` it reads nothing after the first few numbers until you press Enter. Its pipe fills, and
 * the publisher goes on without it: what it misses nobody else does.
 */
import { once } from 'node:events';
import { Subscriber } from 'brokerless';
import { MANY, type Topics } from './topics.ts';

const [endpoint = 'tcp://127.0.0.1:5557', pace] = process.argv.slice(2);

await using subscriber = await Subscriber.connect<Topics>(endpoint, { highWaterMark: 200 });
subscriber.subscribe('number');
console.log(`ready: ${await subscriber.ready()}`);

let first = 0;
let received = 0;
let last = 0;
for await (const { value } of subscriber) {
  received += 1;
  last = value.count;
  if (received === 1) first = last;
  if (received <= 3) console.log(`number ${last}`);
  if (received === 3 && pace === 'slow') {
    console.log('reading nothing until you press Enter');
    await once(process.stdin, 'data');
    process.stdin.destroy();
  }
  if (last > MANY) break;
}
const { missed } = subscriber.stats();
console.log(`from ${first} to ${last}: received ${received}, missed ${missed}`);
