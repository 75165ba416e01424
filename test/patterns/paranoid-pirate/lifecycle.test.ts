/**
 * Tests of starting, leaving and closing: events and numbers, options that make no sense, addresses that are
 * taken, the mistakes of the application, and nothing left behind.
 */
import { getEventListeners } from 'node:events';
import {
  type PirateQueueOptions,
  startPirateQueue,
  startPirateWorker,
} from 'brokerless/patterns/paranoid-pirate';
import { describe, expect, test } from 'vitest';
import { runScript } from '../../support/child.ts';
import { numbers } from '../../support/collect.ts';
import { reservedEndpoint } from '../../support/port.ts';
import { until } from '../../support/until.ts';
import { atRest, CALM_MS, gate, LONG, later, startPirates, TCP } from './running.ts';

const NOWHERE = 'tcp://127.0.0.1:9';
const program = (name: string): URL => new URL(`programs/${name}.ts`, import.meta.url);

describe('events', () => {
  test('tell who joins, who is lost and why, until nobody listens', async () => {
    await using pirates = await startPirates();
    const heard: unknown[][] = [];
    const onJoin = ({ worker }: { worker: string }): void => void heard.push(['join', worker]);
    pirates.queue.on('worker:join', onJoin);
    pirates.queue.on('worker:lost', ({ worker, reason }) => heard.push(['lost', worker, reason]));
    const leaver = await pirates.work((x) => x);
    await leaver.leave();
    await until(() => heard.length === 2, LONG);
    const closer = await pirates.work((x) => x);
    await closer.close();
    await until(() => heard.length === 4, LONG);
    pirates.queue.off('worker:join', onJoin);
    await pirates.work((x) => x);
    const [one, other] = [heard[0]?.[1], heard[2]?.[1]];
    expect(heard).toEqual([
      ['join', one],
      ['lost', one, 'left'],
      ['join', other],
      ['lost', other, 'gone'],
    ]);
  });
});

describe('a worker that leaves', () => {
  test('finishes what it has in hand, takes no more, and the others go on', async () => {
    await using pirates = await startPirates();
    const held = gate();
    const leaver = await pirates.work(async () => {
      await held.opened;
      return 'leaver';
    });
    const client = await pirates.client();
    const asked = later(client.request(1));
    await until(() => leaver.stats().inFlight === 1, LONG);
    const left = leaver.leave();
    await pirates.work(() => 'other');
    expect(await Promise.all(numbers(5).map((n) => client.request(n)))).toEqual(
      numbers(5).map(() => 'other'),
    );
    held.open();
    expect(await asked).toBe('leaver');
    await Promise.all([left, leaver.finished]);
    await atRest(pirates, 1);
    expect(leaver.stats()).toMatchObject({ received: 1, sent: 1, inFlight: 0, connections: 0 });
    expect(pirates.queue.stats()).toMatchObject({ redelivered: 0, received: 6, sent: 6 });
  });

  test('leaves by its signal, which has no listener then', async () => {
    await using pirates = await startPirates();
    const leaving = new AbortController();
    const worker = await pirates.work((x) => x, { concurrency: 3, signal: leaving.signal });
    expect(getEventListeners(leaving.signal, 'abort')).toHaveLength(1);
    leaving.abort();
    await worker.finished;
    await atRest(pirates, 0);
    expect(getEventListeners(leaving.signal, 'abort')).toHaveLength(0);
  });

  test('before it has begun is gone soon, also if nobody is there', async () => {
    const worker = await startPirateWorker({
      queue: NOWHERE,
      handler: (x) => x,
      heartbeatMs: 20,
      signal: AbortSignal.abort(),
    });
    await worker.finished;
    expect(worker.stats()).toMatchObject({ received: 0, connections: 0 });
  });

  test('may be closed while it leaves', async () => {
    await using pirates = await startPirates();
    const worker = await pirates.work(() => new Promise(() => {}));
    const client = await pirates.client();
    client.request(1).catch(() => {});
    await until(() => worker.stats().inFlight === 1, LONG);
    const left = worker.leave();
    await worker.close();
    await left;
  });
});

describe('close', () => {
  test('may come at once, twice, and at the same time', async () => {
    const queue = await startPirateQueue({ clients: TCP, workers: TCP });
    const worker = await startPirateWorker({ queue: queue.workers, handler: (x) => x });
    await Promise.all([worker.close(), queue.close(), worker.close(), queue.close()]);
    await Promise.all([worker.close(), worker.finished, worker.leave()]);
    expect(queue.stats()).toMatchObject({ waiting: 0, received: 0 });
  });

  test('of a queue frees its endpoints', async () => {
    const first = await startPirateQueue({ clients: TCP, workers: TCP });
    const { clients, workers } = first;
    await first.close();
    await using second = await startPirateQueue({ clients, workers });
    expect([second.clients, second.workers]).toEqual([clients, workers]);
  });

  test('of a worker without a queue is quick', async () => {
    const worker = await startPirateWorker({ queue: NOWHERE, handler: (x) => x });
    const since = performance.now();
    await worker.close();
    expect(performance.now() - since).toBeLessThan(3000);
  });

  test('of a queue surfaces nothing of what is still on its way', async () => {
    const run = await runScript(program('closing'), { source: true });
    expect(run).toEqual({ code: 0, signal: null, stderr: '', stdout: 'closed\n' });
  });

  test('of all parts lets the process end by itself', async () => {
    const run = await runScript(program('whole'), { source: true });
    expect(run).toEqual({ code: 0, signal: null, stderr: '', stdout: '2 4 6 8\n' });
  });
});

