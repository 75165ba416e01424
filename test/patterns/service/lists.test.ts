/**
 * Tests of lists of servers that change while a client is at work: the seam for whatever finds servers.
 */
import { type ConnectOptions, connectTo } from 'brokerless/patterns/service';
import { describe, expect, test } from 'vitest';
import { rejects } from '../../contracts/lifecycle.ts';
import { numbers } from '../../support/collect.ts';
import { until } from '../../support/until.ts';
import { LONG, met } from './running.ts';
import { serving, shares, where } from './several.ts';

/** Lists of servers, given one after the other. */
class Discovery implements AsyncIterable<readonly string[]> {
  isLeft = false;
  readonly #lists: unknown[] = [];
  #wake = (): void => {};

  say(list: unknown): void {
    this.#lists.push(list);
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly string[], undefined> {
    try {
      for (;;) {
        const list = this.#lists.shift();
        if (list instanceof Error) throw list;
        if (list !== undefined) yield list as readonly string[];
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      this.isLeft = true;
    }
  }
}

describe('a list that changes', () => {
  test('is followed: new servers are asked, and old ones no more', async () => {
    await using three = await serving(3);
    const [a = '', b = '', c = ''] = three.endpoints;
    const discovery = new Discovery();
    discovery.say([a]);
    await using client = await connectTo(where, { to: discovery, connectMs: LONG.timeoutMs });
    const heard: string[] = [];
    client.on('server:up', ({ server }) => heard.push(`up ${three.endpoints.indexOf(server)}`));
    client.on('server:down', ({ server, reason }) =>
      heard.push(`${reason} ${three.endpoints.indexOf(server)}`),
    );
    expect(await client.who()).toBe(0);
    discovery.say([a, b]);
    await met(client, 2);
    expect(shares(await Promise.all(numbers(10).map(() => client.who())), 3)).toEqual([5, 5, 0]);
    discovery.say([b, c]);
    await until(() => client.stats().connections === 2 && client.servers()[1]?.server === c, LONG);
    expect(shares(await Promise.all(numbers(10).map(() => client.who())), 3)).toEqual([0, 5, 5]);
    await until(() => three.servers[0]?.stats().clients === 0);
    expect(heard).toEqual(['up 1', 'dropped 0', 'up 2']);
  });

  test('lets a server that is on it no longer answer what it was asked', async () => {
    await using two = await serving(2);
    const [a = '', b = ''] = two.endpoints;
    const discovery = new Discovery();
    discovery.say([a]);
    await using client = await connectTo(where, { to: discovery });
    const asked = client.hold(1);
    const held = await two.desks[0]?.call(0);
    discovery.say([b]);
    await until(() => client.servers()[0]?.server === b, LONG);
    expect(await client.who()).toBe(1);
    expect(two.servers[0]?.stats().clients).toBe(1);
    held?.resolve(7);
    expect(await asked).toBe(7);
    await until(() => two.servers[0]?.stats().clients === 0);
  });

  test('may be empty for a while, and calls wait', async () => {
    await using one = await serving(1);
    const discovery = new Discovery();
    discovery.say([]);
    await using client = await connectTo(where, { to: discovery, connectMs: 10 });
    const asked = client.who(undefined, LONG);
    discovery.say(one.endpoints);
    expect(await asked).toBe(0);
    discovery.say([]);
    await met(client, 0);
    await rejects(client.who(undefined, { timeoutMs: 20 }), 'TIMEOUT');
    discovery.say(one.endpoints);
    expect(await client.who(undefined, LONG)).toBe(0);
  });

  test('may be given twice the same, which changes nothing', async () => {
    await using one = await serving(1);
    const discovery = new Discovery();
    discovery.say(one.endpoints);
    await using client = await connectTo(where, { to: discovery });
    const heard: unknown[] = [];
    client.on('server:down', (event) => heard.push(event));
    for (let n = 0; n < 5; n += 1) {
      discovery.say([...one.endpoints, ...one.endpoints]);
      expect(await client.who()).toBe(0);
    }
    expect([heard, client.servers().length]).toEqual([[], 1]);
  });

  test('that is no good is told of, and the last one stays', async () => {
    await using one = await serving(1);
    const discovery = new Discovery();
    discovery.say(one.endpoints);
    const faults: { code?: string }[] = [];
    const onFault: ConnectOptions['onFault'] = (fault) => faults.push(fault);
    await using client = await connectTo(where, { to: discovery, onFault });
    discovery.say('tcp://127.0.0.1:5555');
    await until(() => faults.length === 1);
    discovery.say([...one.endpoints, 'nonsense']);
    await until(() => faults.length === 2);
    expect(await client.who()).toBe(0);
    discovery.say(new Error('discovery is away'));
    await until(() => faults.length === 3);
    expect(await client.who()).toBe(0);
    expect(faults).toMatchObject([
      { code: 'BAD_OPTION' },
      { code: 'ADDRESS' },
      { message: 'discovery is away' },
    ]);
    expect(client.stats()).toMatchObject({ faults: 3, connections: 1 });
  });

  test('is left when its client is closed', async () => {
    await using one = await serving(1);
    const discovery = new Discovery();
    discovery.say(one.endpoints);
    const client = await connectTo(where, { to: discovery });
    await client.who();
    await client.close();
    discovery.say([]);
    await until(() => discovery.isLeft);
  });
});
