/**
 * Ready: who waits for subscriptions loses nothing to slowness in joining, and is told the truth.
 */
import { getEventListeners } from 'node:events';
import { isBrokerlessError, Publisher, Subscriber } from 'brokerless';
import { describe, expect, test } from 'vitest';
import * as zmq from 'zeromq';
import { rejects, transports } from '../contracts/lifecycle.ts';
import { numbers } from '../support/collect.ts';
import { gather, receiveAll } from '../support/receive.ts';
import { turns } from '../support/turns.ts';
import { until } from '../support/until.ts';
import { Cable } from './programs/publish-support.ts';

type Numbers = Record<string, number>;

/** A TCP port that nothing listens on any more. */
async function freeEndpoint(): Promise<string> {
  const socket = await Publisher.bind('tcp://127.0.0.1:*');
  await socket.close();
  return socket.endpoint;
}

describe.each(Object.entries(transports))('over %s', (_name, endpoint) => {
  test('a subscriber that is ready loses nothing', async () => {
    await using publisher = await Publisher.bind<Numbers>(endpoint);
    for (const n of numbers(20)) {
      await using subscriber = await Subscriber.connect<Numbers>(publisher.endpoint);
      expect(await subscriber.subscribe('a', 'b').ready({ timeoutMs: 5000 })).toBe('subscribed');
      await publisher.send(n % 2 === 0 ? 'a' : 'b', n);
      expect(await subscriber.receive()).toMatchObject({ value: n });
    }
  });

  test('each subscription more can be waited for', async () => {
    await using publisher = await Publisher.bind<Numbers>(endpoint);
    await using subscriber = await Subscriber.connect<Numbers>(publisher.endpoint);
    for (const n of numbers(20)) {
      expect(await subscriber.subscribe(`${n}.`).ready()).toBe('subscribed');
      await publisher.send(`${n}.`, n);
      expect(await subscriber.receive()).toEqual({ topic: `${n}.`, value: n });
    }
  });

  test('a publisher that waited for its subscribers loses nothing of theirs', async () => {
    await using publisher = await Publisher.bind<Numbers>(endpoint);
    const waiting = publisher.subscribers(3, { topic: 'a', timeoutMs: 5000 });
    const subscribers = await Promise.all(
      numbers(3).map(async () => Subscriber.connect<Numbers>(publisher.endpoint)),
    );
    for (const subscriber of subscribers) subscriber.subscribe('a');
    await waiting;
    for (const n of numbers(100)) void publisher.send('a', n);
    for (const subscriber of subscribers) {
      expect((await receiveAll(subscriber, 100)).map(({ value }) => value)).toEqual(numbers(100));
      await subscriber.close();
    }
  });

  test('what arrives while it is awaited is kept, in order', async () => {
    await using publisher = await Publisher.bind<Numbers>(endpoint);
    await using subscriber = await Subscriber.connect<Numbers>(publisher.endpoint);
    await subscriber.subscribe('a').ready();
    let n = 0;
    for (let round = 0; round < 30; round += 1) {
      const ready = subscriber.subscribe(`b${round}`).ready();
      for (const value of numbers(5)) void publisher.send('a', n + value);
      n += 5;
      expect(await ready).toBe('subscribed');
    }
    expect((await receiveAll(subscriber, n)).map(({ value }) => value)).toEqual(numbers(n));
    expect(subscriber.stats()).toMatchObject({ received: n, missed: 0, faults: 0 });
  });
});

