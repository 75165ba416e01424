/**
 * Tests of starting and closing: close in any state, failed binds, transports, events, and options that make
 * no sense.
 */
import { Request } from 'brokerless';
import { ENVELOPE_BYTES } from 'brokerless/kit';
import { startBalancedWorker, startLoadBalancer } from 'brokerless/patterns/load-balancer';
import { describe, expect, test } from 'vitest';
import { Desk } from '../../support/asking.ts';
import { runScript } from '../../support/child.ts';
import { numbers } from '../../support/collect.ts';
import { until } from '../../support/until.ts';
import { balancing } from './balancing.ts';

const TCP = 'tcp://127.0.0.1:*';
const double = (x: number): number => 2 * x;

let names = 0;
const transports: [string, () => string][] = [
  ['tcp', () => TCP],
  ['ipc', () => 'ipc://*'],
  ['inproc', () => `inproc://balancer-${(names += 1)}`],
];

test.each(transports)('works over %s', async (_, endpoint) => {
  await using world = await balancing({ clients: endpoint(), workers: endpoint() });
  await world.work(double, { concurrency: 2 });
  const client = await world.client();
  expect(await Promise.all(numbers(50).map((n) => client.request(n)))).toEqual(
    numbers(50).map(double),
  );
});

describe('close', () => {
  test('of a broker in the middle of everything is quick, and may be repeated', async () => {
    const desk = new Desk();
    await using world = await balancing();
    await world.work(desk.handler);
    const client = await world.client();
    for (const n of numbers(50)) client.request(n).catch(() => {});
    await until(() => desk.held.length === 1);
    const since = performance.now();
    const closing = world.broker.close();
    desk.held[0]?.resolve(1);
    await Promise.all([closing, world.broker.close()]);
    expect(performance.now() - since).toBeLessThan(3000);
    await world.broker[Symbol.asyncDispose]();
  });

  test('of a broker whose replies nobody takes any more surfaces nothing', async () => {
    await using world = await balancing({ notifications: false });
    await world.work(double, { concurrency: 4 });
    const client = await world.client();
    for (const n of numbers(500)) client.request(n).catch(() => {});
    await until(() => world.broker.stats().sent > 10);
    await Promise.all([client.close({ drainMs: 0 }), world.broker.close()]);
  });

  test('leaves nothing open: the process ends by itself', async () => {
    const script = new URL('programs/whole.ts', import.meta.url);
    const { code, signal, stdout, stderr } = await runScript(script, { source: true });
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
    expect(stdout).toBe('0 2 4\n');
  });
});

describe('a door that cannot be opened', () => {
  test('closes the other one, whichever it is', async () => {
    await using holder = await startLoadBalancer({ clients: TCP, workers: TCP });
    for (const taken of [
      { clients: holder.clients, workers: 'inproc://other-door' },
      { clients: 'inproc://other-door', workers: holder.workers },
    ]) {
      await expect(startLoadBalancer(taken)).rejects.toMatchObject({ code: 'ADDRESS' });
    }
    const free = { clients: 'inproc://other-door', workers: TCP };
    await (await startLoadBalancer(free)).close();
  });

  test.each([
    ['nonsense', 'ADDRESS'],
    ['tcp://0.0.0.0:*', 'INSECURE_BIND'],
  ])('%s is refused as sockets refuse it', async (endpoint, code) => {
    const doors = [
      { clients: endpoint, workers: TCP },
      { clients: TCP, workers: endpoint },
    ];
    for (const door of doors) await expect(startLoadBalancer(door)).rejects.toMatchObject({ code });
  });

  test('of a worker is refused too', async () => {
    const options = { broker: 'nonsense', handler: double, concurrency: 3 };
    await expect(startBalancedWorker(options)).rejects.toMatchObject({ code: 'ADDRESS' });
  });
});

test('whoever has listened may stop, and what a listener throws is its own affair', async () => {
  await using world = await balancing();
  const heard: string[] = [];
  const listener = ({ worker }: { readonly worker: string }): void => void heard.push(worker);
  world.broker.on('worker:join', listener);
  await world.work(double);
  world.broker.off('worker:join', listener);
  await world.work(double);
  expect(heard).toEqual([world.events[0]?.[1]]);
});

test('faults of the sockets and of the rules are counted together, and onFault hears the former', async () => {
  const faults: unknown[] = [];
  const onFault = (fault: unknown): void => void faults.push(fault);
  await using world = await balancing({ maxMessageBytes: 1000, onFault });
  const options = { maxMessageBytes: 100_000, codec: 'raw' as const };
  await using client = await Request.connect(world.broker.clients, options);
  // A frame that ZeroMQ lets pass, in a message that is too long with what stands before it.
  const body = new Uint8Array(1000 + ENVELOPE_BYTES - 1);
  const asked = client.request(body, { timeoutMs: 10_000 });
  asked.catch(() => {});
  await until(() => world.broker.stats().faults === 1);
  expect(faults).toMatchObject([{ code: 'BAD_MESSAGE' }]);
});

describe('options that make no sense are refused', () => {
  const doors = { clients: TCP, workers: TCP };
  const work = { broker: 'tcp://127.0.0.1:9', handler: double };
  const misspelt = { asign: 'random' };
  const never = {} as unknown as never;
  const bad: [string, () => Promise<AsyncDisposable>][] = [
    ['startLoadBalancer: clients', () => startLoadBalancer({ clients: '', workers: TCP })],
    ['startLoadBalancer: workers', () => startLoadBalancer({ clients: TCP, workers: never })],
    ['startLoadBalancer: assign', () => startLoadBalancer({ ...doors, assign: 'lru' as never })],
    ['startLoadBalancer: maxWaiting', () => startLoadBalancer({ ...doors, maxWaiting: 0 })],
    [
      'startLoadBalancer: maxWaitingBytes',
      () => startLoadBalancer({ ...doors, maxWaitingBytes: -1 }),
    ],
    [
      'startLoadBalancer: overflow',
      () => startLoadBalancer({ ...doors, overflow: 'drop-newest' as never }),
    ],
    ['startLoadBalancer: requestMs', () => startLoadBalancer({ ...doors, requestMs: 0 })],
    ['startLoadBalancer: maxWorkers', () => startLoadBalancer({ ...doors, maxWorkers: 1.5 })],
    ['startLoadBalancer: clock', () => startLoadBalancer({ ...doors, clock: never })],
    [
      'startLoadBalancer: unknown option "asign"',
      () => startLoadBalancer({ ...doors, ...misspelt }),
    ],
    ['startLoadBalancer', () => startLoadBalancer(undefined as never)],
    ['startBalancedWorker: handler', () => startBalancedWorker({ ...work, handler: never })],
    ['startBalancedWorker: concurrency', () => startBalancedWorker({ ...work, concurrency: 0 })],
    [
      'startBalancedWorker: codec',
      () => startBalancedWorker({ ...work, codec: 'frames' as never }),
    ],
    ['startBalancedWorker: signal', () => startBalancedWorker({ ...work, signal: never })],
    ['startBalancedWorker: drainMs', () => startBalancedWorker({ ...work, drainMs: -1 })],
    ['startBalancedWorker', () => startBalancedWorker(null as never)],
  ];

  test.each(bad)('%s', async (what, start) => {
    const error: unknown = await start().then(
      (started) => started[Symbol.asyncDispose](),
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: 'BAD_OPTION', message: expect.stringContaining(what) });
  });
});
