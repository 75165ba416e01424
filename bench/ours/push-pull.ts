/**
 * Ours: the same work as the floors', as a user of the package writes it.
 *
 * Everything is left as it comes: the default codec, batches, the bounded queue, the check of what
 * arrives. `send` copies, so one buffer serves for all values. Only the case that gives buffers away
 * (`constant`) asks for the codec `raw`.
 */
import { Pull, Push } from 'brokerless';
import {
  endWithBench,
  everythingArrived,
  meter,
  Tally,
  tell,
  type Usage,
} from '../support/child.ts';
import {
  givenJob,
  type Job,
  type LatencyTask,
  type ThroughputTask,
  type Values,
} from '../support/job.ts';
import { Arrivals, sendOnSchedule } from '../support/pacing.ts';
import { bytes, type Event, event, firstByte } from '../support/values.ts';

const job = givenJob() as Job<ThroughputTask | LatencyTask>;
const isGift = job.task === 'throughput' && job.values === 'constant';
const options = isGift ? ({ codec: 'raw' } as const) : {};
await (job.role === 'connect' ? push() : pull());

async function push(): Promise<void> {
  const socket = await Push.connect<Event | Uint8Array>(job.endpoint, options);
  const usage = await (job.task === 'latency'
    ? sendOnSchedule(job, (value) => socket.send(value))
    : flood(socket, job));
  await everythingArrived();
  tell(usage());
  await socket.close();
}

async function flood(
  socket: Push<Event | Uint8Array>,
  { values, size, warm, count }: ThroughputTask,
): Promise<() => Usage> {
  const next = maker(values, size);
  const how = isGift ? { transfer: true } : undefined;
  for (let i = 0; i < warm; i += 1) await socket.send(next(i), how);
  const usage = meter();
  for (let i = warm; i < warm + count; i += 1) await socket.send(next(i), how);
  return usage;
}

/** What makes value number `i`. */
function maker(values: Values, size: number): (i: number) => Event | Uint8Array {
  if (values === 'object') return event;
  const payload = bytes(size);
  if (values === 'constant') return () => payload;
  return (i) => {
    payload[0] = i & 0xff;
    return payload;
  };
}

async function pull(): Promise<void> {
  if (job.task === 'latency') await recordDelays(job);
  else if (job.values === 'object') await countAll(await bound<Event>(), job, (value) => value.id);
  else await countAll(await bound<Uint8Array>(), job, firstByte);
}

async function bound<T>(): Promise<Pull<T>> {
  const socket = await Pull.bind<T>('tcp://127.0.0.1:*', options);
  tell({ endpoint: socket.endpoint });
  endWithBench();
  return socket;
}

async function countAll<T>(
  socket: Pull<T>,
  task: ThroughputTask,
  touch: (value: T) => number,
): Promise<void> {
  const tally = new Tally(task);
  for await (const value of socket) if (tally.take(touch(value))) break;
  tell(tally.report());
  await socket.close();
}

async function recordDelays(task: LatencyTask): Promise<void> {
  const socket = await bound<Uint8Array>();
  const arrivals = new Arrivals(task);
  for await (const value of socket) if (arrivals.take(value)) break;
  tell(arrivals.report());
  await socket.close();
}
