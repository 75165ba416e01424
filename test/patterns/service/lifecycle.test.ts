/**
 * Tests of how clients and servers begin and end: in any order, twice, with calls under way, and with nothing left.
 */
import { call, connectTo, contract, serve } from 'brokerless/patterns/service';
import { describe, expect, test } from 'vitest';
import { rejects } from '../../contracts/lifecycle.ts';
import { runScript } from '../../support/child.ts';
import { numbers } from '../../support/collect.ts';
import { compiled } from '../../support/compiled.ts';
import { temporaryFolder } from '../../support/consumer.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { reservedEndpoint } from '../../support/port.ts';
import { until } from '../../support/until.ts';
import { clientOf, Desk, LONG, later, met, PATIENT, pair, transports } from './running.ts';

const math = contract('math', {
  double: call<number, number>(),
  hold: call<number, number>(),
});
const handlers = { double: (n: number): number => 2 * n, hold: new Desk().handler };
const ANY = 'tcp://127.0.0.1:*';

describe.each(Object.entries(transports))('over %s', (_name, bind) => {
  test('each side is closed when its scope ends, and says that it was there', async () => {
    const heard: unknown[] = [];
    {
      await using server = await serve(math, handlers, { bind });
      expect(server.endpoint).not.toContain('*');
      server.on('client:join', ({ client }) => heard.push(['join', client.length > 0]));
      server.on('client:lost', ({ client, reason }) => heard.push([reason, client.length > 0]));
      {
        await using client = await connectTo(math, { to: server.endpoint });
        expect(await client.double(2)).toBe(4);
        expect(server.stats()).toMatchObject({ clients: 1 });
      }
      await until(() => server.stats().clients === 0);
    }
    expect(heard).toEqual([
      ['join', true],
      ['left', true],
    ]);
  });
});

describe.each(Object.entries(transports))('a connection over %s', (_name, bind) => {
  test('that nobody uses stays: both sides say that they are alive', async () => {
    const desk = new Desk();
    const given = { ...handlers, hold: desk.handler };
    // Each may miss many, as a busy machine may take a core away for some of them.
    const serve = { heartbeatMs: 50, missesAllowed: 40 };
    const connect = { missesAllowed: 40 };
    await using both = await pair(math, given, { bind, serve, connect });
    const heard: unknown[] = [];
    both.client.on('server:down', (event) => heard.push(event));
    both.server.on('client:lost', (event) => heard.push(event));
    const asked = both.client.hold(1, LONG);
    const { resolve } = await desk.call(0);
    const start = performance.now();
    await until(() => performance.now() > start + 2500);
    resolve(2);
    expect(await asked).toBe(2);
    expect(heard).toEqual([]);
  });
});

test.each(['inproc', 'ipc', 'tcp'])(
  'a connection over %s is made again with its server',
  async (name) => {
    await using folder = await temporaryFolder();
    const tcp = await reservedEndpoint();
    const bind = { inproc: 'inproc://again', ipc: `ipc://${folder.path}/again`, tcp }[name] ?? tcp;
    await using client = await connectTo(math, { to: bind, connectMs: 0, reconnectMs: 20 });
    for (const n of numbers(3)) {
      await using server = await serve(math, handlers, { bind, heartbeatMs: 500 });
      expect(await client.double(n, LONG)).toBe(2 * n);
      expect(server.stats()).toMatchObject({ received: 1 });
      await until(() => server.stats().clients === 1);
      await server.close();
      await met(client, 0);
    }
  },
);

test.each(['inproc://later', undefined])(
  'it does not matter which side is first',
  async (place) => {
    const bind = place ?? (await reservedEndpoint());
    await using client = await connectTo(math, { to: bind, connectMs: 0 });
    const asked = client.double(4, LONG);
    await using server = await serve(math, handlers, { bind });
    expect(await asked).toBe(8);
    expect(server.endpoint).toBe(bind);
  },
);

