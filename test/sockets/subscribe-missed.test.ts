/**
 * Missed: what was lost on its way to a subscriber is counted there to the value, across cuts and restarts.
 */
import { type Missed, Publisher, type PublisherOptions, Subscriber } from 'brokerless';
import { describe, expect, test } from 'vitest';
import { numbers } from '../support/collect.ts';
import { gather, receiveAll } from '../support/receive.ts';
import { turns } from '../support/turns.ts';
import { until } from '../support/until.ts';
import { Cable, type Numbered, tally } from './programs/publish-support.ts';

type Numbers = Record<string, number>;
type Weights = Record<string, Numbered>;

const tight = { highWaterMark: 4, kernelBufferBytes: 16_384 };
const weight = 'x'.repeat(1000);

/** Sends values with the numbers from `from` up to `to` on one topic, and waits until they have left. */
async function send(publisher: Publisher<Weights>, from: number, to: number): Promise<void> {
  for (let n = from; n < to; n += 1) void publisher.send('topic', [n, weight]);
  await until(() => publisher.stats().depth === 0);
}

/** Sends more until enough has arrived of the first `n` values; the number of the next one to be sent. */
async function trickle(
  publisher: Publisher<Weights>,
  from: number,
  arrived: (n: number) => boolean,
): Promise<number> {
  let n = from;
  const deadline = performance.now() + 10_000;
  while (!arrived(n)) {
    if (performance.now() > deadline) throw new Error('nothing arrives any more');
    await send(publisher, n, n + 1);
    n += 1;
    await turns(5);
  }
  return n;
}

describe('a subscriber that does not read', () => {
  test.for([true, false])(
    'counts what it lost, and one that reads lost nothing: batch %s',
    async (batch) => {
      await using publisher = await Publisher.bind<Weights>('tcp://127.0.0.1:*', {
        ...tight,
        batch,
      });
      await using slow = await Subscriber.connect<Weights>(publisher.endpoint, tight);
      await using quick = await Subscriber.connect<Weights>(publisher.endpoint, tight);
      for (const each of [slow, quick]) expect(await each.subscribe('').ready()).toBe('subscribed');
      const quickly = tally(quick);
      let sent = 0;
      for (; sent < 1500; sent += 2) {
        await send(publisher, sent, sent + 2);
        await until(() => quickly.last === sent + 1); // It keeps up.
      }
      const slowly = tally(slow);
      // What is sent while its pipe is still full is lost as well, so until it has caught up.
      sent = await trickle(publisher, sent, (n) => slowly.last >= 1500 && slowly.last === n - 1);
      await until(() => slowly.last === sent - 1 && quickly.last === sent - 1);
      expect(quickly).toEqual({ received: sent, last: sent - 1, wrong: 0 });
      expect(quick.stats().missed).toBe(0);
      expect(slow.stats().missed).toBeGreaterThan(0);
      expect(slowly).toMatchObject({ wrong: 0, received: sent - slow.stats().missed });
      expect(publisher.stats()).toMatchObject({ sent, dropped: 0, refused: 0 });
    },
  );

  test('hears of each gap when the next value comes, topic by topic', async () => {
    const gaps: Missed[] = [];
    await using publisher = await Publisher.bind<Numbers>('inproc://gaps', { highWaterMark: 1 });
    await using subscriber = await Subscriber.connect<Numbers>('inproc://gaps', {
      highWaterMark: 1,
      onMissed: (missed) => gaps.push(missed),
    });
    await subscriber.subscribe('').ready();
    for (const n of numbers(20)) void publisher.send(`${n % 2}`, n);
    await until(() => publisher.stats().sent === 20);
    const got = gather(subscriber);
    await until(() => got.length > 0);
    await turns(20);
    const before = got.length;
    for (const topic of ['0', '1']) {
      void publisher.send(topic, 99);
      await until(() => got.filter(({ value }) => value === 99).length === Number(topic) + 1);
    }
    const missedOf = (own: string) =>
      gaps.filter(({ topic }) => topic === own).reduce((sum, { count }) => sum + count, 0);
    expect(gaps.length).toBeGreaterThan(0);
    expect(before).toBeLessThan(20);
    for (const topic of ['0', '1']) {
      const values = got.filter((each) => each.topic === topic && each.value !== 99);
      const first = values[0]?.value ?? 99;
      const sent = first === 99 ? 0 : 10 - (first - Number(topic)) / 2;
      expect(missedOf(topic)).toBe(sent - values.length);
    }
    expect(subscriber.stats().missed).toBe(missedOf('0') + missedOf('1'));
  });
});

describe('a connection that is cut', () => {
  test('costs what was sent meanwhile, and it is counted', async () => {
    await using publisher = await Publisher.bind<Weights>('tcp://127.0.0.1:*');
    await using cable = await Cable.to(publisher.endpoint);
    await using subscriber = await Subscriber.connect<Weights>(cable.endpoint, { reconnectMs: 1 });
    await subscriber.subscribe('').ready();
    const seen = tally(subscriber);
    let sent = 0;
    for (const round of numbers(6)) {
      await send(publisher, sent, sent + 300); // Some of it may be on its way when the cable is cut.
      sent += 300;
      if (round % 2 === 0) await until(() => seen.last === sent - 1);
      cable.cut();
      await until(() => publisher.stats().connections === 0);
      await send(publisher, sent, sent + 10);
      sent += 10;
      cable.mend();
      const from = sent;
      sent = await trickle(publisher, sent, () => seen.last >= from);
      await until(() => seen.last === sent - 1);
      expect(seen.received + subscriber.stats().missed).toBe(sent);
    }
    expect(seen.wrong).toBe(0);
    expect(subscriber.stats().missed).toBeGreaterThanOrEqual(60);
  });
});

