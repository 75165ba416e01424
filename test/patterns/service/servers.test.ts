/**
 * Tests of clients with many servers: how calls are shared, and what becomes of servers that come, go and are lost.
 */
import { type Balance, connectTo, serve } from 'brokerless/patterns/service';
import { describe, expect, test } from 'vitest';
import { rejects } from '../../contracts/lifecycle.ts';
import { numbers } from '../../support/collect.ts';
import { reservedEndpoint } from '../../support/port.ts';
import { until } from '../../support/until.ts';
import { LONG, later, met } from './running.ts';
import { serving, shares, where } from './several.ts';

describe('calls are shared', () => {
  test('evenly, one after the other', async () => {
    await using three = await serving(3);
    await using client = await three.client();
    const answers = await Promise.all(numbers(300).map(() => client.who()));
    expect(shares(answers, 3)).toEqual([100, 100, 100]);
    expect(client.servers()).toMatchObject(
      three.endpoints.map((server) => ({ server, state: 'up', inFlight: 0, asked: 100 })),
    );
  });

  test('by who has least to do: one that is slow is asked no more than it answers', async () => {
    await using three = await serving(3);
    await using client = await three.client({ balance: 'leastBusy' });
    for (const n of numbers(3)) void later(client.hold(n, LONG));
    await Promise.all(three.desks.map((desk) => desk.call(0))); // One each.
    for (const desk of three.desks.slice(0, 2)) desk.held[0]?.resolve(0);
    await until(() => client.stats().inFlight === 1);
    const answers: number[] = [];
    for (let n = 0; n < 40; n += 1) answers.push(await client.who());
    const [one = 0, two = 0, slow] = shares(answers, 3);
    expect([Math.min(one, two) > 10, slow]).toEqual([true, 0]);
  });

  test("by a function of one's own, which sees who is there", async () => {
    await using three = await serving(3);
    const seen: unknown[] = [];
    const last: Balance = (servers, turn, method) => {
      seen.push([servers.map(({ endpoint, inFlight }) => [endpoint, inFlight]), turn, method]);
      return servers.at(-1);
    };
    await using client = await three.client({ balance: last });
    expect(await client.who()).toBe(2);
    expect(await client.who()).toBe(2);
    const all = three.endpoints.map((endpoint) => [endpoint, 0]);
    expect(seen).toEqual([
      [all, 0, 'where.who'],
      [all, 1, 'where.who'],
    ]);
  });

  test('with the first, if that function chooses none of them', async () => {
    await using three = await serving(3);
    await using client = await three.client({ balance: () => undefined });
    expect(await client.who()).toBe(0);
  });

  test('among several endpoints of one server too', async () => {
    const bind = ['tcp://127.0.0.1:*', 'ipc://*'];
    await using both = await serve(where, { who: () => 1, hold: (n) => n }, { bind });
    expect(both.endpoints).toHaveLength(2);
    expect(both.endpoint).toBe(both.endpoints[0]);
    await using client = await connectTo(where, { to: both.endpoints });
    await met(client, 2);
    expect(await Promise.all(numbers(4).map(() => client.who()))).toEqual([1, 1, 1, 1]);
    expect(client.servers()).toMatchObject([{ asked: 2 }, { asked: 2 }]);
  });
});

describe('when no server is there', () => {
  test('calls fail at once, if they are told to', async () => {
    const to = await reservedEndpoint();
    await using client = await connectTo(where, { to, connectMs: 0, noServer: 'fail' });
    const error = await rejects(client.who(), 'UNREACHABLE');
    expect(error).toMatchObject({ mayHaveRun: 'no' });
    await using server = await serve(where, { who: () => 5, hold: (n) => n }, { bind: to });
    await client.ready(LONG);
    expect(await client.who()).toBe(5);
    expect(server.stats()).toMatchObject({ received: 1 });
  });

  test('calls wait for one, if they are told nothing', async () => {
    const to = await reservedEndpoint();
    await using client = await connectTo(where, { to, connectMs: 0 });
    const asked = numbers(100).map(() => client.who(undefined, LONG));
    expect(client.stats()).toMatchObject({ inFlight: 100, depth: 100, sent: 0 });
    await using server = await serve(where, { who: () => 5, hold: (n) => n }, { bind: to });
    expect(new Set(await Promise.all(asked))).toEqual(new Set([5]));
    expect(server.stats()).toMatchObject({ received: 100 });
    expect(client.stats()).toMatchObject({ retried: 0, sent: 100 });
  });

  test('connecting takes no longer than it may, and is no error', async () => {
    const to = await reservedEndpoint();
    await using client = await connectTo(where, { to, connectMs: 30 });
    expect(client.servers()).toMatchObject([{ server: to, inFlight: 0, asked: 0 }]);
    await rejects(client.ready({ timeoutMs: 10 }), 'TIMEOUT');
    await rejects(client.ready({ signal: AbortSignal.abort() }), 'ABORTED');
  });
});

describe('a server that is lost', () => {
  test('is avoided at once: what it was asked is asked of another, if it may be', async () => {
    await using three = await serving(3);
    await using client = await three.client();
    const heard: unknown[] = [];
    client.on('server:down', (event) => heard.push(event));
    const [first] = three.servers;
    const held = numbers(3).map((n) => later(client.hold(n, LONG)));
    await Promise.all(three.desks.map((desk) => desk.call(0)));
    await first?.close();
    await met(client, 2);
    const error = await rejects(held[0] as Promise<number>, 'UNREACHABLE');
    const server = three.endpoints[0];
    expect(error).toMatchObject({ mayHaveRun: 'maybe', data: { server } });
    const answers = await Promise.all(numbers(100).map(() => client.who()));
    expect(shares(answers, 3)).toEqual([0, 50, 50]);
    expect(heard).toMatchObject([{ server, reason: 'gone' }]);
    for (const desk of three.desks) desk.held[0]?.resolve(1);
    await Promise.all(held.slice(1));
  });

  test('is asked again as soon as it is back', async () => {
    await using three = await serving(3);
    await using client = await three.client({ reconnectMs: 20, reconnectMaxMs: 100 });
    const [first] = three.servers;
    const bind = first?.endpoint ?? '';
    await first?.close();
    await met(client, 2);
    await using again = await serve(where, { who: () => 9, hold: (n) => n }, { bind });
    await met(client, 3);
    const answers = await Promise.all(numbers(30).map(() => client.who()));
    expect(answers.filter((n) => n === 9)).toHaveLength(10);
    expect(again.stats()).toMatchObject({ received: 10 });
    await until(() => again.stats().clients === 1);
  });
});
