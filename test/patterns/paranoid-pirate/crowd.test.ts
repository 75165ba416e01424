/**
 * Tests of a crowd: a thousand workers that beat every second on one queue. Nobody is taken for dead, and
 * watching over them costs little.
 */
import { Request } from 'brokerless';
import { expect, test } from 'vitest';
import { numbers } from '../../support/collect.ts';
import { until } from '../../support/until.ts';
import { Process, QueueProcess } from './processes.ts';
import { askAll, PATIENT, sorted } from './running.ts';

const CROWD = 1000;
const WATCHED_MS = 10_000;
const MOST = 0.2;

/** How much of a core the queue uses, looked at for a while. */
async function shareOfCore(queue: QueueProcess): Promise<number> {
  const [, before] = (await queue.ask('stats')) as [unknown, NodeJS.CpuUsage];
  const since = performance.now();
  await until(() => performance.now() - since > WATCHED_MS, { timeoutMs: 2 * WATCHED_MS });
  const [, after] = (await queue.ask('stats')) as [unknown, NodeJS.CpuUsage];
  const usedMs = (after.user + after.system - before.user - before.system) / 1000;
  return usedMs / (performance.now() - since);
}

test('a thousand workers are watched over, and nobody dies of it', PATIENT, async () => {
  using queue = new QueueProcess({ heartbeatMs: 1000, missesAllowed: 5 });
  const [clients, workers] = (await queue.hears('bound')) as [string, string];
  using one = new Process('crowd', [workers, `${CROWD / 2}`]);
  using other = new Process('crowd', [workers, `${CROWD / 2}`]);
  await Promise.all([one.hears('begun'), other.hears('begun')]);
  await queue.statsWhen((stats) => stats.idle === 1000);

  let share = Number.POSITIVE_INFINITY; // The least of three: a core that was taken away counts as used.
  for (let tries = 0; tries < 3 && share >= MOST; tries += 1) {
    share = Math.min(share, await shareOfCore(queue));
  }
  expect(share, 'share of a core').toBeLessThan(MOST);
  expect(await queue.stats()).toMatchObject({ workers: CROWD, idle: CROWD, faults: 0 });
  const lost = queue.said.filter(([word]) => word === 'lost');
  expect(lost).toEqual([]);

  const client = await Request.connect<number, number>(clients, { timeoutMs: 20_000 });
  const { answers } = sorted(await askAll(numbers(2000), 200, (x) => client.request(x)));
  expect(answers).toEqual(numbers(2000));
  await client.close();
});
