/**
 * The floor of `dealer-router`: the same conversation on raw `zeromq`, one message a value.
 *
 * The ROUTER drops what finds a full pipe, and here nothing may be lost, so the high-water mark is above
 * libzmq's default. 1000 is too little for 512 under way: who writes to a pipe hears only every half mark
 * what has been read from it.
 */
import { Dealer, Router } from 'zeromq';
import { endWithBench, everythingArrived, Tally, tell } from '../support/child.ts';
import { givenJob, type Job, type RoundTripTask } from '../support/job.ts';
import { Answers } from '../support/round-trips.ts';
import { bytes, firstByte } from '../support/values.ts';
import { pinned } from './pinned.ts';

const HIGH_WATER_MARK = 4000;

const job = givenJob() as Job<RoundTripTask>;
await (job.role === 'bind' ? echo() : converse());

async function echo(): Promise<void> {
  const socket = new Router(pinned(HIGH_WATER_MARK));
  await socket.bind(job.address);
  tell({ endpoint: socket.lastEndpoint });
  const answers = new Answers(job);
  for (let isLast = false; !isLast; ) {
    const frames = await socket.receive(); // The peer and the value.
    isLast = answers.take(frames[1] as Buffer);
    await socket.send(frames);
  }
  await everythingArrived();
  tell(answers.report());
  socket.close();
}

async function converse(): Promise<void> {
  const socket = new Dealer(pinned(HIGH_WATER_MARK));
  socket.connect(job.endpoint);
  endWithBench();
  const payload = bytes(job.size);
  const total = job.warm + job.count;
  let sent = 0;
  const sendNext = (): Promise<void> => {
    payload[0] = sent & 0xff;
    sent += 1;
    return socket.send(payload);
  };
  while (sent < Math.min(job.inFlight, total)) await sendNext();
  const tally = new Tally(job);
  for (let isLast = false; !isLast; ) {
    const [value] = await socket.receive();
    if (sent < total) await sendNext();
    isLast = tally.take(firstByte(value as Buffer));
  }
  tell(tally.report());
  socket.close();
}
