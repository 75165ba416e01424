/**
 * Tests of servers that leave: they have their clients ask others, finish what they have, and are gone.
 */
import { call, connectTo, contract, serve, stream } from 'brokerless/patterns/service';
import { describe, expect, test } from 'vitest';
import { rejects } from '../../contracts/lifecycle.ts';
import { numbers } from '../../support/collect.ts';
import { turns } from '../../support/turns.ts';
import { until } from '../../support/until.ts';
import { clientOf, Desk, gate, LONG, later, met, pair, transports } from './running.ts';

const work = contract('work', {
  hold: call<number, number>(),
  who: call<void, string>(),
  ticks: stream<number, number>(),
});

/** A server of a name, and what it has been asked to hold. */
async function starting(name: string, drainMs = 10_000, bind = 'tcp://127.0.0.1:*') {
  const desk = new Desk();
  const ticks = function* (count: number): Generator<number> {
    yield* numbers(count);
  };
  const handlers = { hold: desk.handler, who: () => name, ticks };
  const server = await serve(work, handlers, { bind, drainMs });
  return { desk, server, [Symbol.asyncDispose]: () => server.close() };
}

describe('a server that drains', () => {
  test('answers all that it was asked, while others are asked what is new', async () => {
    await using a = await starting('a');
    await using b = await starting('b');
    await using client = await clientOf(work, [a.server, b.server]);
    await met(client, 2);
    const heard: unknown[] = [];
    client.on('server:down', (event) => heard.push(event));
    const held = numbers(20).map((n) => client.hold(n, LONG));
    await Promise.all([a.desk.call(9), b.desk.call(9)]);
    let isDrained = false;
    const drained = a.server.drain().then(() => (isDrained = true));
    await met(client, 1);
    expect(heard).toEqual([{ server: a.server.endpoint, reason: 'draining' }]);
    expect(client.servers()).toMatchObject([
      { state: 'draining', inFlight: 10 },
      { state: 'up', inFlight: 10 },
    ]);
    const answers = await Promise.all(numbers(20).map(() => client.who()));
    expect(new Set(answers)).toEqual(new Set(['b']));
    expect(isDrained).toBe(false);
    for (const { input, resolve } of [...a.desk.held, ...b.desk.held]) resolve(input);
    expect(await Promise.all(held)).toEqual(numbers(20));
    await drained;
    expect(a.server.stats()).toMatchObject({ inFlight: 0, depth: 0 });
    expect(client.stats()).toMatchObject({ retried: 0, inFlight: 0 });
  });

  test('takes what was sent before its client knew', async () => {
    await using a = await starting('a');
    await using client = await clientOf(work, a.server);
    const asked = numbers(500).map(() => client.who());
    const drained = a.server.drain();
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['a']));
    await drained;
    await rejects(client.who(undefined, { timeoutMs: 50 }), 'TIMEOUT');
  });

  test('is done at once if it has nothing to do, and when asked twice', async () => {
    await using a = await starting('a');
    await a.server.drain();
    await a.server.drain();
    await using b = await starting('b');
    await using client = await clientOf(work, b.server);
    await Promise.all([b.server.drain(), b.server.drain()]);
    expect(client.servers()).toMatchObject([{ state: 'draining' }]);
  });

  test('lets in nobody new', async () => {
    await using a = await starting('a');
    await a.server.drain();
    await using client = await connectTo(work, { to: a.server.endpoint, connectMs: 100 });
    expect(client.stats()).toMatchObject({ connections: 0 });
    expect(a.server.stats()).toMatchObject({ clients: 0 });
  });

  test('waits for streams to be read to their end', async () => {
    await using a = await starting('a');
    await using client = await clientOf(work, a.server);
    const values = client.ticks(1000, { credit: 10 });
    await values.next();
    let isDrained = false;
    const drained = a.server.drain().then(() => (isDrained = true));
    await met(client, 0);
    await turns(20);
    expect(isDrained).toBe(false);
    let read = 1;
    for await (const value of values) expect(value).toBe(read++);
    expect(read).toBe(1000);
    await drained;
  });

  test('does not wait for a client that goes', async () => {
    await using a = await starting('a');
    const client = await clientOf(work, a.server);
    void later(client.hold(1));
    const { context, resolve } = await a.desk.call(0);
    const drained = a.server.drain();
    await client.close();
    await until(() => context.signal.aborted);
    resolve(1);
    await drained;
  });
});

describe.each(Object.entries(transports))('closing a server over %s', (_name, bind) => {
  test('answers first what it has, and no answer is lost on the way', async () => {
    await using both = await pair(
      work,
      { hold: async (n) => (await turns(3), n), who: () => 'a', ticks: numbers },
      { bind, serve: { drainMs: 10_000 } },
    );
    const asked = numbers(1000).map((n) => both.client.hold(n));
    const read = (async () => {
      const values: number[] = [];
      for await (const value of both.client.ticks(2000)) values.push(value);
      return values;
    })();
    await until(() => both.client.stats().received > 0);
    await both.server.close();
    expect(await Promise.all(asked)).toEqual(numbers(1000));
    expect(await read).toEqual(numbers(2000));
    expect(both.client.stats()).toMatchObject({ retried: 0, late: 0 });
  });
});

describe('closing a server', () => {
  test('waits no longer than it may, and tells its handlers to stop', async () => {
    await using both = await starting('a', 100);
    await using client = await clientOf(work, both.server);
    const asked = rejects(client.hold(1, LONG), 'UNREACHABLE');
    const { context } = await both.desk.call(0);
    const start = performance.now();
    await both.server.close();
    expect(performance.now() - start).toBeGreaterThan(99);
    expect(context.signal.reason).toMatchObject({ code: 'CLOSED' });
    expect(await asked).toMatchObject({ mayHaveRun: 'maybe' });
  });

  test('over and over, one server after the other, fails no call of any kind', async () => {
    let server = await starting('0');
    const lists: string[][] = [[server.server.endpoint]];
    let wake = gate();
    const to = (async function* () {
      for (let n = 0; ; n += 1) {
        while (lists[n] === undefined) await wake.opened;
        wake = gate();
        yield lists[n] as string[];
      }
    })();
    await using client = await connectTo(work, { to });
    let isOver = false;
    let asked = 0;
    const load = numbers(8).map(async () => {
      for (; !isOver; asked += 1) await client.who(undefined, LONG);
    });
    for (const n of numbers(5)) {
      const before = asked;
      const next = await starting(`${n + 1}`);
      lists.push([server.server.endpoint, next.server.endpoint]);
      wake.open();
      await met(client, 2);
      await server.server.close();
      server = next;
      await until(() => asked > before + 20, LONG);
    }
    isOver = true;
    await Promise.all(load);
    expect(client.stats()).toMatchObject({ retried: 0, inFlight: 0 });
    expect(client.stats().received).toBe(asked);
    await server.server.close();
  });
});
