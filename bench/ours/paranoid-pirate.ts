/**
 * Ours: a Paranoid Pirate queue that reads little ahead, as the floor reads no
 * request before there is a worker for it; everything else is left as it comes.
 */
import { startPirateQueue } from 'brokerless/patterns/paranoid-pirate';
import { watched } from '../broker/watch.ts';
import { tell } from '../support/child.ts';

const anywhere = 'tcp://127.0.0.1:*';
const queue = await startPirateQueue({ clients: anywhere, workers: anywhere, maxWaiting: 16 });
tell({ clients: queue.clients, workers: queue.workers });
const seen = await watched();
const { redelivered, late, dropped, faults } = queue.stats();
if (redelivered + late + dropped + faults > 0) throw new Error('the queue lost its way');
tell(seen);
await queue.close();
