/**
 * Tests of the example of the work queue: a hub, workers and a producer, each a process of its own.
 */
import { describe, expect, test } from 'vitest';
import { Live } from './live.ts';

const [HUB, WORKER, PRODUCER] = ['hub', 'worker', 'producer'].map(
  (name) => `examples/work-queue/${name}.ts`,
) as [string, string, string];

const LOCAL = 'tcp://127.0.0.1:*';

describe('a work queue', { timeout: 120_000 }, () => {
  test('tells a producer of each item how it has ended', async () => {
    using hub = new Live(HUB, LOCAL, LOCAL);
    using worker = new Live(WORKER, await hub.says(/^workers at (.*)$/));
    const producers = await hub.says(/^producers at (.*)$/);
    using producer = new Live(PRODUCER, producers, 'one.', 'nonsense', 'broken', 'two..');
    expect(await producer.ends(), producer.output).toBe(0);
    for (const item of ['one.', 'nonsense', 'broken', 'two..']) {
      expect(producer.lines).toContain(`sent ${item}`);
    }
    expect(producer.lines).toContain('one. is done at attempt 1');
    expect(producer.lines).toContain('nonsense is rejected: it makes no sense');
    expect(producer.lines).toContain('broken has failed: it does not work');
    expect(worker.output.match(/^got broken, attempt \d$/gm)).toHaveLength(3);

    worker.kill('SIGTERM');
    expect(await worker.ends()).toBe(0);
    hub.kill('SIGTERM');
    expect(await hub.ends()).toBe(0);
    expect(hub.lines.slice(-2)).toEqual([
      'dead letter "broken": it does not work',
      '2 of 4 items done, 0 given out again',
    ]);
  });

  test('has another worker do what a killed one had in hand', async () => {
    using hub = new Live(HUB, LOCAL, LOCAL);
    const workers = await hub.says(/^workers at (.*)$/);
    using victim = new Live(WORKER, workers);
    const long = `long${'.'.repeat(30)}`;
    using producer = new Live(PRODUCER, await hub.says(/^producers at (.*)$/), long);
    await victim.says(/^got long/);
    victim.kill('SIGKILL'); // It would have been at it for three seconds.
    await hub.says(/^(a worker is lost: gone)$/);
    using other = new Live(WORKER, workers);
    expect(await producer.ends(), producer.output).toBe(0);
    expect(producer.lines).toContain(`${long} is done at attempt 2`);
    expect(other.lines).toContain(`got ${long}, attempt 2`);
  });
});
