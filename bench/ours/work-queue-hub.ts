/**
 * Ours: a hub in a process of its own, with everything left as it comes.
 */
import { startWorkQueue } from 'brokerless/patterns/work-queue';
import { watched } from '../broker/watch.ts';
import { tell } from '../support/child.ts';

const anywhere = 'tcp://127.0.0.1:*';
const queue = await startWorkQueue({ producers: anywhere, workers: anywhere });
tell({ workers: queue.workers, others: queue.producers });
tell(await watched());
await queue.close();