describe('ready', () => {
  test('waits for a publisher that comes later', async () => {
    const endpoint = await freeEndpoint();
    await using subscriber = await Subscriber.connect<Numbers>(endpoint, { reconnectMs: 10 });
    const ready = subscriber.subscribe('a').ready({ timeoutMs: 10_000 });
    await using publisher = await Publisher.bind<Numbers>(endpoint);
    expect(await ready).toBe('subscribed');
    await publisher.send('a', 1);
    expect(await subscriber.receive()).toEqual({ topic: 'a', value: 1 });
  });

  test('may be asked for many times at once, while somebody reads', async () => {
    await using publisher = await Publisher.bind<Numbers>('tcp://127.0.0.1:*');
    await using subscriber = await Subscriber.connect<Numbers>(publisher.endpoint);
    const got = gather(subscriber.subscribe('a'));
    const all = await Promise.all(numbers(50).map(() => subscriber.ready({ timeoutMs: 5000 })));
    expect(new Set(all)).toEqual(new Set(['subscribed']));
    for (const n of numbers(10)) await publisher.send('a', n);
    await until(() => got.length === 10);
    expect(got.map(({ value }) => value)).toEqual(numbers(10));
  });

  test('is so when each of several publishers has answered', async () => {
    const publishers = await Promise.all(
      numbers(3).map(() => Publisher.bind<Numbers>('tcp://127.0.0.1:*')),
    );
    await using subscriber = new Subscriber<Numbers>();
    for (const { endpoint } of publishers) await subscriber.connect(endpoint);
    await until(() => subscriber.stats().connections === 3);
    expect(await subscriber.subscribe('a').ready()).toBe('subscribed');
    for (const [n, publisher] of publishers.entries()) await publisher.send('a', n);
    const got = await receiveAll(subscriber, 3);
    expect(got.map(({ value }) => value).toSorted()).toEqual([0, 1, 2]);
    for (const publisher of publishers) await publisher.close();
  });

  test('is so again after the connection was cut', async () => {
    await using publisher = await Publisher.bind<Numbers>('tcp://127.0.0.1:*');
    await using cable = await Cable.to(publisher.endpoint);
    await using subscriber = await Subscriber.connect<Numbers>(cable.endpoint, { reconnectMs: 1 });
    await subscriber.subscribe('a').ready();
    for (const n of numbers(5)) {
      cable.cut();
      await until(() => subscriber.stats().connections === 0);
      cable.mend();
      await until(() => subscriber.stats().connections === 1);
      expect(await subscriber.ready({ timeoutMs: 5000 })).toBe('subscribed');
      await publisher.send('a', n);
      expect(await subscriber.receive()).toEqual({ topic: 'a', value: n });
    }
  });

  test("says 'connected' with a publisher that is not ours, and no sooner than told", async () => {
    const raw = new zmq.Publisher();
    raw.bindSync('tcp://127.0.0.1:*');
    await using subscriber = await Subscriber.connect(raw.lastEndpoint ?? '', { echoMs: 100 });
    const start = performance.now();
    expect(await subscriber.subscribe('a').ready()).toBe('connected');
    expect(performance.now() - start).toBeGreaterThan(90);
    await raw.send(['a', '\u0005']);
    expect(await subscriber.receive()).toEqual({ topic: 'a', value: 5 });
    raw.close();
  });

  test("says 'connected' when one of two publishers is not ours", async () => {
    await using publisher = await Publisher.bind<Numbers>('tcp://127.0.0.1:*');
    const raw = new zmq.Publisher();
    raw.bindSync('tcp://127.0.0.1:*');
    await using subscriber = await Subscriber.connect(publisher.endpoint, { echoMs: 100 });
    await subscriber.connect(raw.lastEndpoint ?? '');
    await until(() => subscriber.stats().connections === 2);
    expect(await subscriber.subscribe('a').ready()).toBe('connected');
    raw.close();
  });

  test('of a bound subscriber waits for a publisher', async () => {
    await using subscriber = await Subscriber.bind<Numbers>('tcp://127.0.0.1:*', { echoMs: 50 });
    await rejects(subscriber.subscribe('a').ready({ timeoutMs: 300 }), 'TIMEOUT');
  });

  test('ends with its signal, its deadline and the socket, and leaves nothing behind', async () => {
    const raw = new zmq.Publisher();
    raw.bindSync('tcp://127.0.0.1:*');
    await using subscriber = await Subscriber.connect(raw.lastEndpoint ?? '', { echoMs: 60_000 });
    const controller = new AbortController();
    const { signal } = controller;
    const waiting = rejects(subscriber.ready({ signal }), 'ABORTED');
    const late = rejects(subscriber.ready({ timeoutMs: 50 }), 'TIMEOUT');
    await until(() => subscriber.stats().connections === 1);
    await late;
    controller.abort();
    await waiting;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    const closing = rejects(subscriber.ready(), 'CLOSED');
    await turns();
    await subscriber.close();
    await closing;
    raw.close();
  });

  test('says that the socket is closed when that comes right after the question', async () => {
    await using publisher = await Publisher.bind<Numbers>('tcp://127.0.0.1:*');
    await using subscriber = await Subscriber.connect<Numbers>(publisher.endpoint);
    await subscriber.subscribe('a').ready();
    const closing = rejects(subscriber.ready(), 'CLOSED');
    await Promise.all([subscriber.close(), closing]);
  });
});

/** Whether there are so many subscriptions now. */
function has(publisher: Publisher<Numbers>, count: number, topic: string): Promise<boolean> {
  return publisher.subscribers(count, { topic, timeoutMs: 0 }).then(
    () => true,
    (error: unknown) => {
      expect(isBrokerlessError(error, 'TIMEOUT'), String(error)).toBe(true);
      return false;
    },
  );
}

