/**
 * Tests of peers that mean harm, or do not know better: what they say is counted, and all others are served.
 */
import { describe, expect, test } from 'vitest';
import * as zmq from 'zeromq';
import { numbers } from '../../support/collect.ts';
import {
  bytes,
  greeting,
  hello,
  message,
  oldPeers,
  Stranger,
  sayings,
} from '../../support/stranger.ts';
import { until } from '../../support/until.ts';
import { type Balancing, balancing, reqWorker } from './balancing.ts';

const double = (x: number): number => 2 * x;

/** A stranger that has shaken hands. */
async function connected(door: string): Promise<Stranger> {
  const stranger = new Stranger(door, hello('DEALER'));
  await until(() => stranger.received > greeting.length, { timeoutMs: 15_000 });
  return stranger;
}

/** That a good client is served by a good worker. */
async function expectService(world: Balancing): Promise<void> {
  const client = await world.client();
  const answers = await Promise.all(numbers(20).map((n) => client.request(n)));
  expect(answers).toEqual(numbers(20).map(double));
}

describe('strangers', () => {
  test.each([...sayings, ...oldPeers])('that say %s harm nobody', async (_, said) => {
    await using world = await balancing();
    await world.work(double);
    const strangers = [world.broker.clients, world.broker.workers].map(
      (door) => new Stranger(door, said),
    );
    await expectService(world);
    for (const stranger of strangers) stranger[Symbol.dispose]();
    await expectService(world);
  });

  test('that send frames over the limit are cut off', async () => {
    await using world = await balancing({ maxMessageBytes: 100_000 });
    await world.work(double);
    const large = Buffer.concat([bytes('02 00000000 00080000'), Buffer.alloc(0x80000)]);
    for (const door of [world.broker.clients, world.broker.workers]) {
      using stranger = await connected(door);
      stranger.say(large);
      await until(() => stranger.cut, { timeoutMs: 15_000 });
    }
    await expectService(world);
  });

  test('that send a message of a hundred thousand empty frames harm nobody', async () => {
    await using world = await balancing({ maxWaitingBytes: 1 << 20, overflow: 'reject' });
    const many = Buffer.concat([...Array(100_000).fill(Buffer.of(1, 0)), Buffer.of(0, 1, 65)]);
    using stranger = await connected(world.broker.clients);
    stranger.say(many);
    await until(() => world.broker.stats().received === 1, { timeoutMs: 15_000 });
    expect(world.broker.stats().depthBytes).toBeGreaterThan(1 << 20);
    stranger.say(message(bytes(''), bytes('41')));
    await until(() => world.broker.stats().refused === 1, { timeoutMs: 15_000 });
  });
});

describe('a worker', () => {
  test('that says READY a thousand times is one worker', async () => {
    await using world = await balancing();
    const dealer = world.raw(new zmq.Dealer(), 'workers');
    for (const _ of numbers(1000)) await dealer.send(['', 'READY']);
    await dealer.send(['', 'last word']);
    await until(() => world.broker.stats().faults === 1);
    expect(world.events.map(([what]) => what)).toEqual(['join', 'confused']);
    await world.work(double);
    await expectService(world);
  });

  test('that says nonsense is not taken on, and what it says is counted', async () => {
    await using world = await balancing();
    await world.work(double);
    const dealer = world.raw(new zmq.Dealer(), 'workers');
    const nonsense = [['READY'], ['', ''], ['', 'what'], ['', 'a', 'b'], ['x', '', '', '', '']];
    for (const words of nonsense) await dealer.send(words);
    await until(() => world.broker.stats().faults === nonsense.length);
    expect(world.broker.stats().workers).toBe(1);
    await expectService(world);
  });

  test('that answers with tags it was never given gets nothing through', async () => {
    await using world = await balancing();
    const forger = world.raw(new zmq.Dealer(), 'workers');
    await forger.send(['', 'READY']);
    await world.knows(1);
    const client = await world.client({ codec: 'text' });
    const [stolen] = [client.request('stolen')];
    const [, tag] = await forger.receive();
    const other = Buffer.from(tag as Buffer);
    other[other.length - 1] = 9;
    await forger.send(['', other, '', 'forged']);
    await expect(stolen).rejects.toMatchObject({ data: { code: 'WORKER_LOST' } });
    expect(world.broker.stats()).toMatchObject({ late: 1, sent: 0 });
    const honest = world.raw(new zmq.Request(), 'workers');
    void reqWorker(honest, 'READY', () => ['honest']);
    await world.knows(2);
    forger.close();
    await world.knows(1);
    expect(await client.request('x')).toBe('honest');
  });

  test('that takes on requests and answers none holds up only what it took', async () => {
    await using world = await balancing({ requestMs: 3000 });
    const hole = world.raw(new zmq.Dealer(), 'workers');
    await hole.send(['', 'READY']);
    await world.knows(1);
    await world.work(double);
    const client = await world.client();
    const outcomes = await Promise.allSettled(numbers(20).map((n) => client.request(n)));
    const failed = outcomes.filter(({ status }) => status === 'rejected');
    expect(failed).toHaveLength(1);
    expect(world.broker.stats()).toMatchObject({ workers: 1, sent: 19 });
  });
});

describe('a client', () => {
  test('that says nonsense is counted and not answered', async () => {
    await using world = await balancing();
    await world.work(double);
    const dealer = world.raw(new zmq.Dealer(), 'clients');
    const nonsense = [['a'], ['a', 'b'], ['a', ''], Array(40).fill('hop')];
    for (const words of nonsense) await dealer.send(words);
    await until(() => world.broker.stats().faults === nonsense.length);
    expect(world.broker.stats().received).toBe(0);
    await expectService(world);
  });

  test('that never reads its replies costs nobody else anything', async () => {
    await using world = await balancing();
    await world.work((text: string) => (text === 'big' ? 'x'.repeat(20_000) : text));
    using stalled = await connected(world.broker.clients);
    stalled.pause();
    const big = message(bytes(''), bytes('63 626967'));
    for (const _ of numbers(2500)) stalled.say(big);
    const client = await world.client({ timeoutMs: 60_000 });
    for (const n of numbers(20)) expect(await client.request(`${n}`)).toBe(`${n}`);
    await until(() => world.broker.stats().dropped > 0, { timeoutMs: 60_000 });
    expect(await client.request('still')).toBe('still');
  });
});
