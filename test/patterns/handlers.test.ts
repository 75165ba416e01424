/**
 * Every worker of a pattern needs a handler, and says so at once.
 */
import { startBalancedWorker } from 'brokerless/patterns/load-balancer';
import { startPirateWorker } from 'brokerless/patterns/paranoid-pirate';
import { startWorker } from 'brokerless/patterns/pipeline';
import { expect, test } from 'vitest';

const nowhere = 'tcp://127.0.0.1:9';
const starts: readonly (readonly [string, (options: never) => Promise<unknown>, object])[] = [
  ['startWorker', startWorker, { from: nowhere, to: nowhere }],
  ['startPirateWorker', startPirateWorker, { queue: nowhere }],
  ['startBalancedWorker', startBalancedWorker, { broker: nowhere }],
];

test.each(starts)('%s without a handler is refused', async (name, start, options) => {
  for (const handler of [undefined, 'work.ts']) {
    const message = expect.stringContaining(`${name}: handler must be a function`) as string;
    const refused = start({ ...options, handler } as never);
    await expect(refused).rejects.toMatchObject({ code: 'BAD_OPTION', message });
  }
});
