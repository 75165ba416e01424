/**
 * The floor of the latency of calls: an echo on a raw DEALER and a raw ROUTER, sent when it is due.
 */
import { Dealer, Router } from 'zeromq';
import type { PacedTask } from '../service/paced.ts';
import { endWithBench, everythingArrived, meter, tell } from '../support/child.ts';
import { givenJob, type Job } from '../support/job.ts';
import { Arrivals, sendOnSchedule } from '../support/pacing.ts';
import { pinned } from './pinned.ts';

const HIGH_WATER_MARK = 4000;

const job = givenJob() as Job<PacedTask>;
await (job.role === 'bind' ? answer() : ask());

async function answer(): Promise<void> {
  const socket = new Router(pinned(HIGH_WATER_MARK));
  await socket.bind(job.address);
  tell({ endpoint: socket.lastEndpoint });
  const usage = meter();
  for (let left = job.warm + job.count; left > 0; left -= 1) {
    await socket.send(await socket.receive()); // The peer and the value.
  }
  await everythingArrived();
  tell({ ...usage(), refused: 0 });
  socket.close();
}

async function ask(): Promise<void> {
  const socket = new Dealer(pinned(HIGH_WATER_MARK));
  socket.connect(job.endpoint);
  endWithBench();
  const arrivals = new Arrivals(job);
  const receiving = receiveAll(socket, arrivals);
  const usage = await sendOnSchedule(job, (value) => socket.send(value.slice()));
  await receiving;
  tell({ ...arrivals.report(), ...usage(), refused: 0, answered: job.count });
  socket.close();
}

async function receiveAll(socket: Dealer, arrivals: Arrivals): Promise<void> {
  for (let isLast = false; !isLast; ) {
    const [value] = await socket.receive();
    isLast = arrivals.take(value as Buffer);
  }
}
