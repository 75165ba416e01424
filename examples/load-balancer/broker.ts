/**
 * Load balancer, the broker: gives each request to the worker that has been free for longest.
 *
 *     node --conditions=@brokerless/source --import tsx examples/load-balancer/broker.ts [CLIENTS [WORKERS]]
 *
 * Start it, client.ts and some of worker.ts in any order. Ends with Ctrl+C or SIGTERM, and says what it did.
 */
import { once } from 'node:events';
import { startLoadBalancer } from 'brokerless/patterns/load-balancer';

const [clients = 'tcp://127.0.0.1:5557', workers = 'tcp://127.0.0.1:5558'] = process.argv.slice(2);

const broker = await startLoadBalancer({ clients, workers });
broker.on('worker:join', ({ worker }) => console.log(`worker ${worker} is there`));
broker.on('worker:lost', ({ worker, reason }) =>
  console.log(`worker ${worker} is lost: ${reason}`),
);
console.log(`clients at ${broker.clients}`);
console.log(`workers at ${broker.workers}`);

await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
const { received, sent } = broker.stats();
console.log(`answered ${sent} of ${received} requests`);
await broker.close();
