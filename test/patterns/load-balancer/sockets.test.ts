/**
 * Tests of a load balancer over real sockets: clients and workers of all kinds, many requests, and clients
 * that have gone.
 */
import { decode, encode } from 'cbor-x';
import { describe, expect, test } from 'vitest';
import * as zmq from 'zeromq';
import { Desk } from '../../support/asking.ts';
import { numbers } from '../../support/collect.ts';
import { turns } from '../../support/turns.ts';
import { until } from '../../support/until.ts';
import { balancing, reqWorker, texts } from './balancing.ts';

const double = (x: number): number => 2 * x;

describe('a client', () => {
  test('may be a Request of ours', async () => {
    await using world = await balancing();
    await world.work(double);
    const client = await world.client();
    expect(await Promise.all(numbers(20).map((n) => client.request(n)))).toEqual(
      numbers(20).map(double),
    );
    expect(world.broker.stats()).toMatchObject({ received: 20, sent: 20, faults: 0, late: 0 });
    expect(world.broker.stats().durations.max).toBeGreaterThan(0);
  });

  test('may be a plain REQ, with and without a number before the empty frame', async () => {
    await using world = await balancing();
    await world.work(double);
    for (const correlate of [false, true]) {
      const req = world.raw(new zmq.Request({ correlate }), 'clients');
      for (const n of [1, 2, 3]) {
        await req.send(encode(n));
        const [body, ...more] = await req.receive();
        expect([decode(body as Buffer), more]).toEqual([2 * n, []]);
      }
    }
  });

  test('may be a DEALER that puts several frames before the empty one', async () => {
    await using world = await balancing();
    await world.work((text: string) => text.toUpperCase(), { codec: 'text' });
    const dealer = world.raw(new zmq.Dealer(), 'clients');
    await dealer.send(['one', 'two', '', 'question']);
    expect(texts(await dealer.receive())).toEqual(['one', 'two', '', 'QUESTION']);
  });

  test('hears what the handler threw', async () => {
    const heard: unknown[] = [];
    await using world = await balancing();
    await world.work(
      () => {
        throw Object.assign(new Error('no such thing'), { code: 'MISSING' });
      },
      { onError: (error) => heard.push(error) },
    );
    const client = await world.client();
    await expect(client.request(1)).rejects.toMatchObject({
      code: 'HANDLER_FAILED',
      message: expect.stringContaining('no such thing'),
      data: { code: 'MISSING' },
    });
    expect(heard).toHaveLength(1);
  });
});

describe('a worker', () => {
  test.each([
    ['READY', false],
    ['\u0001', false],
    ['READY', true],
  ] as const)('may be a plain REQ that says %j, correlate: %s', async (ready, correlate) => {
    await using world = await balancing();
    const req = world.raw(new zmq.Request({ correlate }), 'workers');
    void reqWorker(req, ready, ([text = '']) => [`<${text}>`]);
    const client = await world.client({ codec: 'text' });
    for (const text of ['a', 'b', 'c']) expect(await client.request(text)).toBe(`<${text}>`);
    expect(world.broker.stats()).toMatchObject({ workers: 1, idle: 1, busy: 0, sent: 3 });
  });

  test('may be behind another broker, which puts names before the empty frame', async () => {
    await using world = await balancing();
    const dealer = world.raw(new zmq.Dealer(), 'workers');
    await dealer.send(['hop', 'worker', '', 'READY']);
    const client = await world.client({ codec: 'text' });
    const reply = client.request('hello');
    const [hop, name, empty, tag, delimiter, body] = await dealer.receive();
    expect(texts([hop, name, empty, delimiter, body] as Buffer[])).toEqual([
      'hop',
      'worker',
      '',
      '',
      'hello',
    ]);
    await dealer.send(['hop', 'worker', '', tag as Buffer, '', 'thanks']);
    expect(await reply).toBe('thanks');
  });

  test('may answer with several frames, which all reach the client', async () => {
    await using world = await balancing();
    const req = world.raw(new zmq.Request(), 'workers');
    void reqWorker(req, 'READY', (body) => [...body, '', 'more']);
    const client = world.raw(new zmq.Request(), 'clients');
    await client.send(['x', '', 'y']);
    expect(texts(await client.receive())).toEqual(['x', '', 'y', '', 'more']);
  });

  test('is given one request at a time, and the next one as soon as it has answered', async () => {
    const desk = new Desk();
    await using world = await balancing();
    await world.work(desk.handler);
    const client = await world.client();
    const replies = numbers(3).map((n) => client.request(n));
    await until(() => world.broker.stats().waiting === 2 && desk.held.length > 0);
    expect(desk.requests).toEqual([0]);
    expect(world.broker.stats()).toMatchObject({ idle: 0, busy: 1, inFlight: 1, depth: 2 });
    expect(world.broker.stats().depthBytes).toBeGreaterThan(0);
    for (const n of numbers(3)) {
      await until(() => desk.held.length === n + 1);
      desk.held[n]?.resolve(n);
      await replies[n];
    }
    expect(world.broker.stats()).toMatchObject({ idle: 1, busy: 0, waiting: 0, oldestMs: 0 });
  });
});

