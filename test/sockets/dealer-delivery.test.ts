/**
 * Dealer: sends to its peers in turn and receives from all of them, with a bounded queue each way.
 */
import { Dealer, type DealerOptions, type Overflow, Router } from 'brokerless';
import { describe, expect, test } from 'vitest';
import { rejects, transports } from '../contracts/lifecycle.ts';
import { numbers } from '../support/collect.ts';
import { gather, receiveAll } from '../support/receive.ts';
import { turns } from '../support/turns.ts';
import { until } from '../support/until.ts';

describe.each(Object.entries(transports))('over %s', (name, endpoint) => {
  test.for([true, false])('two dealers talk at once, batched: %s', async (batch) => {
    await using one = await Dealer.bind<number, string>(endpoint, { batch });
    await using other = await Dealer.connect<string, number>(one.endpoint, { batch });
    const [texts, values] = [gather(one), gather(other)];
    for (const n of numbers(2000)) {
      void one.send(n);
      void other.send(`${n}`);
    }
    await until(() => texts.length === 2000 && values.length === 2000);
    expect(values).toEqual(numbers(2000));
    expect(texts).toEqual(numbers(2000).map(String));
  });

  test('the values of a turn are dealt among all peers', async () => {
    await using dealer = await Dealer.bind<number>(endpoint);
    const peers = await Promise.all(numbers(4).map(() => Dealer.connect<number>(dealer.endpoint)));
    for (const peer of peers) await peer.send(-1);
    expect(await receiveAll(dealer, 4)).toEqual([-1, -1, -1, -1]);
    // The word of a connection may come after what is sent over it; over inproc there is none.
    if (name !== 'inproc') await until(() => dealer.stats().connections === 4);
    const got = peers.map((peer) => gather(peer));
    for (const n of numbers(400)) void dealer.send(n);
    await until(() => got.flat().length === 400);
    expect(got.flat().toSorted((a, b) => a - b)).toEqual(numbers(400));
    for (const own of got) {
      expect(own.length).toBeGreaterThanOrEqual(50);
      expect(own).toEqual(own.toSorted((a, b) => a - b));
    }
    await Promise.all(peers.map((peer) => peer.close()));
  });

  test('byte strings are copies where that is asked for, and over inproc', async () => {
    const options = { codec: 'raw', copy: true } as const;
    await using one = await Dealer.bind<Uint8Array>(endpoint, options);
    await using other = await Dealer.connect<Uint8Array>(one.endpoint, options);
    const sent = new Uint8Array(1000).fill(1);
    await other.send(sent);
    sent.fill(2);
    await other.send(sent);
    const [first, second] = await receiveAll(one, 2);
    first?.fill(9);
    expect([second?.[0], sent[0]]).toEqual([2, 2]);
  });
});

test('what is sent before anybody is there waits for the first peer', async () => {
  await using dealer = new Dealer<number>();
  for (const n of numbers(10)) await dealer.send(n);
  expect(dealer.stats()).toMatchObject({ depth: 10, sent: 0 });
  await dealer.bind('ipc://*');
  await using router = await Router.connect<number>(dealer.endpoint);
  expect((await receiveAll(router, 10)).map(({ value }) => value)).toEqual(numbers(10));
  expect(dealer.stats()).toMatchObject({ depth: 0, sent: 10 });
});

test('one that is connected to several peers hears all of them', async () => {
  await using dealer = new Dealer<string, string>();
  const routers = await Promise.all(numbers(3).map(() => Router.bind<string>('ipc://*')));
  for (const router of routers) await dealer.connect(router.endpoint);
  await until(() => dealer.stats().connections === 3);
  for (const [i, router] of routers.entries()) {
    for (const _ of numbers(3)) void dealer.send('ask');
    const { peer } = await router.receive();
    await router.send(peer, `answer of ${i}`);
  }
  const answers = await receiveAll(dealer, 3);
  expect(answers.toSorted()).toEqual(['answer of 0', 'answer of 1', 'answer of 2']);
  await Promise.all(routers.map((router) => router.close()));
});

describe('a queue that is full', () => {
  const stalled = (overflow: Overflow, options: DealerOptions<unknown, unknown> = {}): Dealer =>
    new Dealer({ overflow, maxQueueBytes: 10_000, batch: false, ...options });
  const value = new Uint8Array(1000);

  test('rejects with QUEUE_FULL where that is asked for', async () => {
    await using dealer = stalled('reject');
    const outcomes = await Promise.allSettled(numbers(30).map(() => dealer.send(value)));
    const refused = outcomes.filter(({ status }) => status === 'rejected').length;
    expect(refused).toBeGreaterThan(15);
    await rejects(dealer.send(value), 'QUEUE_FULL');
    expect(dealer.stats()).toMatchObject({ refused: refused + 1, depth: 30 - refused });
    await dealer.close({ drainMs: 0 });
  });

  test('drops the newest where that is asked for', async () => {
    await using dealer = stalled('drop-newest');
    for (const _ of numbers(30)) await dealer.send(value);
    const { dropped, depth } = dealer.stats();
    expect(dropped).toBeGreaterThan(15);
    expect(dropped + depth).toBe(30);
    expect(await dealer.close({ drainMs: 0 })).toMatchObject({ unsent: depth });
  });

  test('has the sender wait, whose signal ends it', async () => {
    await using dealer = stalled('wait');
    for (const _ of numbers(20)) void dealer.send(value);
    const controller = new AbortController();
    const waiting = rejects(dealer.send(value, { signal: controller.signal }), 'ABORTED');
    const closed = rejects(dealer.send(value), 'CLOSED');
    controller.abort();
    await waiting;
    await dealer.close({ drainMs: 0 });
    await closed;
  });
});

describe('a wait for a value', () => {
  test('ends with its signal, and the value goes to the next who asks', async () => {
    await using one = await Dealer.bind<number>('ipc://*');
    await using other = await Dealer.connect<number>(one.endpoint);
    const controller = new AbortController();
    const waiting = rejects(one.receive({ signal: controller.signal }), 'ABORTED');
    controller.abort();
    await waiting;
    await other.send(1);
    expect(await one.receive()).toBe(1);
  });

  test('ends with the socket: a loop just ends, a call rejects', async () => {
    const dealer = await Dealer.bind<number>('ipc://*');
    const loop = (async () => {
      for await (const value of dealer) throw new Error(`nothing was sent, got ${value}`);
      return 'ended';
    })();
    await turns();
    const waiting = rejects(dealer.receive(), 'CLOSED');
    await dealer.close();
    expect(await loop).toBe('ended');
    await waiting;
  });
});

test('a closed dealer says what never left and what was never read', async () => {
  const one = await Dealer.bind<number>('ipc://*');
  const other = await Dealer.connect<number>(one.endpoint);
  for (const n of numbers(10)) void other.send(n);
  expect(await one.receive()).toBe(0);
  await other.close();
  await until(() => one.stats().connections === 0);
  for (const n of numbers(5)) void one.send(n);
  expect(await one.close({ drainMs: 20 })).toMatchObject({ unsent: 5, unread: 9 });
});
