/**
 * Several servers, one of them: takes 20 ms over each answer, and four at a time. Started by main.ts.
 */
import { setTimeout } from 'node:timers/promises';
import { Reply } from 'brokerless';

/** What is asked. A lookup may be done twice, a payment may not. */
export interface Job {
  /** Which of the two it is. */
  readonly kind: 'lookup' | 'payment';
  /** Its number. */
  readonly number: number;
}

await using reply = await Reply.bind<Job, number>('tcp://127.0.0.1:*');
process.send?.(reply.endpoint);
process.once('disconnect', () => void reply.close()); // Whoever started it is done, or dead.

await reply.serve(
  async () => {
    await setTimeout(20);
    return process.pid;
  },
  { concurrency: 4 },
);
