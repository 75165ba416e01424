/**
 * Ours: a load balancer that reads little ahead, as the floor reads no
 * request before there is a worker for it; everything else is left as it comes.
 */
import { startLoadBalancer } from 'brokerless/patterns/load-balancer';
import { watched } from '../broker/watch.ts';
import { tell } from '../support/child.ts';

const anywhere = 'tcp://127.0.0.1:*';
const broker = await startLoadBalancer({ clients: anywhere, workers: anywhere, maxWaiting: 16 });
tell({ clients: broker.clients, workers: broker.workers });
const seen = await watched();
const { late, dropped, faults } = broker.stats();
if (late + dropped + faults > 0) throw new Error('the broker lost its way');
tell(seen);
await broker.close();
