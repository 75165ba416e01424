/**
 * Ours: a Dealer keeps so many values under way to a Router, which sends each of them back.
 *
 * Everything is left as it comes: the default codec, batches, the check of what arrives. No send is
 * awaited, so that values sent in one turn of the event loop leave together, as the docs advise; what
 * the Router could not send is looked for every second, as nobody would answer it.
 */
import { Dealer, Router, type SocketStats } from 'brokerless';
import { endWithBench, everythingArrived, Tally, tell } from '../support/child.ts';
import { givenJob, type Job, type RoundTripTask } from '../support/job.ts';
import { Answers } from '../support/round-trips.ts';
import { bytes, firstByte } from '../support/values.ts';

const LOOK_MS = 1000;

const job = givenJob() as Job<RoundTripTask>;
await (job.role === 'bind' ? echo() : converse());

async function echo(): Promise<void> {
  const router = await Router.bind<Uint8Array>(job.address);
  tell({ endpoint: router.endpoint });
  const answers = new Answers(job);
  const look = setInterval(() => checkNoneDropped(router.stats()), LOOK_MS);
  for await (const { peer, value } of router) {
    const isLast = answers.take(value);
    void router.send(peer, value);
    if (isLast) break;
  }
  await everythingArrived();
  clearInterval(look);
  tell(answers.report());
  await router.close();
}

function checkNoneDropped({ dropped }: SocketStats): void {
  if (dropped > 0) throw new Error(`the Router has dropped ${dropped} values`);
}

async function converse(): Promise<void> {
  const dealer = await Dealer.connect<Uint8Array>(job.endpoint);
  endWithBench();
  const payload = bytes(job.size);
  const total = job.warm + job.count;
  let sent = 0;
  const sendNext = (): void => {
    payload[0] = sent & 0xff;
    sent += 1;
    void dealer.send(payload);
  };
  while (sent < Math.min(job.inFlight, total)) sendNext();
  const tally = new Tally(job);
  for await (const value of dealer) {
    if (sent < total) sendNext();
    if (tally.take(firstByte(value))) break;
  }
  tell(tally.report());
  await dealer.close();
}
