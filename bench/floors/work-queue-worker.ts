/**
 * The worker of the floor of `work-queue`: takes an item on a PULL, says by a PUSH which one it has done.
 *
 * A handler that does nothing is given the item all the same: an object is read, and its number sent on; bytes are
 * sent on as they are.
 */
import { Pull, Push } from 'zeromq';
import { watched } from '../broker/watch.ts';
import { tell } from '../support/child.ts';
import { givenJob } from '../support/job.ts';
import type { Event } from '../support/values.ts';
import type { PlacedTask } from '../work-queue/job.ts';
import { cue } from '../work-queue/part.ts';
import { pinned } from './pinned.ts';

const job = givenJob() as PlacedTask;
const isObject = job.task === 'throughput' && job.values === 'object';

tell({});
await cue();
const { receiveHighWaterMark, sendHighWaterMark, linger } = pinned();
const items = new Pull({ receiveHighWaterMark, linger });
const results = new Push({ sendHighWaterMark, linger });
items.connect(job.doors.workers);
results.connect(job.doors.others);
void work();
tell(await watched());
items.close();
results.close();

async function work(): Promise<void> {
  for await (const [item] of items) {
    if (item === undefined) continue;
    await results.send(isObject ? String((JSON.parse(item.toString()) as Event).id) : item);
  }
}
