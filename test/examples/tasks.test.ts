/**
 * Tests of the example of tasks: a queue, a worker and clients, each a process of its own.
 */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Live } from './live.ts';
import { emptyTree } from './trees.ts';

const [QUEUE, WORKER, CLIENT] = ['queue', 'worker', 'client'].map(
  (name) => `examples/tasks/${name}.ts`,
) as [string, string, string];

const ANSWERS = [
  '8',
  'done',
  '3',
  '12',
  '90',
  'https://example.org/ at attempt 2',
  'fetch discarded: nowhere is no address',
];

describe('tasks', { timeout: 90_000 }, () => {
  test('are done for two clients, and everybody leaves in good order', async () => {
    using queue = new Live(QUEUE, 'tcp://127.0.0.1:*', 'tcp://127.0.0.1:*');
    const clients = await queue.says(/^clients at (.*)$/);
    using worker = new Live(WORKER, await queue.says(/^workers at (.*)$/));
    using one = new Live(CLIENT, clients);
    using other = new Live(CLIENT, clients);
    for (const client of [one, other]) {
      expect(await client.ends(), client.output).toBe(0);
      expect(client.lines).toEqual(ANSWERS);
    }
    worker.kill('SIGTERM');
    expect(await worker.ends()).toBe(0);
    expect(worker.lines).toEqual(['answered 36 tasks']);
    queue.kill('SIGINT');
    expect(await queue.ends()).toBe(0);
    expect(queue.lines.at(-1)).toBe('accepted 34, done 32, retried 2');
  });

  test('wait for a queue that is not there yet', async () => {
    await using folder = await emptyTree();
    const [clients, workers] = ['clients', 'workers'].map(
      (name) => `ipc://${join(folder.path, name)}`,
    ) as [string, string];
    using worker = new Live(WORKER, workers);
    using client = new Live(CLIENT, clients);
    using queue = new Live(QUEUE, clients, workers);
    expect(await client.ends(), client.output).toBe(0);
    expect(client.lines).toEqual(ANSWERS);
    expect([worker.output, queue.lines.length]).toEqual(['', 2]);
  });
});
