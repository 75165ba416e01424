/**
 * Ours: Request asks, Reply answers with what it was asked, as a user of the package writes it.
 *
 * Everything is left as it comes: the default codec, a time limit on each request, the check of what
 * arrives, up to 100 handlers at a time.
 */
import { Reply, Request } from 'brokerless';
import { endWithBench, everythingArrived, tell } from '../support/child.ts';
import { givenJob, type Job, type RoundTripTask } from '../support/job.ts';
import { Answers, askAll } from '../support/round-trips.ts';

const job = givenJob() as Job<RoundTripTask>;
await (job.role === 'bind' ? answer() : ask());

async function answer(): Promise<void> {
  const reply = await Reply.bind<Uint8Array, Uint8Array>(job.address);
  tell({ endpoint: reply.endpoint });
  const answers = new Answers(job);
  const serving = reply.serve((question) => {
    answers.take(question);
    return question;
  });
  await everythingArrived();
  tell(answers.report());
  await reply.close();
  await serving;
}

async function ask(): Promise<void> {
  const request = await Request.connect<Uint8Array, Uint8Array>(job.endpoint);
  endWithBench();
  await request.ready();
  tell(await askAll(job, (payload) => request.request(payload)));
  await request.close();
}
