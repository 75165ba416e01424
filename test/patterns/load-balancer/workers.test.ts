/**
 * Tests of our workers over real sockets: several lanes, leaving in good order, and a broker that is
 * restarted under them.
 */
import { startBalancedWorker } from 'brokerless/patterns/load-balancer';
import { describe, expect, test } from 'vitest';
import * as zmq from 'zeromq';
import { Desk } from '../../support/asking.ts';
import { numbers } from '../../support/collect.ts';
import { turns } from '../../support/turns.ts';
import { until } from '../../support/until.ts';
import { balancing, reqWorker, texts } from './balancing.ts';

const double = (x: number): number => 2 * x;

describe('a worker', () => {
  test('has as many connections as it does requests at once', async () => {
    const desk = new Desk();
    await using world = await balancing();
    const worker = await world.work(desk.handler, { concurrency: 3 });
    const client = await world.client();
    const replies = numbers(5).map((n) => client.request(n));
    await until(() => desk.held.length === 3 && world.broker.stats().waiting === 2);
    expect(worker.stats()).toMatchObject({ inFlight: 3, received: 3, connections: 3 });
    for (const n of numbers(5)) {
      await until(() => desk.held.length > n);
      desk.held[n]?.resolve('done');
    }
    expect(await Promise.all(replies)).toEqual(Array(5).fill('done'));
    expect(worker.stats()).toMatchObject({ received: 5, sent: 5, inFlight: 0, dropped: 0 });
    expect(worker.stats().durations.max).toBeGreaterThan(0);
  });

  test('may be there before its broker', async () => {
    await using world = await balancing();
    const { workers } = world.broker;
    await world.broker.close();
    await using worker = await startBalancedWorker({ broker: workers, handler: double });
    await world.restart();
    await world.knows(1);
    const client = await world.client();
    expect(await client.request(2)).toBe(4);
    expect(worker.stats().sent).toBe(1);
  });

  test('answers what cannot be decoded, or is too long, with a failure', async () => {
    const heard: unknown[] = [];
    await using world = await balancing();
    await world.work(() => 'x'.repeat(2000), {
      maxMessageBytes: 1000,
      onError: (error) => heard.push(error),
    });
    const client = await world.client();
    await expect(client.request(1)).rejects.toMatchObject({ data: { code: 'TOO_LARGE' } });
    const raw = world.raw(new zmq.Request(), 'clients');
    await raw.send(['two', 'frames']);
    expect(texts(await raw.receive())[1]).toContain('HANDLER_FAILED');
    await raw.send(Buffer.from([0xff]));
    expect(await raw.receive()).toHaveLength(2);
    expect(heard).toHaveLength(3);
  });
});

describe('a worker that leaves', () => {
  test('finishes what it has in hand, is given nothing more, and loses nothing', async () => {
    const desk = new Desk();
    await using world = await balancing();
    const leaver = await world.work(desk.handler);
    const client = await world.client();
    const replies = numbers(3).map((n) => client.request(n));
    await until(() => desk.held.length === 1);
    const left = leaver.leave();
    await world.work(double);
    expect(await Promise.all(replies.slice(1))).toEqual([2, 4]);
    desk.held[0]?.resolve('last');
    expect(await replies[0]).toBe('last');
    await left;
    expect(desk.held).toHaveLength(1);
    await until(() => world.broker.stats().workers === 1);
    expect(world.events.map(([what]) => what)).toEqual(['join', 'join', 'left']);
    expect(world.broker.stats()).toMatchObject({ sent: 3, deadLettered: 0, late: 0 });
  });

  test('and comes again under load loses no request', async () => {
    await using world = await balancing();
    await world.work(double);
    const client = await world.client();
    let isOver = false;
    const replies: Promise<unknown>[] = [];
    const asking = (async () => {
      for (let n = 0; !isOver; n += 1) {
        replies.push(client.request(n));
        if (n % 8 === 7) await Promise.all(replies.slice(-8));
      }
    })();
    for (const _ of numbers(15)) {
      const worker = await startBalancedWorker({ broker: world.broker.workers, handler: double });
      await until(() => worker.stats().sent > 3, { timeoutMs: 10_000 });
      await worker.leave();
    }
    isOver = true;
    await asking;
    const answers = await Promise.all(replies);
    expect(answers).toEqual(numbers(answers.length).map(double));
    expect(world.broker.stats()).toMatchObject({ deadLettered: 0, expired: 0, late: 0, faults: 0 });
  });

  test('does so when its signal fires, or has fired before it began', async () => {
    const leaving = new AbortController();
    await using world = await balancing();
    const worker = await world.work(double, { signal: leaving.signal });
    leaving.abort();
    await worker.finished;
    await world.knows(0);
    const never = await startBalancedWorker({
      broker: world.broker.workers,
      handler: double,
      signal: leaving.signal,
    });
    await never.finished;
  });

  test('does not wait for a broker that is not there', async () => {
    const worker = await startBalancedWorker({ broker: 'tcp://127.0.0.1:9', handler: double });
    await turns(50); // READY waits in the socket by then.
    const since = performance.now();
    await worker.leave();
    expect(performance.now() - since).toBeLessThan(900);
    await worker.close();
  });

  test('leaves a broker that knows no LEAVE too, with one request more or none', async () => {
    const router = new zmq.Router({ linger: 0 });
    router.bindSync('tcp://127.0.0.1:*');
    const asked: string[] = [];
    // The Guide's lbbroker: whoever says anything is given the next request.
    void (async () => {
      for await (const [id, empty, ...rest] of router) {
        asked.push(texts(rest)[0] ?? '');
        await router.send([id as Buffer, empty as Buffer, 'client', '', 'work']);
      }
    })().catch(() => {});
    const worker = await startBalancedWorker<string, string>({
      broker: router.lastEndpoint ?? '',
      codec: 'text',
      handler: (text) => text,
    });
    await until(() => worker.stats().sent > 10);
    expect(asked.slice(0, 3)).toEqual(['READY', 'client', 'client']);
    await worker.leave();
    router.close();
  });
});

