/**
 * Tests of the line over real sockets: which worker is next, which request is, and which is not taken on.
 */
import { Dealer } from 'brokerless';
import { encodeHeader } from 'brokerless/kit';
import type { startLoadBalancer } from 'brokerless/patterns/load-balancer';
import { decode, encode } from 'cbor-x';
import { describe, expect, test } from 'vitest';
import * as zmq from 'zeromq';
import { numbers } from '../../support/collect.ts';
import { turns } from '../../support/turns.ts';
import { until } from '../../support/until.ts';
import { balancing, small } from './balancing.ts';

const double = (x: number): number => 2 * x;

describe('which worker gets a request', () => {
  async function shares(
    assign: NonNullable<Parameters<typeof startLoadBalancer>[0]['assign']>,
    count = 12,
  ): Promise<string> {
    await using world = await balancing({ assign, random: () => 0.99 });
    let order = '';
    for (const name of 'abc') {
      await world.work(() => {
        order += name;
      });
    }
    const client = await world.client();
    for (const n of numbers(count)) {
      await client.request(n);
      await until(() => world.broker.stats().idle === 3);
    }
    return order;
  }

  test('the one that has been idle longest', async () => {
    expect(await shares('longest-idle')).toBe('abcabcabcabc');
  });

  test('each in turn', async () => {
    expect(await shares('round-robin')).toBe('abcabcabcabc');
  });

  test('any of them', async () => {
    // With a "random" number just below 1 it is always the one that became idle last.
    expect(await shares('random', 3)).toBe('ccc');
  });

  test('the one that joined first', async () => {
    expect(await shares('priority', 5)).toBe('aaaaa');
  });

  test('whom a function of your own picks', async () => {
    const order = await shares((idle) => [...idle].toSorted((x, y) => x.answered - y.answered)[0]);
    expect(order.split('').toSorted().join('')).toBe('aaaabbbbcccc');
    expect(await shares((idle) => [...idle].at(-1), 4)).toBe('cccc');
  });

  test('the one idle longest, if that function throws or picks nobody', async () => {
    const heard: unknown[] = [];
    await using world = await balancing({
      assign: () => {
        throw new Error('which?');
      },
      onError: (error) => heard.push(error),
    });
    await world.work(double);
    const client = await world.client();
    expect(await client.request(4)).toBe(8);
    expect(heard).toEqual([new Error('which?')]);
    expect(await shares(() => undefined, 4)).toBe('abca');
  });
});

describe('when too many wait', () => {
  test('more are refused at once with QUEUE_FULL, where that was asked for', async () => {
    await using world = await balancing(small);
    const client = await world.client();
    const replies = numbers(5).map((n) => client.request(n));
    const refused = { code: 'HANDLER_FAILED', data: { code: 'QUEUE_FULL' } };
    for (const reply of replies.slice(2)) await expect(reply).rejects.toMatchObject(refused);
    expect(world.broker.stats()).toMatchObject({ received: 2, refused: 3, waiting: 2 });
    await world.work(double);
    expect(await Promise.all(replies.slice(0, 2))).toEqual([0, 2]);
  });

  test('more are left in ZeroMQ, by default, and come in when there is room', async () => {
    await using world = await balancing({ maxWaiting: 2 });
    const client = await world.client();
    const replies = numbers(50).map((n) => client.request(n));
    await until(() => world.broker.stats().waiting === 2);
    await turns(20);
    expect(world.broker.stats()).toMatchObject({ received: 2, refused: 0 });
    await world.work(double);
    expect(await Promise.all(replies)).toEqual(numbers(50).map(double));
    expect(world.broker.stats()).toMatchObject({ received: 50, sent: 50, refused: 0 });
  });

  test('their bytes count too', async () => {
    await using world = await balancing({ overflow: 'reject', maxWaitingBytes: 2000 });
    const client = await world.client({ codec: 'raw' });
    const replies = numbers(4).map(() => client.request(new Uint8Array(1000)));
    for (const reply of replies.slice(2)) await expect(reply).rejects.toThrow('wait');
    expect(world.broker.stats()).toMatchObject({ received: 2, refused: 2 });
    await world.work((x: Uint8Array) => x, { codec: 'raw' });
    await Promise.all(replies.slice(0, 2));
  });
});

describe('what a request says of itself', () => {
  /** A client that writes the header by hand. */
  async function asker(clients: string) {
    const dealer = await Dealer.connect<readonly Uint8Array[]>(clients, { codec: 'frames' });
    await dealer.ready();
    return {
      ask: (id: string, priority: number, remainingMs: number) =>
        dealer.send([
          encodeHeader({ id: Buffer.from(id), priority, remainingMs }),
          new Uint8Array(0),
          encode(id),
        ]),
      receive: () => dealer.receive(),
      [Symbol.asyncDispose]: async () => void (await dealer.close({ drainMs: 0 })),
    };
  }

  test('the greater priority goes first, and the older among equals', async () => {
    await using world = await balancing();
    await using client = await asker(world.broker.clients);
    const order = ['low', 'high 1', 'middle', 'high 2'];
    for (const [i, id] of order.entries()) await client.ask(id, [0, 9, 5, 9][i] ?? 0, Infinity);
    await until(() => world.broker.stats().waiting === 4);
    const done: string[] = [];
    await world.work((id: string) => void done.push(id));
    await until(() => done.length === 4);
    expect(done).toEqual(['high 1', 'high 2', 'middle', 'low']);
  });

  test('one whose time is over is answered EXPIRED and never given to a worker', async () => {
    await using world = await balancing();
    await using client = await asker(world.broker.clients);
    await client.ask('brief', 0, 60);
    await client.ask('gone', 0, 0);
    const failures = [await client.receive(), await client.receive()];
    for (const frames of failures) {
      const [, delimiter, empty, failure] = frames;
      expect([delimiter?.length, empty?.length, frames.length]).toEqual([0, 0, 4]);
      expect(decode(failure as Uint8Array)).toMatchObject({ code: 'EXPIRED' });
    }
    expect(world.broker.stats()).toMatchObject({ received: 2, expired: 2, waiting: 0 });
    const seen: unknown[] = [];
    await world.work((x: unknown) => void seen.push(x));
    await client.ask('wanted', 0, 10_000);
    await client.receive();
    expect(seen).toEqual(['wanted']);
  });

  test('one that says nothing is wanted for requestMs', async () => {
    await using world = await balancing({ requestMs: 50 });
    const req = world.raw(new zmq.Request(), 'clients');
    await req.send('anybody?');
    const [empty, failure] = await req.receive();
    expect(empty).toHaveLength(0);
    expect(decode(failure as Buffer)).toMatchObject({ code: 'EXPIRED' });
  });
});
