/**
 * The floor of `pub-sub`: raw `zeromq`, an XPUB that sees who subscribes, and SUBs. One message a value.
 *
 * So that nothing is lost, the publisher's high-water mark is off: what a subscriber has not taken yet
 * waits in the publisher's memory, without the bound that ours has. The other way is `noDrop`, and to try
 * again after each EAGAIN. Medians of six rounds that took turns on a loaded machine of two cores, in
 * thousand values a second with one subscriber, and with four:
 *
 *     no mark                                        196    73    (60 to 86)
 *     noDrop, a mark of 1000, again next turn        110    81    (48 to 89)
 *     noDrop, a mark of 1000, again after 1 ms       119    57    (47 to 96)
 *     noDrop, a mark of 20,000, again after 1 ms     166    81    (29 to 93)
 *
 * So no mark is the quickest with one subscriber, and with four what sets it apart is noise.
 */
import { Subscriber, XPublisher } from 'zeromq';
import { endWithBench, everythingArrived, meter, Tally, tell } from '../support/child.ts';
import { givenJob, type Job, type PublishTask } from '../support/job.ts';
import { bytes, firstByte, TOPIC } from '../support/values.ts';

const NO_LIMIT = 0;
const HIGH_WATER_MARK = 1000; // libzmq's own default, pinned.
const LINGER_MS = 0; // Nobody closes before everything has arrived.

const job = givenJob() as Job<PublishTask>;
await (job.role === 'bind' ? publish() : subscribe());

async function publish(): Promise<void> {
  const socket = new XPublisher({ linger: LINGER_MS, sendHighWaterMark: NO_LIMIT });
  socket.verbosity = 'allSubs'; // Otherwise it tells only of the first.
  await socket.bind('tcp://127.0.0.1:*');
  tell({ endpoint: socket.lastEndpoint });
  for (let seen = 0; seen < job.subscribers; seen += 1) await socket.receive();
  const topic = Buffer.from(TOPIC);
  const payload = bytes(job.size);
  const send = (i: number): Promise<void> => {
    payload[0] = i & 0xff;
    return socket.send([topic, payload]);
  };
  for (let i = 0; i < job.warm; i += 1) await send(i);
  const usage = meter();
  for (let i = job.warm; i < job.warm + job.count; i += 1) await send(i);
  await everythingArrived();
  tell(usage());
  socket.close();
}

async function subscribe(): Promise<void> {
  const socket = new Subscriber({ receiveHighWaterMark: HIGH_WATER_MARK, linger: LINGER_MS });
  socket.connect(job.endpoint);
  socket.subscribe(TOPIC);
  endWithBench();
  const tally = new Tally(job);
  for await (const [, value] of socket) if (tally.take(firstByte(value as Buffer))) break;
  tell(tally.report());
  socket.close();
}
