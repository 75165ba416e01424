/**
 * The workers of every broker: sockets of raw `zeromq` that send each request back as it came.
 *
 * A DEALER says READY, `01`, and beats every second, `02`, as 6/PPP has it; what it is sent begins with
 * what its answer begins with. A REQ says READY, and its answer begins with what stands before the body.
 */
import { Dealer, Request } from 'zeromq';
import { pinned } from '../floors/pinned.ts';
import { tell } from '../support/child.ts';
import { givenJob } from '../support/job.ts';
import type { WorkerJob, WorkerSocket } from './job.ts';
import { watched } from './watch.ts';

const PPP_READY = Buffer.of(0x01);
const PPP_BEAT = Buffer.of(0x02);
const BEAT_MS = 1000;

const job = givenJob() as WorkerJob;

const lanes: Readonly<Record<WorkerSocket, () => () => void>> = { DEALER: dealer, REQ: req };
const closers = Array.from({ length: job.lanes }, lanes[job.socket]);
tell(await watched());
for (const close of closers) close();

/** Starts a lane; what it returns ends it. */
function dealer(): () => void {
  const socket = new Dealer(pinned());
  socket.connect(job.endpoint);
  let last = socket.send(PPP_READY);
  const send = (frames: Buffer | Buffer[]): void => {
    last = last.then(() => socket.send(frames)); // zeromq takes one at a time.
  };
  const echo = async (): Promise<void> => {
    for await (const frames of socket) if (frames.length > 1) send(frames);
  };
  const timer = setInterval(() => send(PPP_BEAT), BEAT_MS);
  void echo();
  return () => {
    clearInterval(timer);
    socket.close();
  };
}

function req(): () => void {
  const socket = new Request(pinned());
  socket.connect(job.endpoint);
  const echo = async (): Promise<void> => {
    await socket.send('READY');
    for await (const frames of socket) await socket.send(frames);
  };
  void echo();
  return () => socket.close();
}
