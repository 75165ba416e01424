/**
 * Ours: a client keeps so many calls under way, and a server gives each what it was given.
 *
 * Everything is left as it comes: a time limit on each call, limits of the server, numbers by method, heartbeats.
 */
import { connectTo, serve } from 'brokerless/patterns/service';
import { endWithBench, everythingArrived, Tally, tell } from '../support/child.ts';
import { givenJob, type Job, type RoundTripTask } from '../support/job.ts';
import { Answers } from '../support/round-trips.ts';
import { bytes, firstByte } from '../support/values.ts';
import { echo } from './service-contract.ts';

const job = givenJob() as Job<RoundTripTask>;
await (job.role === 'bind' ? answer() : ask());

async function answer(): Promise<void> {
  const answers = new Answers(job);
  const give = (input: Uint8Array): Uint8Array => {
    answers.take(input);
    return input;
  };
  const server = await serve(echo, { echo: give, rest: give }, { bind: job.address });
  tell({ endpoint: server.endpoint });
  await everythingArrived();
  tell(answers.report());
  await server.close();
}

async function ask(): Promise<void> {
  const client = await connectTo(echo, { to: job.endpoint });
  endWithBench();
  await client.ready();
  const total = job.warm + job.count;
  const tally = new Tally(job);
  let asked = 0;
  const run = async (): Promise<void> => {
    const payload = bytes(job.size);
    while (asked < total) {
      payload[0] = asked & 0xff;
      asked += 1;
      tally.take(firstByte(await client.echo(payload)));
    }
  };
  await Promise.all(Array.from({ length: job.inFlight }, run));
  tell(tally.report());
  await client.close();
}