describe('closing a client', () => {
  test('fails what it has asked, and says that it may have been carried out', async () => {
    const desk = new Desk();
    await using both = await pair(math, { ...handlers, hold: desk.handler });
    const asked = numbers(3).map((n) => rejects(both.client.hold(n), 'CLOSED'));
    const { context } = await desk.call(2);
    await both.client.close();
    for (const error of await Promise.all(asked)) {
      expect(error).toMatchObject({ mayHaveRun: 'maybe', message: expect.stringMatching(/hold/) });
    }
    await until(() => context.signal.aborted);
    expect(both.client.stats()).toMatchObject({ inFlight: 0, depth: 0 });
  });

  test('fails at once what waits for a server, and has not been sent', async () => {
    let quickest = Infinity;
    for (let tries = 0; tries < 5 && quickest > 900; tries += 1) {
      const client = await connectTo(math, { to: await reservedEndpoint(), connectMs: 0 });
      const asked = rejects(client.double(1), 'CLOSED');
      const waiting = rejects(client.ready(), 'CLOSED');
      const start = performance.now();
      await client.close();
      quickest = Math.min(quickest, performance.now() - start);
      expect(await asked).toMatchObject({ mayHaveRun: 'no' });
      await waiting;
    }
    expect(quickest).toBeLessThan(900); // It does not wait for somebody to say good-bye to.
  });

  test('twice is the same as once, and nothing can be asked of it then', async () => {
    await using both = await pair(math, handlers);
    const { client } = both;
    const closing = client.close();
    expect(client.close()).toBe(closing);
    await closing;
    await client.close();
    await client[Symbol.asyncDispose]();
    expect(await rejects(client.double(1), 'CLOSED')).toMatchObject({ mayHaveRun: 'no' });
    await rejects(client.ready(), 'CLOSED');
    await rejects(client.ask('ping'), 'CLOSED');
    expect(client.stats()).toMatchObject({ inFlight: 0 });
  });

  test('ends questions about its servers without an answer', async () => {
    await using both = await pair(math, handlers);
    const asked = both.client.ask('stats');
    await both.client.close();
    expect(await asked).toEqual([]);
  });

  test('leaves what a listener hears of it to the listener', async () => {
    await using both = await pair(math, handlers);
    const heard: unknown[] = [];
    const listener = (event: unknown): void => void heard.push(event);
    both.client.on('server:down', listener);
    both.client.off('server:down', listener);
    await both.server.close();
    await met(both.client, 0);
    expect(heard).toEqual([]);
  });
});

describe('closing a server', () => {
  test('twice is the same as once', async () => {
    await using both = await pair(math, handlers);
    const closing = both.server.close();
    expect(both.server.close()).toBe(closing);
    await closing;
    await both.server[Symbol.asyncDispose]();
    expect(both.server.stats()).toMatchObject({ clients: 0, inFlight: 0 });
    await both.server.drain();
  });

  test('leaves its endpoint to the next', async () => {
    const first = await serve(math, handlers, { bind: ANY });
    await first.close();
    await using second = await serve(math, handlers, { bind: first.endpoint });
    await using client = await clientOf(math, second);
    expect(await client.double(1)).toBe(2);
  });

  test('with a handler that never ends takes as long as it was told, and no longer', async () => {
    await using both = await pair(
      math,
      { ...handlers, hold: () => new Promise<never>(() => {}) },
      { serve: { drainMs: 50 } },
    );
    void later(both.client.hold(1));
    await until(() => both.server.stats().inFlight === 1);
    await both.server.close();
    expect(both.server.stats()).toMatchObject({ clients: 0, inFlight: 1 });
  });
});

describe('what cannot begin', () => {
  test('leaves nothing behind: an endpoint that is taken, or is none', async () => {
    await using both = await pair(math, handlers);
    const { endpoint } = both.server;
    await rejects(serve(math, handlers, { bind: endpoint }), 'ADDRESS');
    await rejects(serve(math, handlers, { bind: [ANY, endpoint] }), 'ADDRESS');
    await rejects(serve(math, handlers, { bind: 'nonsense' }), 'ADDRESS');
    await rejects(serve(math, handlers, { bind: 'tcp://0.0.0.0:*' }), 'INSECURE_BIND');
    await rejects(connectTo(math, { to: 'nonsense' }), 'ADDRESS');
    await rejects(connectTo(math, { to: [endpoint, 'nonsense://x'] }), 'ADDRESS');
    await until(() => both.server.stats().clients === 1);
  });

  test('ends by itself in a process that has nothing else to do', PATIENT, async () => {
    const program = compiled(new URL('programs/ending.ts', import.meta.url));
    const { code, signal, stdout, stderr } = await runScript(program, { timeoutMs: 30_000 });
    expect([code, signal, stderr]).toEqual([0, null, '']);
    expect(JSON.parse(stdout)).toEqual([
      'ADDRESS',
      'CONTRACT_MISMATCH',
      'TIMEOUT',
      8,
      [1, 2],
      'done',
    ]);
  });
});

describe("a clock of one's own", () => {
  test('is what both sides go by', async () => {
    const clock = new ManualClock();
    const desk = new Desk();
    await using both = await pair(
      math,
      { ...handlers, hold: desk.handler },
      { serve: { clock, heartbeatMs: 600_000 }, connect: { clock } },
    );
    const asked = rejects(both.client.hold(1, { timeoutMs: 5000 }), 'TIMEOUT');
    const { context } = await desk.call(0);
    expect(context.remainingMs).toBe(5000);
    clock.advance(2000);
    expect(context.remainingMs).toBe(3000);
    expect(context.signal.aborted).toBe(false);
    clock.advance(3000);
    await asked;
    await until(() => context.signal.aborted);
  });
});
