/**
 * Ours: a producer that sends to a hub and hears how each item ends.
 *
 * No send is awaited, so that items sent in one turn of the event loop leave together. What bounds them at
 * full speed is how many have no outcome yet: about as many as the floor's pipes hold, with a high-water mark
 * of 1000 at each end of two of them.
 */
import { connectProducer } from 'brokerless/patterns/work-queue';
import { endWithBench, type Received, tell } from '../support/child.ts';
import { givenJob, type LatencyTask, type ThroughputTask } from '../support/job.ts';
import { sendOnSchedule } from '../support/pacing.ts';
import { readOf } from '../support/values.ts';
import { type Item, maker, type PlacedTask } from '../work-queue/job.ts';
import { type Delays, LateResults, Results } from '../work-queue/part.ts';
import { placeOf, valueOf } from './work-queue-value.ts';

const IN_FLIGHT = 4000;

const job = givenJob() as PlacedTask;
endWithBench();
tell(await (job.task === 'latency' ? pace(job) : flood(job)));

async function flood(task: ThroughputTask): Promise<Received> {
  const producer = await connectProducer<Item, void>(job.doors.others, { outcomes: true });
  const next = maker(task);
  const total = task.warm + task.count;
  let sent = 0;
  const sendNext = (): void => {
    void producer.send(next(sent));
    sent += 1;
  };
  while (sent < Math.min(IN_FLIGHT, total)) sendNext();
  const results = new Results(task);
  for await (const outcome of producer) {
    if (sent < total) sendNext();
    if (results.take(readOf(task.values, placeOf(outcome)))) break;
  }
  const report = results.report();
  await producer.close();
  return report;
}

async function pace(task: LatencyTask): Promise<Delays> {
  const { others } = job.doors;
  const producer = await connectProducer<Uint8Array, Uint8Array>(others, { outcomes: true });
  const late = new LateResults(task);
  const collecting = (async () => {
    for await (const outcome of producer) if (late.take(valueOf(outcome))) break;
  })();
  const send = late.unawaited((item) => void producer.send(item));
  const usage = await sendOnSchedule(task, send);
  await collecting;
  const report = late.report(usage());
  await producer.close();
  return report;
}
