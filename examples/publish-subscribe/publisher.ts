/**
 * Publish and subscribe, the publisher: numbers for whoever is there, and it knows who is.
 *
 *     node --conditions=@brokerless/source --import tsx examples/publish-subscribe/publisher.ts [ENDPOINT]
 *
 * Waits for one subscriber and publishes 1 to 3; waits for a second one, the late joiner, and
 * publishes the next 100,000 as quickly as it can. Then it goes on slowly until both have left.
 */
import { setTimeout } from 'node:timers/promises';
import { Publisher } from 'brokerless';
import { MANY, type Topics } from './topics.ts';

const endpoint = process.argv[2] ?? 'tcp://127.0.0.1:5557';
const ballast = 'x'.repeat(1000);

// A message is up to 64 KiB of numbers; by default a thousand of them wait for each subscriber.
await using publisher = await Publisher.bind<Topics>(endpoint, { highWaterMark: 200 });
console.log(`publishing at ${publisher.endpoint}`);

let count = 0;
async function countTo(end: number): Promise<void> {
  for (; count < end; count += 1) {
    await publisher.send('number', { count: count + 1, ballast });
  }
}

await publisher.subscribers(1, { topic: 'number' }); // Now the first one is there for certain.
await countTo(3);
await publisher.subscribers(2, { topic: 'number' }); // And now the second one, which missed 1 to 3.
await countTo(MANY);
console.log(`published ${count} numbers`);

while (publisher.stats().connections > 0) {
  await countTo(count + 1);
  await setTimeout(100);
}
