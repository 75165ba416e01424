/**
 * A whole load balancer in one process, which ends by itself once the parts are closed.
 */
import { Request } from 'brokerless';
import { startBalancedWorker, startLoadBalancer } from 'brokerless/patterns/load-balancer';

const broker = await startLoadBalancer({ clients: 'ipc://*', workers: 'tcp://127.0.0.1:*' });
const worker = await startBalancedWorker({
  broker: broker.workers,
  handler: (x: number) => 2 * x,
  concurrency: 2,
});
const client = await Request.connect<number, number>(broker.clients);

console.log((await Promise.all([0, 1, 2].map((x) => client.request(x)))).join(' '));
await Promise.all([client.close(), worker.close()]);
await broker.close();
