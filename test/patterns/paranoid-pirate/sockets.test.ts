/**
 * Tests of a whole Paranoid Pirate over real sockets: clients of every kind, and which worker gets what.
 */
import { type Assign, encodeHeader } from 'brokerless/kit';
import type { PirateWorker } from 'brokerless/patterns/paranoid-pirate';
import { decode, encode } from 'cbor-x';
import { describe, expect, test } from 'vitest';
import * as zmq from 'zeromq';
import { numbers } from '../../support/collect.ts';
import { turns } from '../../support/turns.ts';
import { until } from '../../support/until.ts';
import { askAll, atRest, freeEndpoint, gate, LONG, startPirates } from './running.ts';

const double = (x: number): number => 2 * x;
const doubled = (count: number): number[] => numbers(count).map(double);

/** A raw DEALER connected to `endpoint`, which is closed with the scope. */
function rawDealer(endpoint: string): { readonly raw: zmq.Dealer } & Disposable {
  const raw = new zmq.Dealer({ linger: 0, receiveTimeout: LONG.timeoutMs });
  raw.connect(endpoint);
  return { raw, [Symbol.dispose]: () => raw.close() };
}

/** Sends a request with a header. */
async function askRaw(
  raw: zmq.Dealer,
  body: unknown,
  { id = 'id', priority = 0, remainingMs = Number.POSITIVE_INFINITY } = {},
): Promise<void> {
  const header = encodeHeader({ id: Buffer.from(id), priority, remainingMs });
  await raw.send([header, Buffer.alloc(0), encode(body)]);
}

describe.each(['tcp', 'ipc', 'inproc'] as const)('over %s', (transport) => {
  test('a request is answered by a worker', async () => {
    const [clients, workers] = [freeEndpoint(transport), freeEndpoint(transport)];
    await using pirates = await startPirates({ clients, workers });
    await pirates.work(double);
    const client = await pirates.client();
    expect(await client.request(21)).toBe(42);
    await atRest(pirates, 1);
  });
});

describe('many requests', () => {
  test.each([1, 8])(
    '64 in flight, each find their own answer (%i at once)',
    async (concurrency) => {
      await using pirates = await startPirates();
      const slowly = async (x: number): Promise<number> => {
        await turns(x % 3);
        return 2 * x;
      };
      for (let i = 0; i < 2; i += 1) await pirates.work(slowly, { concurrency });
      const client = await pirates.client<number, number>();
      const outcomes = await askAll(numbers(2000), 64, (x) => client.request(x));
      expect(outcomes).toEqual(doubled(2000).map((value) => ({ status: 'fulfilled', value })));
      await atRest(pirates, 2 * concurrency);
      const counted = {
        received: 2000,
        sent: 2000,
        redelivered: 0,
        late: 0,
        dropped: 0,
        faults: 0,
      };
      expect(pirates.queue.stats()).toMatchObject(counted);
      const shares = pirates.workers.map((worker) => worker.stats().sent);
      expect(shares.reduce((a, b) => a + b)).toBe(2000);
      expect(Math.min(...shares)).toBeGreaterThan(200);
    },
  );

  test('of many clients do not get mixed up', async () => {
    await using pirates = await startPirates();
    await pirates.work((x: string) => `${x}!`, { concurrency: 4 });
    const asked = numbers(10).map(async (c) => {
      const client = await pirates.client<string, string>();
      const values = numbers(50).map((n) => `${c}.${n}`);
      const outcomes = await askAll(values, 5, (x) => client.request(x));
      expect(outcomes).toEqual(values.map((x) => ({ status: 'fulfilled', value: `${x}!` })));
    });
    await Promise.all(asked);
  });
});

describe('a client may be', () => {
  test.each([false, true])('a raw zeromq REQ (correlate: %s)', async (correlate) => {
    await using pirates = await startPirates();
    await pirates.work(double);
    const raw = new zmq.Request({ correlate, linger: 0, receiveTimeout: LONG.timeoutMs });
    raw.connect(pirates.queue.clients);
    for (const x of numbers(20)) {
      await raw.send(encode(x));
      const [body, ...more] = await raw.receive();
      expect([decode(body ?? Buffer.alloc(0)), more]).toEqual([2 * x, []]);
    }
    raw.close();
  });

  test('a DEALER with a header, which comes back as it was sent', async () => {
    await using pirates = await startPirates();
    await pirates.work(double, { concurrency: 3 });
    using client = rawDealer(pirates.queue.clients);
    for (const x of numbers(20)) await askRaw(client.raw, x, { id: `r${x}` });
    const answers = new Map<string, number>();
    while (answers.size < 20) {
      const [header = Buffer.alloc(0), empty, body = Buffer.alloc(0)] = await client.raw.receive();
      expect(empty?.length).toBe(0);
      answers.set(header.subarray(9).toString(), decode(body) as number);
    }
    expect([...answers].toSorted()).toEqual(
      numbers(20)
        .map((x) => [`r${x}`, 2 * x])
        .toSorted(),
    );
  });
});

