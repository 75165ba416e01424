/**
 * Tests of the example of the load balancer: a broker, workers and a client, each a process of its own.
 */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { Live } from './live.ts';
import { emptyTree } from './trees.ts';

const [BROKER, WORKER, CLIENT] = ['broker', 'worker', 'client'].map(
  (name) => `examples/load-balancer/${name}.ts`,
) as [string, string, string];

/** Who greeted how often, by what a client has printed; undefined for a line that says something else. */
const tallyOf = (client: Live): Record<string, number> =>
  Object.fromEntries(
    client.lines.map((line) => {
      const [, greeter = line, times] = /^greeted by (.*): (\d+)$/.exec(line) ?? [];
      return [greeter, Number(times)];
    }),
  );

/** Waits until a broker has said that there are so many workers. */
const meets = (broker: Live, workers: number): Promise<void> =>
  until(() => broker.lines.filter((line) => line.endsWith('is there')).length === workers, {
    timeoutMs: 30_000,
    what: `the broker has met ${workers} workers`,
  });

describe('a load balancer', { timeout: 90_000 }, () => {
  test('gives a slow worker less, and everybody leaves in good order', async () => {
    using broker = new Live(BROKER, 'tcp://127.0.0.1:*', 'tcp://127.0.0.1:*');
    const clients = await broker.says(/^clients at (.*)$/);
    const workers = await broker.says(/^workers at (.*)$/);
    using quick = new Live(WORKER, 'quick', workers);
    using slow = new Live(WORKER, 'slow', workers, '--slow');
    await meets(broker, 2);
    using client = new Live(CLIENT, clients);
    expect(await client.ends(), client.output).toBe(0);
    const tally = tallyOf(client);
    expect(Object.keys(tally).toSorted()).toEqual(['quick', 'slow']);
    expect((tally['quick'] ?? 0) + (tally['slow'] ?? 0)).toBe(100);
    expect(tally['quick']).toBeGreaterThan(tally['slow'] ?? 100);

    for (const [name, worker] of Object.entries({ quick, slow })) {
      worker.kill('SIGTERM');
      expect(await worker.ends()).toBe(0);
      expect(worker.lines).toEqual([`${name} answered ${tally[name]} requests`]);
    }
    expect(await broker.says(/^worker \w+ is lost: (.*)$/)).toBe('left');
    broker.kill('SIGTERM');
    expect(await broker.ends()).toBe(0);
    expect(broker.lines.at(-1)).toBe('answered 100 of 100 requests');
  });

  test('serves a worker and a client that were there first', async () => {
    await using folder = await emptyTree();
    const [clients, workers] = ['clients', 'workers'].map(
      (name) => `ipc://${join(folder.path, name)}`,
    ) as [string, string];
    using worker = new Live(WORKER, 'early', workers);
    using client = new Live(CLIENT, clients);
    using broker = new Live(BROKER, clients, workers);
    expect(await client.ends(), client.output).toBe(0);
    expect(tallyOf(client)).toEqual({ early: 100 });
    expect(worker.output).toBe('');
    expect(broker.lines).toContain(`clients at ${clients}`);
  });
});