describe('a publisher that is restarted on its port', () => {
  test('is counted from its first value on', async () => {
    const options: PublisherOptions<Numbered> = { drainMs: 5000 };
    let publisher = await Publisher.bind<Weights>('tcp://127.0.0.1:*', options);
    const { endpoint } = publisher;
    await using subscriber = await Subscriber.connect<Weights>(endpoint, { reconnectMs: 1 });
    await subscriber.subscribe('').ready();
    const seen = tally(subscriber);
    await send(publisher, 0, 500);
    let total = 500;
    await until(() => seen.last === 499);
    for (const _ of numbers(4)) {
      await publisher.close();
      publisher = new Publisher<Weights>(options);
      await publisher.bind(endpoint);
      await send(publisher, 0, 25); // Most of it, if not all, before the subscriber is back.
      const before = seen.received;
      let sent = await trickle(publisher, 25, () => seen.received > before);
      await send(publisher, sent, sent + 2000);
      sent += 2000;
      await until(() => seen.last === sent - 1);
      total += sent;
      expect(seen.received + subscriber.stats().missed).toBe(total);
    }
    expect(seen.wrong).toBe(0);
    await publisher.close();
  });

  test('is not missed on topics that nobody has heard of before', async () => {
    const first = await Publisher.bind<Numbers>('tcp://127.0.0.1:*');
    const { endpoint } = first;
    await using subscriber = await Subscriber.connect<Numbers>(endpoint, { reconnectMs: 1 });
    await subscriber.subscribe('').ready();
    await first.send('a', 0);
    await receiveAll(subscriber, 1);
    await first.close();
    await until(() => subscriber.stats().connections === 0);
    await using second = await Publisher.bind<Numbers>(endpoint);
    for (const n of numbers(10)) await second.send('b', n);
    await until(() => second.stats().sent === 10);
    await subscriber.ready();
    await second.send('b', 10);
    await until(() => subscriber.stats().connections === 1);
    const got = gather(subscriber);
    await until(() => got.at(-1)?.value === 10);
    expect(subscriber.stats().missed).toBe(0);
  });
});

describe('several publishers', () => {
  test('of one topic are counted apart', async () => {
    const publishers = await Promise.all(
      numbers(3).map(() => Publisher.bind<Numbers>('tcp://127.0.0.1:*')),
    );
    for (const [n, publisher] of publishers.entries()) {
      for (const value of numbers(7 * n)) await publisher.send('a', value);
      await until(() => publisher.stats().sent === 7 * n);
    }
    await using subscriber = new Subscriber<Numbers>();
    for (const { endpoint } of publishers) await subscriber.connect(endpoint);
    await until(() => subscriber.stats().connections === 3);
    expect(await subscriber.subscribe('a').ready()).toBe('subscribed');
    const got = gather(subscriber);
    for (const n of numbers(300)) void publishers[n % 3]?.send('a', n);
    await until(() => got.length === 300);
    for (const own of numbers(3)) {
      const values = got.map(({ value }) => value).filter((value) => value % 3 === own);
      expect(values).toEqual(numbers(100).map((n) => 3 * n + own));
    }
    expect(subscriber.stats()).toMatchObject({ missed: 0, faults: 0 });
    for (const publisher of publishers) await publisher.close();
  });

  test('may come and go at a bound subscriber, and none is taken for a restart', async () => {
    await using subscriber = await Subscriber.bind<Numbers>('tcp://127.0.0.1:*');
    const got = gather(subscriber.subscribe('a'));
    for (const n of numbers(5)) {
      await using publisher = await Publisher.connect<Numbers>(subscriber.endpoint);
      for (const value of numbers(n)) await publisher.send('a', -1 - value);
      await until(() => publisher.stats().sent === n);
      await publisher.subscribers(1, { topic: 'a', timeoutMs: 5000 });
      await publisher.send('a', n);
      await until(() => got.some(({ value }) => value === n));
    }
    expect(subscriber.stats().missed).toBe(0);
  });
});

test('where nothing is numbered nothing is counted', async () => {
  await using publisher = await Publisher.bind<Numbers>('inproc://unnumbered', {
    highWaterMark: 1,
    numbered: false,
    batch: false,
  });
  await using subscriber = await Subscriber.connect<Numbers>('inproc://unnumbered', {
    highWaterMark: 1,
  });
  expect(await subscriber.subscribe('').ready()).toBe('subscribed');
  for (const n of numbers(20)) void publisher.send('a', n);
  await until(() => publisher.stats().sent === 20);
  const got = gather(subscriber);
  await until(() => got.length > 0);
  void publisher.send('a', 20);
  await until(() => got.at(-1)?.value === 20);
  expect(got.length).toBeLessThan(21);
  expect(subscriber.stats()).toMatchObject({ missed: 0, faults: 0 });
});
