/**
 * Ours: a Publisher that waits for room, and Subscribers that count what they get.
 *
 * Everything else is left as it comes: the default codec, batches, numbers on every message.
 */
import { Publisher, Subscriber } from 'brokerless';
import { endWithBench, everythingArrived, meter, Tally, tell } from '../support/child.ts';
import { givenJob, type Job, type PublishTask } from '../support/job.ts';
import { bytes, firstByte, TOPIC } from '../support/values.ts';

type Topics = Record<typeof TOPIC, Uint8Array>;

const job = givenJob() as Job<PublishTask>;
await (job.role === 'bind' ? publish() : subscribe());

async function publish(): Promise<void> {
  const publisher = await Publisher.bind<Topics>('tcp://127.0.0.1:*', { overflow: 'wait' });
  tell({ endpoint: publisher.endpoint });
  await publisher.subscribers(job.subscribers, { topic: TOPIC });
  const payload = bytes(job.size);
  const send = (i: number): Promise<void> => {
    payload[0] = i & 0xff;
    return publisher.send(TOPIC, payload);
  };
  for (let i = 0; i < job.warm; i += 1) await send(i);
  const usage = meter();
  for (let i = job.warm; i < job.warm + job.count; i += 1) await send(i);
  await everythingArrived();
  tell(usage());
  await publisher.close();
}

async function subscribe(): Promise<void> {
  const subscriber = await Subscriber.connect<Topics>(job.endpoint);
  endWithBench();
  subscriber.subscribe(TOPIC);
  const tally = new Tally(job);
  for await (const { value } of subscriber) if (tally.take(firstByte(value))) break;
  tell(tally.report());
  await subscriber.close();
}
