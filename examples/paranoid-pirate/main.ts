/**
 * Paranoid pirate: workers are killed while they work, and still every request is answered.
 *
 *     node --conditions=@brokerless/source --import tsx examples/paranoid-pirate/main.ts
 *         [--requests N] [--workers N] [--kills N]
 *
 * This process is the queue, and the client that asks; the workers are processes of their own. Each time that
 * so many requests have been answered one worker is killed, in the middle of its work, and another started.
 * Ends by itself, with exit code 0 if all requests have been answered.
 */
import { isBrokerlessError } from 'brokerless';
import { LazyPirate } from 'brokerless/patterns/lazy-pirate';
import { startPirateQueue } from 'brokerless/patterns/paranoid-pirate';
import { Crew } from './crew.ts';
import { type Options, readOptions, UsageError, usage } from './options.ts';
import { viewOf } from './table.ts';

// So many requests are under way at once.
const AT_A_TIME = 32;

try {
  process.exitCode = await main(readOptions(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}; usage: ${usage}`);
  process.exitCode = 2;
}

async function main({ requests, workers, kills }: Options): Promise<number> {
  await using queue = await startPirateQueue({
    clients: 'tcp://127.0.0.1:*',
    workers: 'tcp://127.0.0.1:*',
  });
  await using client = new LazyPirate<number, number>({
    servers: queue.clients,
    timeoutMs: 30_000,
  });
  using crew = new Crew(queue.workers, workers);

  let answered = 0;
  const state = (): string =>
    `requests ${requests}, answered ${answered}, killed ${crew.killed}, ` +
    `redelivered ${queue.stats().redelivered}, repeated work ${crew.repeated}`;
  const view = viewOf(crew, state);
  queue.on('worker:join', ({ worker }) => view.note(`worker ${worker} is there`));
  queue.on('worker:lost', ({ worker, reason }) => view.note(`worker ${worker} is lost: ${reason}`));

  const numbers = Array.from({ length: requests }).keys();
  async function askOn(): Promise<void> {
    for (const number of numbers) {
      try {
        if ((await client.request(number)) === number * number) answered += 1;
        else view.note(`request ${number} was answered wrongly`);
      } catch (error) {
        if (!isBrokerlessError(error)) throw error;
        view.note(`request ${number} was not answered: ${error.message} (${error.code})`);
      }
      const isTime = answered >= ((crew.killed + 1) * requests) / (kills + 1);
      const victim = isTime && crew.killed < kills ? crew.killOne() : undefined;
      if (victim !== undefined) view.note(`process ${victim.process.pid} is killed`);
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, askOn));
  await crew.dismiss();
  view.stop();
  return answered === requests ? 0 : 1;
}
