/**
 * A worker process that doubles numbers, and after so many items says which one it holds and holds it.
 *
 *     worker.ts VENTILATOR SINK [ITEMS]
 */
import { startWorker } from 'brokerless/patterns/pipeline';

const [from = '', to = '', limit = 'Infinity'] = process.argv.slice(2);
let left = Number(limit);
process.once('disconnect', () => process.exit());

const worker = await startWorker({
  from,
  to,
  handler: async (x: number, { id }) => {
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (left === 0) await hold(id);
    left -= 1;
    return 2 * x;
  },
});
await worker.finished;
process.disconnect?.();

function hold(id: number): Promise<never> {
  process.send?.(id);
  return new Promise(() => {});
}