describe('many requests', () => {
  test('a thousand with 64 in flight over four workers are all answered right', async () => {
    await using world = await balancing();
    const counts = [0, 0, 0, 0];
    for (const i of numbers(4)) {
      await world.work(async (x: number) => {
        counts[i] = (counts[i] ?? 0) + 1;
        if (x % 7 === 0) await turns(1);
        return 2 * x;
      });
    }
    const client = await world.client();
    const answers: unknown[] = [];
    let next = 0;
    const ask = async (): Promise<void> => {
      for (let n = next++; n < 1000; n = next++) answers[n] = await client.request(n);
    };
    await Promise.all(numbers(64).map(ask));
    expect(answers).toEqual(numbers(1000).map(double));
    expect(Math.min(...counts)).toBeGreaterThan(50);
    expect(world.broker.stats()).toMatchObject({
      received: 1000,
      sent: 1000,
      late: 0,
      faults: 0,
      dropped: 0,
      idle: 4,
    });
  });

  test('large bodies pass as they are, up to the limit and no further', async () => {
    await using world = await balancing({ maxMessageBytes: 100_000 });
    const options = { codec: 'raw', maxMessageBytes: 100_000 } as const;
    await world.work((bytes: Uint8Array) => bytes, options);
    const client = await world.client(options);
    const bodies = numbers(60).map((n) => new Uint8Array(100_000 - n).fill(n));
    const replies = await Promise.all(bodies.map((body) => client.request(body)));
    for (const [n, reply] of (replies as Uint8Array[]).entries()) {
      expect(Buffer.from(reply).equals(bodies[n] as Uint8Array)).toBe(true);
    }
    expect(world.broker.stats()).toMatchObject({ faults: 0, dropped: 0, sent: 60 });
  });
});

describe('a client that has gone', () => {
  test('is not waited for: what it asked is dropped', async () => {
    await using world = await balancing();
    const leaver = await world.client();
    leaver.request(1).catch(() => {});
    await until(() => world.broker.stats().waiting === 1);
    await leaver.close({ drainMs: 0 });
    await until(() => world.broker.stats().dropped === 1, { timeoutMs: 15_000 });
    expect(world.broker.stats().waiting).toBe(0);
  });

  test('costs the worker nothing: it is free for the next one', async () => {
    const desk = new Desk();
    await using world = await balancing({ notifications: false });
    await world.work(desk.handler);
    const [leaver, stayer] = [await world.client(), await world.client()];
    leaver.request(1).catch(() => {});
    await until(() => desk.held.length === 1);
    await leaver.close({ drainMs: 0 });
    const reply = stayer.request(2);
    await until(() => world.broker.stats().waiting === 1);
    desk.held[0]?.resolve('too late');
    await until(() => desk.held.length === 2);
    desk.held[1]?.resolve('in time');
    expect(await reply).toBe('in time');
    await until(() => world.broker.stats().dropped === 1);
  });
});
