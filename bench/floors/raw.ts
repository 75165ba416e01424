/**
 * The floor `zeromq`: what an application writes on the package `zeromq` itself, without us.
 *
 * One message a value, `await send` in a loop, `for await` at the receiver. Options are libzmq's own
 * defaults, pinned. Frames over 128 bytes leave by reference with no signal when they are free, so
 * values that change go out in fresh memory; shorter ones are copied by the call.
 */
import { Pull, Push } from 'zeromq';
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

const HIGH_WATER_MARK = 1000;
const LINGER_MS = 0; // A sender closes only when everything has arrived.

/** Of a longer frame zeromq keeps a reference. */
const COPIED_BYTES = 128;

const job = givenJob() as Job<ThroughputTask | LatencyTask>;
await (job.role === 'connect' ? push() : pull());

async function push(): Promise<void> {
  const socket = new Push();
  socket.sendHighWaterMark = HIGH_WATER_MARK;
  socket.linger = LINGER_MS;
  socket.connect(job.endpoint);
  const usage = await (job.task === 'latency'
    ? sendOnSchedule(job, (value) => socket.send(value))
    : flood(socket, job));
  await everythingArrived();
  tell(usage());
  socket.close();
}

async function flood(socket: Push, task: ThroughputTask): Promise<() => Usage> {
  const { values, size, warm, count } = task;
  const next = maker(values, size);
  for (let i = 0; i < warm; i += 1) await socket.send(next(i));
  const usage = meter();
  for (let i = warm; i < warm + count; i += 1) await socket.send(next(i));
  return usage;
}

/** What makes message number `i`. */
function maker(values: Values, size: number): (i: number) => Uint8Array | string {
  if (values === 'object') return (i) => JSON.stringify(event(i));
  const payload = bytes(size);
  if (values === 'constant') return () => payload;
  if (size > COPIED_BYTES) return (i) => Buffer.allocUnsafe(size).fill(i & 0xff);
  return (i) => {
    payload[0] = i & 0xff;
    return payload;
  };
}

async function pull(): Promise<void> {
  const socket = new Pull();
  socket.receiveHighWaterMark = HIGH_WATER_MARK;
  await socket.bind('tcp://127.0.0.1:*');
  tell({ endpoint: socket.lastEndpoint });
  endWithBench();
  await (job.task === 'latency' ? recordDelays(socket, job) : countAll(socket, job));
  socket.close();
}

async function countAll(socket: Pull, task: ThroughputTask): Promise<void> {
  const tally = new Tally(task);
  const touch = task.values === 'object' ? parsedId : firstByte;
  for await (const [message] of socket) {
    if (message !== undefined && tally.take(touch(message))) break;
  }
  tell(tally.report());
}

function parsedId(message: Buffer): number {
  return (JSON.parse(message.toString()) as Event).id;
}

async function recordDelays(socket: Pull, task: LatencyTask): Promise<void> {
  const arrivals = new Arrivals(task);
  for await (const [message] of socket) {
    if (message !== undefined && arrivals.take(message)) break;
  }
  tell(arrivals.report());
}