describe('close', () => {
  test('lets a request in hand take drainMs', async () => {
    const desk = new Desk();
    await using world = await balancing();
    const worker = await world.work(desk.handler, { drainMs: 10_000 });
    const client = await world.client();
    const reply = client.request(1);
    await until(() => desk.held.length === 1);
    const closed = worker.close();
    desk.held[0]?.resolve('in time');
    expect(await reply).toBe('in time');
    await closed;
  });

  test('then gives it up: its signal fires and its client hears WORKER_LOST', async () => {
    const desk = new Desk();
    await using world = await balancing();
    const worker = await world.work(desk.handler, { drainMs: 30 });
    const client = await world.client();
    const reply = client.request(1);
    await until(() => desk.held.length === 1);
    await worker.close();
    expect(desk.held[0]?.signal.aborted).toBe(true);
    await expect(reply).rejects.toMatchObject({ data: { code: 'WORKER_LOST' } });
    await worker.close();
    await worker.finished;
  });
});

describe('a broker that is restarted', () => {
  test('is found again by workers of ours, idle ones and busy ones', async () => {
    const desk = new Desk();
    await using world = await balancing();
    const busy = await world.work(desk.handler);
    const client = await world.client();
    await client.ready({ timeoutMs: 15_000 });
    const lost = client.request('lost', { timeoutMs: 1500, retries: 0 });
    lost.catch(() => {});
    await until(() => desk.held.length === 1);
    const idle = await world.work(() => 'idle');
    await world.restart();
    await world.knows(1); // The busy one has something to finish first.
    await until(() => desk.held[0]?.signal.aborted === true);
    expect(await client.request('hello')).toBe('idle');
    desk.held[0]?.resolve('for nobody');
    await world.knows(2);
    expect(busy.stats()).toMatchObject({ dropped: 1, reconnects: 1, inFlight: 0 });
    expect(idle.stats()).toMatchObject({ dropped: 0, reconnects: 1 });
    await expect(lost).rejects.toMatchObject({ code: 'TIMEOUT', mayHaveRun: 'maybe' });
    expect(world.broker.stats()).toMatchObject({ received: 1, sent: 1, late: 0 });
  });

  test('refuses what a REQ worker answers to its predecessor, and takes the worker on', async () => {
    let answer: (reply: readonly string[]) => void = () => {};
    await using world = await balancing();
    const req = world.raw(new zmq.Request(), 'workers');
    void reqWorker(req, 'READY', ([text = '']) =>
      text === 'old' ? new Promise((resolve) => (answer = resolve)) : [`<${text}>`],
    );
    const client = await world.client({ codec: 'text' });
    await client.ready({ timeoutMs: 15_000 });
    const old = client.request('old', { timeoutMs: 1500, retries: 0 });
    old.catch(() => {});
    await until(() => world.broker.stats().busy === 1);
    const gone = new Promise((resolve) => req.events.on('disconnect', resolve));
    await world.restart();
    await gone; // What it sends before it knows is lost.
    answer(['too late']);
    await world.knows(1);
    expect(world.broker.stats()).toMatchObject({ late: 1, sent: 0, idle: 1 });
    expect(await client.request('new')).toBe('<new>');
    await expect(old).rejects.toMatchObject({ code: 'TIMEOUT' });
  });
});
