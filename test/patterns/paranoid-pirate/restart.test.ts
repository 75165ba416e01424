/**
 * Tests of a queue that is a process of its own and is killed, started again, or frozen, with clients and
 * workers at work. Rows 3, 7 and 8 of the project's fault model.
 */
import { isBrokerlessError, Request } from 'brokerless';
import {
  type PirateWorker,
  startPirateQueue,
  startPirateWorker,
} from 'brokerless/patterns/paranoid-pirate';
import { describe, expect, test } from 'vitest';
import { numbers } from '../../support/collect.ts';
import { until } from '../../support/until.ts';
import { fixedEndpoint, QueueProcess } from './processes.ts';
import { askAll, atRest, gate, LONG, PATIENT, sorted } from './running.ts';

/** A queue process on fixed endpoints. */
async function startQueue(options: { heartbeatMs: number; notifications?: boolean }) {
  const ends = { clients: await fixedEndpoint(), workers: await fixedEndpoint() };
  const queue = new QueueProcess({ ...ends, ...options });
  await queue.hears('bound');
  return { ends, queue };
}

describe('a queue that is killed and started again on the same ports', PATIENT, () => {
  test.each([true, false])(
    'finds its workers, idle and busy, and loses no request that is asked again (notifications: %s)',
    async (notifications) => {
      const heartbeatMs = 200;
      const place = await startQueue({ heartbeatMs, notifications });
      using first = place.queue;
      const held = gate();
      let isHeld = true;
      const work = async (x: number): Promise<number> => {
        if (x < 0 && isHeld) await held.opened;
        return 2 * x;
      };
      const worker: PirateWorker = await startPirateWorker({
        queue: place.ends.workers,
        handler: work,
        concurrency: 4,
        heartbeatMs,
        notifications,
        reconnectMs: 100,
        reconnectMaxMs: 500,
      });
      const retries = { ratio: 100, max: 10_000 };
      const client = await Request.connect<number, number>(place.ends.clients, {
        timeoutMs: 1000,
        retries: 50,
        retryBudget: retries,
      });
      await first.atRest(4);
      const busy = [-1, -2].map((x) => client.request(x));
      const load = askAll(numbers(400), 8, (x) => client.request(x));
      await until(() => worker.stats().inFlight >= 2 && client.stats().received >= 50, LONG);
      first.kill('SIGKILL');
      await until(() => first.hasEnded, LONG);
      await using second = await startPirateQueue({ ...place.ends, heartbeatMs, notifications });
      isHeld = false;
      held.open();
      const { answers, failures } = sorted(await load);
      expect(failures).toEqual([]);
      expect(answers).toEqual(numbers(400).map((x) => 2 * x));
      expect(await Promise.all(busy)).toEqual([-2, -4]);
      await atRest({ queue: second }, 4);
      expect(client.stats()).toMatchObject({ inFlight: 0, received: 402, faults: 0 });
      await until(() => worker.stats().connections === 4, LONG);
      expect(worker.stats()).toMatchObject({ inFlight: 0, faults: 0 });
      expect(worker.stats().reconnects).toBeGreaterThanOrEqual(4);
      await Promise.all([client.close({ drainMs: 0 }), worker.close()]);
    },
  );
});

describe('a queue that is away for long', PATIENT, () => {
  test('has no worker that takes a request and does not listen', async () => {
    const ends = { clients: await fixedEndpoint(), workers: await fixedEndpoint() };
    let calls = 0;
    const worker = await startPirateWorker({
      queue: ends.workers,
      handler: () => (calls += 1),
      heartbeatMs: 100,
      concurrency: 3,
      random: () => 0.999,
      reconnectMs: 1500, // So long is it down, from the first silence on.
    });
    await until(() => worker.stats().reconnects === 3, LONG);
    await using queue = await startPirateQueue({ ...ends, heartbeatMs: 100 });
    const client = await Request.connect<number, number>(ends.clients, { timeoutMs: 20_000 });
    expect(await client.request(1)).toBe(1);
    await atRest({ queue }, 3);
    // A lane may give up just when the queue has come, each once; then another has it.
    expect(queue.stats().redelivered).toBeLessThanOrEqual(2);
    expect([calls, queue.stats().deadLettered]).toEqual([1, 0]);
    await Promise.all([client.close(), worker.close()]);
  });
});

describe('a queue that is frozen for longer than it may be silent', PATIENT, () => {
  test('has all its workers back, and requests end in time, answered or not', async () => {
    const heartbeatMs = 200;
    const place = await startQueue({ heartbeatMs });
    using queue = place.queue;
    const worker = await startPirateWorker({
      queue: place.ends.workers,
      handler: (x: number) => 2 * x,
      concurrency: 4,
      heartbeatMs,
      reconnectMs: 100,
      reconnectMaxMs: 500,
    });
    const client = await Request.connect<number, number>(place.ends.clients, { timeoutMs: 1500 });
    await queue.atRest(4);
    let longestMs = 0;
    const ask = async (x: number): Promise<number> => {
      const since = performance.now();
      try {
        return await client.request(x);
      } finally {
        longestMs = Math.max(longestMs, performance.now() - since);
      }
    };
    const load = askAll(numbers(400), 8, ask);
    await until(() => client.stats().received >= 20, LONG);
    queue.kill('SIGSTOP');
    await until(() => worker.stats().reconnects >= 4, LONG);
    queue.kill('SIGCONT');
    const { answers, failures } = sorted(await load);
    expect(answers.length + failures.length).toBe(400);
    expect(answers.length).toBeGreaterThanOrEqual(300);
    // What had been with one worker after the other is given up, when the queue hears that all of them went.
    const isLost = { code: 'HANDLER_FAILED', data: { code: 'WORKER_LOST' } };
    for (const failure of failures) {
      const expected = isBrokerlessError(failure, 'TIMEOUT') ? { code: 'TIMEOUT' } : isLost;
      expect(failure).toMatchObject(expected);
    }
    expect(longestMs).toBeLessThan(1500 + 3000);
    await queue.atRest(4);
    expect(await client.request(7, { timeoutMs: 10_000 })).toBe(14);
    await until(() => worker.stats().connections === 4, LONG);
    expect(worker.stats()).toMatchObject({ inFlight: 0 });
    await Promise.all([client.close({ drainMs: 0 }), worker.close()]);
    queue.tell('close');
    await until(() => queue.hasEnded, LONG);
    expect(queue.child.exitCode).toBe(0);
  });
});
