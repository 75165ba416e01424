/**
 * A producer that fills a hub: it warms it up with items that it cancels, then sends those that stay.
 */
import { connectProducer } from 'brokerless/patterns/work-queue';
import { endWithBench, meter, tell } from '../support/child.ts';
import { givenJob } from '../support/job.ts';
import { bytes } from '../support/values.ts';
import type { Doors, FillTask } from '../work-queue/job.ts';
import { cue } from '../work-queue/part.ts';

// Code and heap come to their working size, with few items at a time: what they leave is not used again.
const WARM_ROUNDS = 30;
const AT_ONCE = 1000;

const job = givenJob() as FillTask & { readonly doors: Doors };
const producer = await connectProducer<Uint8Array, void>(job.doors.others);
for (let round = 0; round < WARM_ROUNDS; round += 1) {
  for (const id of await sendMany(AT_ONCE)) producer.cancel(id);
}
tell({});
await cue();
endWithBench();
const usage = meter();
for (let sent = 0; sent < job.count; sent += AT_ONCE) await sendMany(AT_ONCE);
tell(usage());
await producer.close();

/** Sends so many items; resolves with their ids when all are accepted. */
function sendMany(count: number): Promise<string[]> {
  return Promise.all(
    Array.from({ length: count }, (_, i) => {
      const item = bytes(job.size);
      item[0] = i & 0xff;
      return producer.send(item);
    }),
  );
}
