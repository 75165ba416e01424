/**
 * Ours: `fanOut`, as a user of the package writes it.
 *
 * Everything is left as it comes: three attempts, heartbeats, a thousand items read ahead.
 */
import { fanOut } from 'brokerless/patterns/work-queue';
import { endWithBench, type Received, tell } from '../support/child.ts';
import { givenJob, type LatencyTask, type ThroughputTask } from '../support/job.ts';
import { sendOnSchedule } from '../support/pacing.ts';
import { type Item, maker, type Task, touch } from '../work-queue/job.ts';
import { type Delays, LateResults, Results } from '../work-queue/part.ts';
import { Mailbox } from './work-queue-mailbox.ts';
import { valueOf } from './work-queue-value.ts';

const job = givenJob() as Task;
endWithBench();
tell(await (job.task === 'latency' ? pace(job) : flood(job)));

async function flood(task: ThroughputTask): Promise<Received> {
  const source = task.oneByOne === true ? oneByOne(itemsOf(task)) : itemsOf(task);
  const fan = await fanOut<Item, void>(source, {});
  tell({ workers: fan.endpoint, others: '' });
  const results = new Results(task);
  for await (const outcome of fan) {
    valueOf(outcome);
    if (results.take(touch(outcome.item))) break;
  }
  const report = results.report();
  await fan.close();
  return report;
}

function* itemsOf(task: ThroughputTask): Iterable<Item> {
  const next = maker(task);
  const total = task.warm + task.count;
  for (let i = 0; i < total; i += 1) yield next(i);
}

async function* oneByOne<T>(items: Iterable<T>): AsyncIterable<T> {
  for (const item of items) yield item;
}

async function pace(task: LatencyTask): Promise<Delays> {
  const source = new Mailbox<Uint8Array>();
  const fan = await fanOut<Uint8Array, Uint8Array>(source, {});
  tell({ workers: fan.endpoint, others: '' });
  const late = new LateResults(task);
  const collecting = (async () => {
    for await (const outcome of fan) if (late.take(valueOf(outcome))) break;
  })();
  const send = late.unawaited((item) => source.put(item));
  const usage = await sendOnSchedule(task, send);
  source.end();
  await collecting;
  const report = late.report(usage());
  await fan.close();
  return report;
}
