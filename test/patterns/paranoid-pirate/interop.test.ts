/**
 * Tests with workers, clients and a queue in Python, written from 6/PPP and from what REQ puts on the wire:
 * ours with theirs, either way round, and with the queue started again.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Request } from 'brokerless';
import { startPirateQueue, startPirateWorker } from 'brokerless/patterns/paranoid-pirate';
import { beforeEach, describe, expect, test } from 'vitest';
import { numbers } from '../../support/collect.ts';
import { PYTHON, requirePython } from '../../support/python.ts';
import { until } from '../../support/until.ts';
import { fixedEndpoint } from './processes.ts';
import { askAll, atRest, LONG, PATIENT, type Pirates, sorted, startPirates } from './running.ts';

const BEAT_MS = 200;

beforeEach((context) => requirePython(context, 'zmq'));

/** A Python program, ended with the scope, and what it has printed. */
function run(name: string, ...args: readonly string[]) {
  const path = fileURLToPath(new URL(`programs/${name}.py`, import.meta.url));
  const child: ChildProcess = spawn(PYTHON, [path, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const printed: string[] = [];
  child.stdout?.on('data', (data: Buffer) => printed.push(data.toString()));
  return {
    child,
    prints: async (text: string) => {
      await until(() => printed.join('').includes(text) || child.exitCode !== null, LONG);
      expect(printed.join('')).toContain(text);
    },
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  };
}

/** Their worker, once our queue has it. */
async function theirWorker(pirates: Pirates, busy: 'silent' | 'beats', beatMs = BEAT_MS) {
  const before = pirates.queue.stats().workers;
  const worker = run('worker', pirates.queue.workers, `${beatMs}`, busy);
  await until(() => pirates.queue.stats().workers > before, LONG);
  return worker;
}

const doubled = (count: number): number[] => numbers(count).map((x) => 2 * x);

describe('our queue', PATIENT, () => {
  test.each(['silent', 'beats'] as const)(
    'and their worker, who is %s while busy',
    async (busy) => {
      await using pirates = await startPirates({ heartbeatMs: 1000, missesAllowed: 5 });
      using one = await theirWorker(pirates, busy, 1000);
      using other = await theirWorker(pirates, busy, 1000);
      const client = await pirates.client<number, number>({ codec: 'json' });
      using theirs = run('client', pirates.queue.clients, '20', '15000');
      const { answers } = sorted(await askAll(numbers(60), 8, (x) => client.request(x)));
      expect(answers).toEqual(doubled(60));
      await theirs.prints('20\n');
      await atRest(pirates, 2);
      const counted = { received: 80, sent: 80, redelivered: 0, late: 0, faults: 0 };
      expect(pirates.queue.stats()).toMatchObject(counted);
      expect([one.child.exitCode, other.child.exitCode]).toEqual([null, null]);
    },
  );

  test('gives the request of their worker, who is killed, to ours', async () => {
    await using pirates = await startPirates({ heartbeatMs: BEAT_MS, missesAllowed: 5 });
    using victim = await theirWorker(pirates, 'silent');
    const client = await pirates.client<number, number>({ codec: 'json' });
    const load = askAll(numbers(100), 4, (x) => client.request(x));
    await until(() => pirates.queue.stats().sent >= 10, LONG);
    await pirates.work((x: number) => 2 * x, { codec: 'json' });
    victim.child.kill('SIGKILL');
    expect(sorted(await load).answers).toEqual(doubled(100));
    await atRest(pirates, 1);
  });

  test('is found again by their worker and their client', async () => {
    const ends = { clients: await fixedEndpoint(), workers: await fixedEndpoint() };
    const options = { ...ends, heartbeatMs: BEAT_MS, missesAllowed: 5 };
    const first = await startPirateQueue(options);
    using worker = run('worker', ends.workers, `${BEAT_MS}`, 'silent');
    await until(() => first.stats().workers === 1, LONG);
    using theirs = run('client', ends.clients, '60');
    await until(() => first.stats().sent >= 10, LONG);
    await first.close();
    await using second = await startPirateQueue(options);
    await theirs.prints('60\n');
    await atRest({ queue: second }, 1);
    expect(second.stats().faults).toBe(0);
    expect(worker.child.exitCode).toBe(null);
  });
});

describe('their queue, which takes any word of a worker for readiness', PATIENT, () => {
  test('with our worker and both clients, from its first start to its second', async () => {
    const [clients, workers] = [await fixedEndpoint(), await fixedEndpoint()];
    const start = async () => {
      const started = run('queue', clients, workers, `${BEAT_MS}`);
      await started.prints('bound');
      return started;
    };
    using first = await start();
    const worker = await startPirateWorker({
      queue: workers,
      handler: async (x: number) => 2 * x,
      codec: 'json',
      concurrency: 2,
      heartbeatMs: BEAT_MS,
      missesAllowed: 10,
      heartbeatWhileBusy: false,
      reconnectMs: 100,
      reconnectMaxMs: 500,
    });
    const client = await Request.connect<number, number>(clients, {
      codec: 'json',
      timeoutMs: 4000,
      retries: 20,
      retryBudget: { ratio: 20, max: 1000 },
    });
    const { answers } = sorted(await askAll(numbers(100), 8, (x) => client.request(x)));
    expect(answers).toEqual(doubled(100));
    expect(worker.stats()).toMatchObject({ received: 100, sent: 100, faults: 0 });

    using theirs = run('client', clients, '300');
    const load = askAll(numbers(300), 2, (x) => client.request(x));
    await until(() => worker.stats().sent >= 150, LONG);
    first.child.kill('SIGKILL');
    await until(() => first.child.signalCode !== null, LONG);
    using second = await start();
    expect(sorted(await load).answers).toEqual(doubled(300));
    await theirs.prints('300\n');
    await until(() => worker.stats().connections === 2, LONG);
    expect(worker.stats()).toMatchObject({ faults: 0, inFlight: 0 });
    await worker.leave();
    await client.close();
    expect(second.child.exitCode).toBe(null);
  });
});
