/**
 * Asks, is answered, aborts, times out and closes, and then ends by itself if nothing of it is left.
 */
import { Reply } from 'brokerless';
import { LazyPirate } from 'brokerless/patterns/lazy-pirate';

const reply = await Reply.bind<number, number>('tcp://127.0.0.1:*');
void reply.serve((n) => (n === 0 ? new Promise<number>(() => {}) : n * n));
const pirate = new LazyPirate<number, number>({ servers: reply.endpoint, freshAfter: 1 });
await pirate.request(3);
await pirate.request(0, { timeoutMs: 30, attempts: 2 }).catch((error) => console.log(error.code));
await pirate
  .request(0, { signal: AbortSignal.timeout(30) })
  .catch((error) => console.log(error.code));
const closed = pirate.request(0).catch((error) => console.log(error.code));
console.log(pirate.stats().reconnects > 0, await pirate.request(4));
await pirate.close();
await closed;
await reply.close({ drainMs: 0 });
console.log(
  process
    .getActiveResourcesInfo()
    .filter((name) => name !== 'PipeWrap')
    .join(),
);
