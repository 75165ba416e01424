/**
 * Tasks, the queue: between clients and workers, and keeps results for an hour.
 *
 *     node --conditions=@brokerless/source --import tsx examples/tasks/queue.ts [CLIENTS [WORKERS]]
 *
 * In place of Celery's broker and its result backend, `rabbitmq-server` and `redis-server`, or RQ's `redis-server`;
 * but that it keeps in memory what it holds. Ends with Ctrl+C or SIGTERM.
 */
import { once } from 'node:events';
import { startTaskQueue } from 'brokerless/patterns/tasks';

const [producers = 'tcp://127.0.0.1:5557', workers = 'tcp://127.0.0.1:5558'] =
  process.argv.slice(2);

const queue = await startTaskQueue({ producers, workers, keepResultsMs: 3_600_000 });
console.log(`clients at ${queue.producers}`);
console.log(`workers at ${queue.workers}`);

await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
const { accepted, done, retried } = queue.stats();
console.log(`accepted ${accepted}, done ${done}, retried ${retried}`);
await queue.close();
