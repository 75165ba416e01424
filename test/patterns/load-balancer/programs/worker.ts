/**
 * A worker process that doubles numbers. Given 'hold' it says so to its parent, and holds it.
 *
 *     worker.ts BROKER
 */
import { startBalancedWorker } from 'brokerless/patterns/load-balancer';

const [broker = ''] = process.argv.slice(2);
process.once('disconnect', () => process.exit());

const worker = await startBalancedWorker<number | 'hold', number>({
  broker,
  handler: (x) => (x === 'hold' ? hold() : 2 * x),
});
await worker.finished;

function hold(): Promise<never> {
  process.send?.('holding');
  return new Promise(() => {});
}
