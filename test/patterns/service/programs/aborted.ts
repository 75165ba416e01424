/**
 * Asks and gives up again and again, a hundred thousand times, and says what is left of that: in the tables of both
 * sides, on signals, and in memory.
 */
import { getEventListeners } from 'node:events';
import { call, connectTo, contract, serve, stream } from 'brokerless/patterns/service';
import { collectGarbage } from '../../../support/garbage.ts';
import { until } from '../../../support/until.ts';

const work = contract('work', {
  hold: call<string, never>(),
  share: call<string, never>(),
  pause: stream<string, number>(),
});

const never = (_input: string, { signal }: { readonly signal: AbortSignal }): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('stopped')));
  });

const server = await serve(
  work,
  {
    hold: never,
    share: never,
    async *pause(text, context) {
      yield text.length;
      await never(text, context);
    },
  },
  { bind: 'tcp://127.0.0.1:*' },
);
const client = await connectTo(work, { to: server.endpoint });
const long = new AbortController(); // It outlives all that is asked within it.
const within = { remainingMs: Infinity, signal: long.signal, headers: {} };
const heartily = { timeoutMs: 600_000, within };
let aborted = 0;

/** Asks so many, and gives up: some before they leave, the others when they are at work or wait for it. */
async function ask(count: number): Promise<void> {
  const giving = new AbortController();
  const options = { ...heartily, signal: giving.signal };
  const received = server.stats().received;
  const asked = Array.from({ length: count }, (_, n) => {
    if (n % 5 === 1) return client.share('x'.repeat(20), { ...options, key: `${n % 50}` });
    if (n % 5 === 2) return client.pause('x'.repeat(20), { ...options, credit: 1 }).next();
    return client.hold('x'.repeat(20), options);
  });
  const early = new AbortController();
  asked.push(client.hold('early', { ...heartily, signal: early.signal }));
  early.abort();
  const ends = asked.map((each) => each.catch(() => (aborted += 1)));
  await until(() => server.stats().received >= received + count, { timeoutMs: 30_000 });
  giving.abort();
  await Promise.all(ends);
  await until(() => server.stats().inFlight === 0, { timeoutMs: 30_000 });
}

/** What is in use, in bytes. */
async function used(): Promise<number> {
  for (let n = 0; n < 3; n += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
  }
  return process.memoryUsage().heapUsed;
}

for (let n = 0; n < 4; n += 1) await ask(5000);
const before = await used();
aborted = 0;
while (aborted < 100_000) await ask(5000);
const ratio = (await used()) / before;

const { inFlight, depth, faults } = client.stats();
const { inFlight: running, depth: waiting, replies, clients } = server.stats();
const listeners = getEventListeners(long.signal, 'abort').length;
const left = { inFlight, depth, faults, running, waiting, replies, clients, listeners };
await client.close();
await server.close();
console.log(JSON.stringify({ left, ratio }));
