/**
 * Work queue, the hub: takes items from producers and gives them to workers.
 *
 *     node --conditions=@brokerless/source --import tsx examples/work-queue/hub.ts [PRODUCERS [WORKERS]]
 *
 * In Python with pika this is a RabbitMQ server and its `channel.queue_declare`. Start it, worker.ts and
 * producer.ts in any order. Ends with Ctrl+C or SIGTERM, and says what it did.
 */
import { once } from 'node:events';
import { startWorkQueue } from 'brokerless/patterns/work-queue';

const [producers = 'tcp://127.0.0.1:5557', workers = 'tcp://127.0.0.1:5558'] =
  process.argv.slice(2);

const hub = await startWorkQueue({ producers, workers, maxAttempts: 3 });
hub.on('worker:join', () => console.log('a worker is there'));
hub.on('worker:lost', ({ reason }) => console.log(`a worker is lost: ${reason}`));
console.log(`producers at ${hub.producers}`);
console.log(`workers at ${hub.workers}`);

await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
for (const { item, history } of hub.deadLetters()) {
  console.log(`dead letter ${JSON.stringify(item)}: ${history.at(-1)?.reason}`);
}
const { accepted, done, redelivered } = hub.stats();
console.log(`${done} of ${accepted} items done, ${redelivered} given out again`);
await hub.close();
