/**
 * The floor `DEALER/ROUTER`: many requests in flight on one socket of raw `zeromq`, written by hand
 * with the envelope that ours has, a number, an empty frame and the body. Options are libzmq's own
 * defaults, pinned.
 */
import { Dealer, Router } from 'zeromq';
import { endWithBench, everythingArrived, tell } from '../support/child.ts';
import { givenJob, type Job, type RoundTripTask } from '../support/job.ts';
import { Answers, askAll } from '../support/round-trips.ts';
import { Calls } from './calls.ts';
import { pinned } from './pinned.ts';

const job = givenJob() as Job<RoundTripTask>;

async function answer(): Promise<void> {
  const socket = new Router(pinned());
  await socket.bind(job.address);
  tell({ endpoint: socket.lastEndpoint });
  const answers = new Answers(job);
  for (let isLast = false; !isLast; ) {
    const frames = await socket.receive(); // The peer, the number, the delimiter, the body.
    isLast = answers.take(frames[3] as Buffer);
    await socket.send(frames);
  }
  await everythingArrived();
  tell(answers.report());
  socket.close();
}

async function ask(): Promise<void> {
  const socket = new Dealer(pinned());
  socket.connect(job.endpoint);
  endWithBench();
  const calls = new Calls(socket);
  const listening = calls.listen(job.warm + job.count);
  tell(await askAll(job, (payload) => calls.ask(payload)));
  await listening;
  socket.close();
}

await (job.role === 'bind' ? answer() : ask());
