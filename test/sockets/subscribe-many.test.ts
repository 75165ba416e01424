/**
 * Many subscriptions: twenty thousand of them, asked for before connecting, after it, and again by
 * themselves after a reconnect. None is lost on its way.
 */
import { Publisher, Subscriber } from 'brokerless';
import { describe, expect, test } from 'vitest';
import { numbers } from '../support/collect.ts';
import { gather } from '../support/receive.ts';
import { until } from '../support/until.ts';
import { Cable } from './programs/publish-support.ts';

const COUNT = 20_000;
const topics = numbers(COUNT).map((n) => `topic ${n}.`);
const patient = { timeoutMs: 15_000 };
const roomy = { highWaterMark: 2 * COUNT };

type Numbers = Record<string, number>;

/** Publishes one value on each topic, and waits until each has come, in order. */
async function expectAll(publisher: Publisher<Numbers>, got: readonly { topic: string }[]) {
  const before = got.length;
  for (const [n, topic] of topics.entries()) {
    const sending = publisher.send(topic, n);
    if (n % 1000 === 0) await sending;
  }
  await until(() => got.length === before + COUNT, patient);
  expect(got.slice(before).map(({ topic }) => topic)).toEqual(topics);
}

describe('twenty thousand subscriptions are all in place', { timeout: 60_000 }, () => {
  test('when they were made before connecting', async () => {
    await using publisher = await Publisher.bind<Numbers>('tcp://127.0.0.1:*', roomy);
    await using subscriber = new Subscriber<Numbers>({ ...roomy, echoMs: 15_000 });
    subscriber.subscribe(...topics);
    await subscriber.connect(publisher.endpoint);
    expect(await subscriber.ready(patient)).toBe('subscribed');
    await publisher.subscribers(1, { topic: topics.at(-1) ?? '', timeoutMs: 0 });
    await expectAll(publisher, gather(subscriber));
    expect(subscriber.stats()).toMatchObject({ missed: 0, faults: 0 });
  });

  test('when they were made after it, one by one', async () => {
    await using publisher = await Publisher.bind<Numbers>('tcp://127.0.0.1:*', roomy);
    await using subscriber = new Subscriber<Numbers>({ ...roomy, echoMs: 15_000 });
    await subscriber.connect(publisher.endpoint);
    await until(() => subscriber.stats().connections === 1);
    for (const topic of topics) subscriber.subscribe(topic);
    expect(await subscriber.ready(patient)).toBe('subscribed');
    await expectAll(publisher, gather(subscriber));
  });

  test('again after a reconnect, and gone when they were taken back', async () => {
    await using publisher = await Publisher.bind<Numbers>('tcp://127.0.0.1:*', roomy);
    await using cable = await Cable.to(publisher.endpoint);
    const options = { ...roomy, echoMs: 15_000, reconnectMs: 1 };
    await using subscriber = await Subscriber.connect<Numbers>(cable.endpoint, options);
    subscriber.subscribe(...topics);
    expect(await subscriber.ready(patient)).toBe('subscribed');
    const got = gather(subscriber);
    cable.cut();
    await until(() => subscriber.stats().connections + publisher.stats().connections === 0);
    cable.mend();
    await until(() => subscriber.stats().connections === 1, patient);
    expect(await subscriber.ready(patient)).toBe('subscribed');
    await expectAll(publisher, got);
    subscriber.unsubscribe(...topics);
    subscriber.subscribe('end');
    expect(await subscriber.ready(patient)).toBe('subscribed');
    for (const topic of topics) void publisher.send(topic, -1);
    await publisher.send('end', 0);
    await until(() => got.length === COUNT + 1, patient);
    expect(got.at(-1)).toEqual({ topic: 'end', value: 0 });
  });
});
