/**
 * The floor `REQ/REP`: raw `zeromq` as the Guide's hello world has it, a REQ for each that asks.
 *
 * Options are libzmq's own defaults, pinned. Payloads are short, so that zeromq copies them in the call.
 */
import { Reply, Request } from 'zeromq';
import { endWithBench, everythingArrived, tell } from '../support/child.ts';
import { givenJob, type Job, type RoundTripTask } from '../support/job.ts';
import { Answers, askAll } from '../support/round-trips.ts';
import { pinned } from './pinned.ts';

const job = givenJob() as Job<RoundTripTask>;
await (job.role === 'bind' ? answer() : ask());

async function answer(): Promise<void> {
  const socket = new Reply(pinned());
  await socket.bind(job.address);
  tell({ endpoint: socket.lastEndpoint });
  const answers = new Answers(job);
  for await (const [question] of socket) {
    const isLast = answers.take(question as Buffer);
    await socket.send(question as Buffer);
    if (isLast) break;
  }
  await everythingArrived();
  tell(answers.report());
  socket.close();
}

async function ask(): Promise<void> {
  const sockets = Array.from({ length: job.inFlight }, () => new Request(pinned()));
  for (const socket of sockets) socket.connect(job.endpoint);
  endWithBench();
  const trips = await askAll(job, async (payload, lane) => {
    const socket = sockets[lane] as Request;
    await socket.send(payload);
    const [reply] = await socket.receive();
    return reply as Buffer;
  });
  tell(trips);
  for (const socket of sockets) socket.close();
}
