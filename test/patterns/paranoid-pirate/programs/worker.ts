/**
 * A worker process that says what it begins and ends, holds what it is asked to hold, and blocks its event
 * loop when asked to.
 *
 *     worker.ts OPTIONS
 */
import { startPirateWorker } from 'brokerless/patterns/paranoid-pirate';
import type { Work } from '../processes.ts';

let letGo = (): void => {};
const released = new Promise<void>((resolve) => {
  letGo = resolve;
});

const worker = await startPirateWorker({
  ...(JSON.parse(process.argv[2] ?? '{}') as { readonly queue: string }),
  handler: async ({ id, how = 'echo' }: Work) => {
    process.send?.(['begin', id]);
    if (how === 'hold') await released;
    if (typeof how === 'number') block(how);
    process.send?.(['end', id]);
    return { id, by: process.pid };
  },
});

process.once('disconnect', () => process.exit());
process.on('message', (word) => {
  if (word === 'stats') process.send?.(['stats', worker.stats()]);
  if (word === 'let go') letGo();
  if (word === 'leave') void worker.leave().then(() => process.disconnect?.());
});

function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
