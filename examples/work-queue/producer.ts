/**
 * Work queue, a producer: sends items, and tells how each has ended.
 *
 *     node --conditions=@brokerless/source --import tsx examples/work-queue/producer.ts PRODUCERS ITEM...
 *
 * In Python with pika this is `basic_publish` with `confirm_delivery`; how an item ended takes a second queue there.
 * Each dot of an ITEM is a tenth of a second of work: try 'hello...', 'nonsense' and 'broken'.
 */
import { connectProducer } from 'brokerless/patterns/work-queue';

const [endpoint = 'tcp://127.0.0.1:5557', ...items] = process.argv.slice(2);

const producer = await connectProducer<string, number>(endpoint);

async function follow(item: string): Promise<void> {
  const id = await producer.send(item); // The hub has it now, and does not lose it with a worker.
  console.log(`sent ${item}`);
  const outcome = await producer.outcome(id);
  if (outcome.status === 'failed') console.log(`${item} has failed: ${outcome.error.message}`);
  else if (outcome.status === 'discarded') console.log(`${item} is rejected: ${outcome.reason}`);
  else console.log(`${item} is ${outcome.status} at attempt ${outcome.attempts}`);
}
await Promise.all(items.map(follow));
await producer.close();
