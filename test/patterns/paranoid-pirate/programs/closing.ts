/**
 * Closes a queue while replies to clients that have gone, and beats to workers that have gone, are on their
 * way. Nothing of that may surface, and the process ends by itself.
 */
import { Dealer } from 'brokerless';
import { startPirateQueue } from 'brokerless/patterns/paranoid-pirate';
import { ManualClock } from '../../../support/manual-clock.ts';
import { until } from '../../../support/until.ts';

const TCP = 'tcp://127.0.0.1:*';
const [READY, EMPTY] = [Uint8Array.of(1), new Uint8Array(0)];

for (const notifications of [true, false]) {
  const clock = new ManualClock();
  const queue = await startPirateQueue({
    clients: TCP,
    workers: TCP,
    heartbeatMs: 1000,
    requestMs: 1000,
    notifications,
    clock,
  });
  const worker = await Dealer.connect<Uint8Array[]>(queue.workers, { codec: 'frames' });
  const client = await Dealer.connect<Uint8Array[]>(queue.clients, { codec: 'frames' });
  for (let i = 0; i < 3; i += 1) await client.send([EMPTY, EMPTY]);
  await until(() => queue.stats().waiting === 3);
  await worker.send([READY]);
  await until(() => queue.stats().busy === 1);
  await Promise.all([worker.close(), client.close()]);
  clock.advance(1000); // Beats are due, and what waits is over.
  await queue.close();
}
console.log('closed');
