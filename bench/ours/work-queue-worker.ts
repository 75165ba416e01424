/**
 * Ours: a worker, whether its hub is a `fanOut` or stands apart. Its handler does nothing; where it is looked how
 * long that takes, it gives the item back, which says when it was due.
 */
import { startQueueWorker } from 'brokerless/patterns/work-queue';
import { watched } from '../broker/watch.ts';
import { tell } from '../support/child.ts';
import { givenJob } from '../support/job.ts';
import type { Item, PlacedTask } from '../work-queue/job.ts';
import { cue } from '../work-queue/part.ts';

const job = givenJob() as PlacedTask;

tell({});
await cue();
const worker = await startQueueWorker<Item, Item | void>({
  queue: job.doors.workers,
  handler: job.task === 'latency' ? (item) => item : () => {},
});
tell(await watched());
await worker.close();