describe('subscribers', () => {
  test('counts subscriptions to exactly that topic', async () => {
    await using publisher = await Publisher.bind<Numbers>('tcp://127.0.0.1:*');
    await using one = await Subscriber.connect<Numbers>(publisher.endpoint);
    await using other = await Subscriber.connect<Numbers>(publisher.endpoint);
    await one.subscribe('ü', 'a').ready();
    await other.subscribe('ü', 'ab', '').ready();
    const counts = { ü: 2, a: 1, ab: 1, '': 1, u: 0, abc: 0, never: 0 };
    for (const [topic, count] of Object.entries(counts)) {
      expect(await has(publisher, count, topic)).toBe(true);
      expect(await has(publisher, count + 1, topic)).toBe(false);
    }
  });

  test('counts a subscriber once, however often it subscribed to that topic', async () => {
    await using publisher = await Publisher.bind<Numbers>('tcp://127.0.0.1:*');
    await using subscriber = await Subscriber.connect<Numbers>(publisher.endpoint);
    await subscriber.subscribe('a', 'a').subscribe('a').ready();
    expect(await has(publisher, 2, 'a')).toBe(false);
    await subscriber.unsubscribe('a', 'a', 'a').ready();
    expect(await has(publisher, 1, 'a')).toBe(false);
  });

  test('no longer counts who unsubscribed, left, or was cut off', async () => {
    await using publisher = await Publisher.bind<Numbers>('tcp://127.0.0.1:*');
    await using cable = await Cable.to(publisher.endpoint);
    const connect = (endpoint: string) => Subscriber.connect<Numbers>(endpoint);
    await using stays = await connect(publisher.endpoint);
    await using changes = await connect(publisher.endpoint);
    const leaves = await connect(publisher.endpoint);
    await using loses = await connect(cable.endpoint);
    for (const each of [stays, changes, leaves, loses]) each.subscribe('a');
    await publisher.subscribers(4, { topic: 'a', timeoutMs: 5000 });
    const fellTo = async (count: number): Promise<void> => {
      const deadline = performance.now() + 5000;
      while (await has(publisher, count + 1, 'a')) {
        expect(performance.now()).toBeLessThan(deadline);
        await turns(1);
      }
      expect(await has(publisher, count, 'a')).toBe(true);
    };
    await changes.unsubscribe('a').ready();
    await fellTo(3);
    await leaves.close();
    await fellTo(2);
    cable.cut();
    await fellTo(1);
    cable.mend();
    const got = gather(loses);
    await publisher.subscribers(2, { topic: 'a', timeoutMs: 10_000 });
    await publisher.send('a', 1);
    await until(() => got.length === 1);
  });

  test('rejects in time, when its signal fires, when it closes, and for no count', async () => {
    const publisher = await Publisher.bind<Numbers>('tcp://127.0.0.1:*');
    const controller = new AbortController();
    const { signal } = controller;
    await rejects(publisher.subscribers(1, { timeoutMs: 20 }), 'TIMEOUT');
    const aborting = rejects(publisher.subscribers(1, { signal, topic: 'a' }), 'ABORTED');
    controller.abort(new Error('enough'));
    expect(await aborting).toMatchObject({ cause: { message: 'enough' } });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    for (const count of [-1, 0.5, Number.NaN]) {
      await rejects(publisher.subscribers(count), 'BAD_OPTION');
    }
    const closing = rejects(publisher.subscribers(1), 'CLOSED');
    await publisher.close();
    await closing;
    await rejects(publisher.subscribers(0), 'CLOSED');
  });
});

test('a late joiner gets what is sent from then on, and has missed nothing', async () => {
  await using publisher = await Publisher.bind<Numbers>('tcp://127.0.0.1:*');
  await using early = await Subscriber.connect<Numbers>(publisher.endpoint);
  await early.subscribe('a').ready();
  for (const n of numbers(100)) await publisher.send('a', n);
  await receiveAll(early, 100);
  await using late = await Subscriber.connect<Numbers>(publisher.endpoint);
  await late.subscribe('a').ready();
  for (const n of numbers(100)) await publisher.send('a', 100 + n);
  for (const each of [early, late]) {
    expect((await receiveAll(each, 100)).map(({ value }) => value)).toEqual(
      numbers(200).slice(100),
    );
    expect(each.stats().missed).toBe(0);
  }
});
