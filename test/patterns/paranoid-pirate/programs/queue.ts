/**
 * A queue process that says where it is bound, whom it loses, and its numbers when it is asked for them.
 *
 *     queue.ts OPTIONS
 */
import { startPirateQueue } from 'brokerless/patterns/paranoid-pirate';

const queue = await startPirateQueue({
  clients: 'tcp://127.0.0.1:*',
  workers: 'tcp://127.0.0.1:*',
  ...(JSON.parse(process.argv[2] ?? '{}') as object),
});
queue.on('worker:lost', ({ reason }) => process.send?.(['lost', reason]));
process.send?.(['bound', queue.clients, queue.workers]);
process.once('disconnect', () => void queue.close());
process.on('message', (word) => {
  if (word === 'stats') process.send?.(['stats', queue.stats(), process.cpuUsage()]);
  if (word === 'close') process.disconnect?.();
});