describe('the next request goes', () => {
  /** Who answered each of so many requests, made one after the other, of workers a, b and c. */
  async function order(assign: Assign | Parameters<typeof startPirates>[0], count = 6) {
    const options = typeof assign === 'function' ? { assign } : assign;
    await using pirates = await startPirates(options);
    for (const name of ['a', 'b', 'c']) await pirates.work(() => name);
    const client = await pirates.client<number, string>();
    let names = '';
    for (const n of numbers(count)) {
      names += await client.request(n);
      await atRest(pirates, 3);
    }
    return names;
  }

  test('to whoever has been idle longest', async () => {
    expect(await order({ assign: 'longest-idle' })).toBe('abcabc');
  });

  test('by default too', async () => {
    expect(await order({})).toBe('abcabc');
  });

  test('to each in turn', async () => {
    expect(await order({ assign: 'round-robin' })).toBe('abcabc');
  });

  test('to any', async () => {
    const draws = [0.9, 0, 0.9, 0, 0.9, 0];
    const random = (): number => draws.shift() ?? 0;
    // Idle are abc, abc, bca, bca, cab, cab: whoever has answered goes to the end.
    expect(await order({ assign: 'random', random })).toBe('caabbc');
  });

  test('to whoever came first', async () => {
    expect(await order({ assign: 'priority' })).toBe('aaaaaa');
  });

  test('to whom your function says', async () => {
    const youngest: Assign = (idle) => [...idle].toSorted((a, b) => b.joined - a.joined)[0];
    expect(await order(youngest)).toBe('cccccc');
  });

  test('to the first if your function says nothing', async () => {
    expect(await order(() => undefined)).toBe('abcabc');
  });
});

describe('requests that wait', () => {
  test('go by priority, and in order among equals', async () => {
    await using pirates = await startPirates();
    using client = rawDealer(pirates.queue.clients);
    const asked = [
      ['low', 1],
      ['plain', 0],
      ['high', 255],
      ['low 2', 1],
      ['high 2', 255],
    ] as const;
    for (const [body, priority] of asked) await askRaw(client.raw, body, { priority });
    await until(() => pirates.queue.stats().waiting === asked.length, LONG);
    expect(pirates.queue.stats().oldestMs).toBeGreaterThan(0);
    const order: string[] = [];
    await pirates.work((body: string) => void order.push(body));
    await until(() => order.length === asked.length, LONG);
    expect(order).toEqual(['high', 'high 2', 'low', 'low 2', 'plain']);
  });

  test('longer than they are wanted are answered with EXPIRED, and never done', async () => {
    await using pirates = await startPirates();
    using client = rawDealer(pirates.queue.clients);
    await askRaw(client.raw, 'soon', { id: 'x', remainingMs: 50 });
    const [, , sign, failure = Buffer.alloc(0)] = await client.raw.receive();
    expect([sign?.length, decode(failure)]).toMatchObject([0, { code: 'EXPIRED' }]);
    let ran = false;
    await pirates.work(() => (ran = true));
    await atRest(pirates, 1);
    expect([ran, pirates.queue.stats().expired]).toEqual([false, 1]);
  });

  test('without a header are wanted for requestMs', async () => {
    await using pirates = await startPirates({ requestMs: 50 });
    const client = await pirates.client();
    const failure = { code: 'HANDLER_FAILED', data: { code: 'EXPIRED' } };
    await expect(client.request(1)).rejects.toMatchObject(failure);
  });

  test("too many are turned away with overflow 'reject'", async () => {
    await using pirates = await startPirates({ maxWaiting: 3, overflow: 'reject' });
    const client = await pirates.client<number, number>();
    const asked = numbers(10).map((n) => client.request(n));
    const full = { code: 'HANDLER_FAILED', data: { code: 'QUEUE_FULL' } };
    for (const request of asked.slice(3)) await expect(request).rejects.toMatchObject(full);
    expect(pirates.queue.stats()).toMatchObject({ waiting: 3, refused: 7, received: 3 });
    await pirates.work(double);
    expect(await Promise.all(asked.slice(0, 3))).toEqual([0, 2, 4]);
  });

  test("too many are left in ZeroMQ with overflow 'wait', and all are answered", async () => {
    await using pirates = await startPirates({ maxWaiting: 3 });
    const client = await pirates.client<number, number>();
    const asked = numbers(500).map((n) => client.request(n));
    await until(() => pirates.queue.stats().waiting >= 3, LONG);
    await turns(50);
    expect(pirates.queue.stats().waiting).toBeLessThanOrEqual(4);
    await pirates.work(double, { concurrency: 2 });
    expect(await Promise.all(asked)).toEqual(doubled(500));
    expect(pirates.queue.stats().refused).toBe(0);
  });

  test('count by their bytes too', async () => {
    await using pirates = await startPirates({ maxWaitingBytes: 10_000, overflow: 'reject' });
    const client = await pirates.client<string, number>();
    const asked = numbers(4).map(() => client.request('x'.repeat(6000)));
    const full = { data: { code: 'QUEUE_FULL' } };
    for (const request of asked.slice(2)) await expect(request).rejects.toMatchObject(full);
    expect(pirates.queue.stats().depthBytes).toBeGreaterThan(10_000);
    await pirates.work((x: string) => x.length);
    expect(await Promise.all(asked.slice(0, 2))).toEqual([6000, 6000]);
    expect(pirates.queue.stats().depthBytes).toBe(0);
  });
});

test('the lanes of a worker are busy at the same time, and the queue counts them', async () => {
  await using pirates = await startPirates();
  const held = gate();
  const worker: PirateWorker = await pirates.work(() => held.opened, { concurrency: 8 });
  const client = await pirates.client();
  const asked = numbers(10).map((n) => client.request(n));
  await until(() => worker.stats().inFlight === 8, LONG);
  const busy = { workers: 8, idle: 0, busy: 8, inFlight: 8, waiting: 2, depth: 2 };
  await until(() => pirates.queue.stats().waiting === 2, LONG);
  expect(pirates.queue.stats()).toMatchObject(busy);
  held.open();
  await Promise.all(asked);
  await atRest(pirates, 8);
  expect(pirates.queue.stats().durations.max).toBeGreaterThan(0);
  expect(worker.stats()).toMatchObject({ received: 10, sent: 10, dropped: 0, faults: 0 });
});
