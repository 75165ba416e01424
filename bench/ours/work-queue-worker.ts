/**
 * Ours: a worker that gives back what it gets, whether its hub is a `fanOut` or stands apart.
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
const worker = await startQueueWorker<Item, Item>({
  queue: job.doors.workers,
  handler: (item) => item,
});
tell(await watched());
await worker.close();
