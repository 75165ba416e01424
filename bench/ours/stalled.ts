/**
 * A sender whose receiver never receives: it goes on sending, and reports how much it grew.
 */
import { Push } from 'brokerless';
import { everythingArrived, meter, tell, type Usage } from '../support/child.ts';
import { givenJob, type Job, type StallTask } from '../support/job.ts';
import { bytes } from '../support/values.ts';

/** What came of all the attempts. */
export interface Stalled extends Usage {
  readonly accepted: number;
  readonly refused: number;
  readonly seconds: number;
  /** The most resident memory that was seen, less what there was before the first, in MB. */
  readonly growth: number;
}

const WARM_ATTEMPTS = 1_000_000;
const ATTEMPTS_A_LOOK = 50_000;

const job = givenJob() as Job<StallTask>;
const payload = bytes(job.size);
await warmUp();
const push = await Push.connect<Uint8Array>(job.endpoint, { overflow: 'reject' });
await push.ready();
tell(await stalled(push, job.count));
await everythingArrived();
await push.close({ drainMs: 0 });

/** Brings code and heap to their working size, on a socket that has room for one value. */
async function warmUp(): Promise<void> {
  const idle = new Push<Uint8Array>({ overflow: 'reject', maxQueueBytes: 1 });
  await stalled(idle, WARM_ATTEMPTS);
  await idle.close({ drainMs: 0 });
}

async function stalled(socket: Push<Uint8Array>, count: number): Promise<Stalled> {
  const usage = meter();
  const start = performance.now();
  const before = process.memoryUsage.rss();
  let most = before;
  let refused = 0;
  for (let i = 0; i < count; i += 1) {
    try {
      await socket.send(payload);
    } catch {
      refused += 1;
    }
    if (i % ATTEMPTS_A_LOOK === 0) most = Math.max(most, process.memoryUsage.rss());
  }
  const seconds = (performance.now() - start) / 1000;
  return { accepted: count - refused, refused, seconds, growth: (most - before) / 1e6, ...usage() };
}
