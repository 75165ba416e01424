/**
 * Load balancer, a worker: greets whoever asks, and takes 20 ms over it; five times as long if it is slow.
 *
 *     node --conditions=@brokerless/source --import tsx examples/load-balancer/worker.ts NAME [WORKERS] [--slow]
 *
 * Start as many as you like. Leaves with Ctrl+C or SIGTERM: what it has in hand it finishes first.
 */
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startBalancedWorker } from 'brokerless/patterns/load-balancer';

const { values, positionals } = parseArgs({
  options: { slow: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const [name = 'nobody', broker = 'tcp://127.0.0.1:5558'] = positionals;
const stop = new AbortController();
process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort());

const worker = await startBalancedWorker({
  broker,
  signal: stop.signal,
  handler: async (who: string) => {
    await setTimeout(values.slow ? 100 : 20);
    return { greeting: `hello, ${who}`, worker: name };
  },
});
await worker.finished;
console.log(`${name} answered ${worker.stats().sent} requests`);
