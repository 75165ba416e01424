/**
 * A hub without workers: it tells how much it has grown when it is full. Run with `--expose-gc`.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { startWorkQueue } from 'brokerless/patterns/work-queue';
import { everythingArrived, meter, tell, type Usage } from '../support/child.ts';
import { givenJob } from '../support/job.ts';
import type { FillTask } from '../work-queue/job.ts';
import { cue } from '../work-queue/part.ts';

/** How much a hub has grown, in MB, when all that could be collected has been. */
export interface Full extends Usage {
  readonly resident: number;
  /** What JavaScript's heap holds, and what its buffers hold outside of it. */
  readonly heap: number;
}

const LOOK_MS = 10;

const job = givenJob() as FillTask;
const anywhere = 'tcp://127.0.0.1:*';
const queue = await startWorkQueue({ producers: anywhere, workers: anywhere });
tell({ workers: queue.workers, others: queue.producers });
await cue();
while (queue.stats().depth > 0) await delay(LOOK_MS); // What the warm-up left is being cancelled.
const before = held();
const usage = meter();
tell({});
await cue();
const used = usage();
const after = held();
const { depth } = queue.stats();
if (depth !== job.count) throw new Error(`the hub holds ${depth} items, not ${job.count}`);
const heap = after.heap - before.heap;
const full: Full = { resident: after.resident - before.resident, heap, ...used };
tell(full);
await everythingArrived();
await queue.close();

function held(): Pick<Full, 'resident' | 'heap'> {
  if (gc === undefined) throw new Error('start me with --expose-gc');
  gc();
  gc(); // What only the first one let go.
  const { rss, heapUsed, external } = process.memoryUsage();
  return { resident: rss / 1e6, heap: (heapUsed + external) / 1e6 };
}
