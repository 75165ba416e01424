/**
 * A program that publishes numbered values whenever it is told to, up to which number, and says so when
 * they have left: a flood at the pace of whoever tells it.
 *
 *     publish-flood.ts drop|wait
 */
import { Publisher } from 'brokerless';
import type { Numbered } from './publish-support.ts';

const overflow = process.argv[2] === 'wait' ? 'wait' : 'drop';
const publisher = await Publisher.bind<Record<string, Numbered>>('tcp://127.0.0.1:*', {
  overflow,
  highWaterMark: 8,
  kernelBufferBytes: 131_072,
  maxQueueBytes: 1 << 20,
});
const weight = 'x'.repeat(1000);
let n = 0;
let most = 0; // That waited in this process.

async function flood(upTo: number): Promise<void> {
  for (; n < upTo; n += 1) {
    const sending = publisher.send('flood', [n, weight]);
    if (overflow === 'wait') await sending; // Or else all that is told leaves as one batch.
    most = Math.max(most, publisher.stats().depthBytes);
  }
  while (publisher.stats().depth > 0) await new Promise(setImmediate);
  const { sent, dropped, refused, faults } = publisher.stats();
  process.send?.({ sent, dropped, refused, faults, most });
}

process.on('message', (upTo: number) => void flood(upTo));
process.on('disconnect', () => process.exit(0));
process.send?.(publisher.endpoint);
