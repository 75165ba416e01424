/**
 * The floor of `work-queue`: ventilator and sink of the Guide on raw `zeromq`, in one process as `fanOut` is.
 *
 * One message an item each way, `await send` in one loop, `for await` in the other. Nothing is acknowledged:
 * a worker that dies takes along what it was dealt. Options are libzmq's own defaults, pinned. Items are
 * short, so that zeromq copies them in the call.
 */
import { Pull, Push } from 'zeromq';
import { endWithBench, type Received, tell } from '../support/child.ts';
import { givenJob, type LatencyTask, type ThroughputTask } from '../support/job.ts';
import { sendOnSchedule } from '../support/pacing.ts';
import { firstByte } from '../support/values.ts';
import { type Item, maker, type Task } from '../work-queue/job.ts';
import { type Delays, LateResults, Results } from '../work-queue/part.ts';
import { pinned } from './pinned.ts';

const job = givenJob() as Task;

const { receiveHighWaterMark, sendHighWaterMark, linger } = pinned();
const ventilator = new Push({ sendHighWaterMark, linger });
const sink = new Pull({ receiveHighWaterMark, linger });
await ventilator.bind('tcp://127.0.0.1:*');
await sink.bind('tcp://127.0.0.1:*');
tell({ workers: ventilator.lastEndpoint, others: sink.lastEndpoint });
endWithBench();
tell(await (job.task === 'latency' ? pace(job) : flood(job)));
ventilator.close();
sink.close();

async function flood(task: ThroughputTask): Promise<Received> {
  const [report] = await Promise.all([collect(task), deal(task)]);
  return report;
}

async function deal(task: ThroughputTask): Promise<void> {
  const next = maker(task);
  const total = task.warm + task.count;
  for (let i = 0; i < total; i += 1) await ventilator.send(encode(next(i)));
}

async function collect(task: ThroughputTask): Promise<Received> {
  const results = new Results(task);
  const read = task.values === 'object' ? (done: Buffer) => Number(done.toString()) : firstByte;
  for await (const [message] of sink) {
    if (message !== undefined && results.take(read(message))) break;
  }
  return results.report();
}

function encode(item: Item): Uint8Array | string {
  return item instanceof Uint8Array ? item : JSON.stringify(item);
}

async function pace(task: LatencyTask): Promise<Delays> {
  const late = new LateResults(task);
  const collecting = (async () => {
    for await (const [message] of sink) if (message !== undefined && late.take(message)) break;
  })();
  const usage = await sendOnSchedule(task, (value) => ventilator.send(value));
  await collecting;
  return late.report(usage());
}