describe('the mistakes of an application', () => {
  test('in assign and in a listener surface, and requests are answered all the same', async () => {
    const run = await runScript(program('assigning'), { source: true });
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const { uncaught, answers } = JSON.parse(run.stdout);
    expect(uncaught.toSorted()).toEqual(['assign', 'assign', 'listener']);
    expect(answers).toEqual([2, 4]);
  });
});

describe('without notifications', () => {
  test('requests are answered, and who leaves is gone at once', async () => {
    await using pirates = await startPirates({ notifications: false });
    const worker = await pirates.work((x) => x, { concurrency: 2, notifications: false });
    const client = await pirates.client();
    expect(await Promise.all(numbers(20).map((n) => client.request(n)))).toEqual(numbers(20));
    await worker.leave();
    await atRest(pirates, 0);
  });

  test('a worker that is closed is lost by its silence, and its request given to another', async () => {
    await using pirates = await startPirates({ notifications: false, heartbeatMs: 100 });
    const lost: string[] = [];
    pirates.queue.on('worker:lost', ({ reason }) => lost.push(reason));
    const worker = await pirates.work(() => new Promise(() => {}));
    const client = await pirates.client();
    const asked = later(client.request(1));
    await until(() => worker.stats().inFlight === 1, LONG);
    await worker.close();
    await pirates.work(() => 'other');
    expect(await asked).toBe('other');
    // Whichever shows first: that nothing comes of it, or that it cannot be sent a beat.
    expect(['silent', 'gone']).toContain(lost[0]);
  });
});

describe('what makes no sense is refused', () => {
  const ends = { clients: TCP, workers: TCP };
  const work = { queue: NOWHERE, handler: (x: unknown) => x };
  const never = {} as unknown as never;
  const bad: [string, () => Promise<AsyncDisposable>][] = [
    ['startPirateQueue: clients', () => startPirateQueue({ ...ends, clients: '' })],
    ['startPirateQueue: workers', () => startPirateQueue({ ...ends, workers: never })],
    ['startPirateQueue: heartbeatMs', () => startPirateQueue({ ...ends, heartbeatMs: 0 })],
    ['startPirateQueue: missesAllowed', () => startPirateQueue({ ...ends, missesAllowed: 1.5 })],
    ['startPirateQueue: maxAttempts', () => startPirateQueue({ ...ends, maxAttempts: 65_536 })],
    ['startPirateQueue: assign', () => startPirateQueue({ ...ends, assign: 'last' as never })],
    ['startPirateQueue: assign', () => startPirateQueue({ ...ends, assign: 'toString' as never })],
    ['startPirateQueue: maxWaiting', () => startPirateQueue({ ...ends, maxWaiting: 0 })],
    ['startPirateQueue: maxWaitingBytes', () => startPirateQueue({ ...ends, maxWaitingBytes: -1 })],
    ['startPirateQueue: overflow', () => startPirateQueue({ ...ends, overflow: 'drop' as never })],
    ['startPirateQueue: requestMs', () => startPirateQueue({ ...ends, requestMs: NaN })],
    ['startPirateQueue: maxWorkers', () => startPirateQueue({ ...ends, maxWorkers: 0 })],
    ['startPirateQueue: maxMessageBytes', () => startPirateQueue({ ...ends, maxMessageBytes: 0 })],
    ['startPirateQueue: clock', () => startPirateQueue({ ...ends, clock: never })],
    ['unknown option "heartbeat"', () => startPirateQueue({ ...ends, ...{ heartbeat: 1 } })],
    ['startPirateQueue', () => startPirateQueue(undefined as unknown as never)],
    ['startPirateWorker: handler', () => startPirateWorker({ ...work, handler: never })],
    ['startPirateWorker: queue', () => startPirateWorker({ ...work, queue: '' })],
    ['startPirateWorker: concurrency', () => startPirateWorker({ ...work, concurrency: 0 })],
    ['startPirateWorker: codec', () => startPirateWorker({ ...work, codec: 'frames' as never })],
    ['startPirateWorker: reconnectMs', () => startPirateWorker({ ...work, reconnectMs: 0 })],
    ['startPirateWorker: signal', () => startPirateWorker({ ...work, signal: never })],
    ['unknown option "workers"', () => startPirateWorker({ ...work, ...{ workers: 2 } })],
    ['startPirateWorker', () => startPirateWorker(undefined as unknown as never)],
  ];
  test.each(bad)('%s', async (what, start) => {
    const error: unknown = await start().then(
      (started) => started[Symbol.asyncDispose](),
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: 'BAD_OPTION', message: expect.stringContaining(what) });
  });

  const addresses: [string, Partial<PirateQueueOptions>, string][] = [
    ['no endpoint', { clients: 'nonsense' }, 'ADDRESS'],
    ['an open port', { workers: 'tcp://0.0.0.0:*' }, 'INSECURE_BIND'],
  ];
  test.each(addresses)('%s, and nothing stays bound', async (_, wrong, code) => {
    await expect(startPirateQueue({ ...ends, ...wrong })).rejects.toMatchObject({ code });
  });

  test('a second endpoint that is taken, and the first is free again', async () => {
    await using pirates = await startPirates();
    const workers = await reservedEndpoint();
    const failing = startPirateQueue({ workers, clients: pirates.queue.clients });
    await expect(failing).rejects.toMatchObject({ code: 'ADDRESS' });
    await using again = await startPirateQueue({ ...ends, workers, heartbeatMs: CALM_MS });
    expect(again.workers).toBe(workers);
  });

  test('a queue address that is none, of a worker', async () => {
    const failing = startPirateWorker({ ...work, queue: 'nonsense', concurrency: 3 });
    await expect(failing).rejects.toMatchObject({ code: 'ADDRESS' });
  });
});
