/**
 * Publish and subscribe: who gets what, in which order, and what is in a message.
 */
import { Publisher, Subscriber } from 'brokerless';
import { decode } from 'cbor-x';
import { describe, expect, test } from 'vitest';
import * as zmq from 'zeromq';
import { rejects, transports } from '../contracts/lifecycle.ts';
import { numbers } from '../support/collect.ts';
import { gather, receiveAll } from '../support/receive.ts';
import { thrownBy } from '../support/thrown.ts';
import { turns } from '../support/turns.ts';
import { until } from '../support/until.ts';

type Any = Record<string, unknown>;

// Room for a message a value, as each value of another topic than the last one takes.
const roomy = { highWaterMark: 10_000 };

/** A subscriber to `prefixes` that has nothing to lose any more. */
async function subscribed(publisher: Publisher<Any>, ...prefixes: readonly string[]) {
  const subscriber = await Subscriber.connect<Any>(publisher.endpoint, roomy);
  expect(await subscriber.subscribe(...prefixes).ready()).toBe('subscribed');
  return subscriber;
}

const said = (got: readonly { topic: string; value: unknown }[]) =>
  got.map(({ topic, value }) => [topic, value]);

describe.each(Object.entries(transports))('over %s', (_name, endpoint) => {
  test('values come with their topics, in the order of sending across topics', async () => {
    await using publisher = await Publisher.bind<Any>(endpoint, roomy);
    await using subscriber = await subscribed(publisher, '');
    const sent = numbers(3000).map((n) => [`topic ${n % 7 === 0 ? n % 3 : 0}`, n] as const);
    for (const [topic, n] of sent) void publisher.send(topic, n);
    expect(said(await receiveAll(subscriber, sent.length))).toEqual(sent);
    expect(publisher.stats()).toMatchObject({ sent: 3000, depth: 0, depthBytes: 0, dropped: 0 });
    expect(subscriber.stats()).toMatchObject({ received: 3000, missed: 0, faults: 0, depth: 0 });
  });

  test('each subscriber gets what begins with one of its prefixes, once', async () => {
    await using publisher = await Publisher.bind<Any>(endpoint);
    await using all = await subscribed(publisher, '');
    await using some = await subscribed(publisher, 'ab', 'abc', 'x');
    await using exact = await subscribed(publisher, 'b');
    const [gotAll, gotSome, gotExact] = [all, some, exact].map((each) => gather(each));
    const topics = ['a', 'ab', 'abc', 'abcd', 'b', '', 'xy', 'ba', 'ax', 'end', 'x end', 'b end'];
    for (const topic of topics) await publisher.send(topic, topic);
    const got = (of: typeof gotAll): unknown[] => (of ?? []).map(({ topic }) => topic);
    await until(() => got(gotAll).at(-1) === 'b end');
    await until(() => got(gotSome).at(-1) === 'x end' && got(gotExact).at(-1) === 'b end');
    expect(got(gotAll)).toEqual(topics);
    expect(got(gotSome)).toEqual(['ab', 'abc', 'abcd', 'xy', 'x end']);
    expect(got(gotExact)).toEqual(['b', 'ba', 'b end']);
  });

  test('a publisher may connect, and subscribers be bound', async () => {
    await using subscriber = await Subscriber.bind<Any>(endpoint);
    const got = gather(subscriber.subscribe('a'));
    await using publisher = await Publisher.connect<Any>(subscriber.endpoint);
    await publisher.subscribers(1, { topic: 'a', timeoutMs: 5000 });
    await publisher.send('b', 1);
    await publisher.send('a', 2);
    await until(() => got.length === 1);
    expect(got).toEqual([{ topic: 'a', value: 2 }]);
  });

  // Over inproc nothing tells a subscriber that somebody has connected, so that it has to read.
  test.runIf(!endpoint.startsWith('inproc'))(
    'bound subscribers that do not read yet are known',
    async () => {
      await using subscriber = await Subscriber.bind<Any>(endpoint);
      subscriber.subscribe('a');
      await using publisher = await Publisher.connect<Any>(subscriber.endpoint);
      await publisher.subscribers(1, { topic: 'a', timeoutMs: 2000 });
    },
  );
});

describe('a subscription', () => {
  test('is to bytes, whatever the script', async () => {
    await using publisher = await Publisher.bind<Any>('ipc://*');
    await using subscriber = await subscribed(publisher, '天', 'ü', 'a\0');
    for (const topic of ['天気', 'u', 'üb', 'a', 'a\0b', '天']) await publisher.send(topic, 1);
    const got = await receiveAll(subscriber, 4);
    expect(got.map(({ topic }) => topic)).toEqual(['天気', 'üb', 'a\0b', '天']);
  });

  test('ends when it is taken back as often as it was made', async () => {
    await using publisher = await Publisher.bind<Any>('ipc://*');
    await using subscriber = await subscribed(publisher, 'a', 'a', 'b', 'end');
    subscriber.unsubscribe('a', 'b');
    await subscriber.ready();
    for (const topic of ['a', 'b', 'end']) await publisher.send(topic, 1);
    expect((await receiveAll(subscriber, 2)).map(({ topic }) => topic)).toEqual(['a', 'end']);
    subscriber.unsubscribe('a');
    await subscriber.ready();
    for (const topic of ['a', 'b', 'end']) await publisher.send(topic, 2);
    expect(await subscriber.receive()).toEqual({ topic: 'end', value: 2 });
  });

  test('that was taken back and made again has missed nothing meanwhile', async () => {
    await using publisher = await Publisher.bind<Any>('ipc://*');
    await using subscriber = await subscribed(publisher, 'a');
    await publisher.send('a', 0);
    await subscriber.receive();
    await subscriber.unsubscribe('a').ready();
    for (const n of numbers(9)) await publisher.send('a', n + 1);
    await until(() => publisher.stats().sent === 10);
    await subscriber.subscribe('a').ready();
    await publisher.send('a', 10);
    expect(await subscriber.receive()).toEqual({ topic: 'a', value: 10 });
    expect(subscriber.stats().missed).toBe(0);
  });

  test('that was never made is taken back without harm', async () => {
    await using publisher = await Publisher.bind<Any>('ipc://*');
    await using subscriber = await subscribed(publisher, 'a');
    subscriber.unsubscribe('b', 'a', 'a').subscribe('a');
    await subscriber.ready();
    await publisher.send('a', 1);
    expect(await subscriber.receive()).toEqual({ topic: 'a', value: 1 });
  });
});

describe('topics that begin with NUL', () => {
  const bad: readonly unknown[] = ['\0', '\0topic', 5, {}];

  test.for(bad)('are refused, as is what is no topic: %o', async (topic) => {
    await using publisher = await Publisher.bind<Any>('inproc://topics');
    await using subscriber = await subscribed(publisher, 'a');
    await rejects(publisher.send(topic as string, 1), 'BAD_VALUE');
    thrownBy(() => subscriber.subscribe('b', topic as string), 'BAD_VALUE');
    thrownBy(() => subscriber.unsubscribe(topic as string), 'BAD_VALUE');
    await publisher.send('a', 2);
    expect(await subscriber.receive()).toEqual({ topic: 'a', value: 2 });
    expect(publisher.stats()).toMatchObject({ sent: 1, faults: 0, refused: 0 });
  });

  test('are refused while sends wait for room, and those still go through', async () => {
    await using publisher = new Publisher<Any>({ maxQueueBytes: 1, drainMs: 0 });
    const sends = [publisher.send('a', 1), publisher.send('a', 2)];
    const refused = rejects(publisher.send('\0', 3), 'BAD_VALUE');
    refused.catch(() => {});
    sends.push(publisher.send('a', 4));
    await Promise.race([refused, turns(5).then(() => expect.fail('it waits'))]);
    await publisher.bind('inproc://waiting');
    await Promise.all(sends);
    await until(() => publisher.stats().sent === 3);
  });

  test('are refused as what is waited for, too, as are long ones', async () => {
    await using publisher = await Publisher.bind<Any>('inproc://topics');
    await using subscriber = await subscribed(publisher);
    for (const topic of ['\0', 'x'.repeat(1025), 'half \ud800']) {
      await rejects(publisher.subscribers(1, { topic }), 'BAD_VALUE');
      await rejects(publisher.send(topic, 1), 'BAD_VALUE');
      thrownBy(() => subscriber.subscribe(topic), 'BAD_VALUE');
    }
  });

  test('are seen by nobody, though others subscribe to everything', async () => {
    await using publisher = await Publisher.bind<Any>('ipc://*');
    await using all = await subscribed(publisher, '');
    const got = gather(all);
    for (const n of numbers(5)) {
      await using other = await subscribed(publisher, 'a');
      await publisher.send('a', n);
      await other.receive();
    }
    await until(() => got.length === 5);
    expect(got.map(({ value }) => value)).toEqual(numbers(5));
    expect(all.stats()).toMatchObject({ faults: 0, received: 5 });
  });
});

describe('on the wire', () => {
  /** A raw subscriber to everything, and a way to read its next message. */
  async function raw(publisher: Publisher<Any>) {
    const socket = new zmq.Subscriber();
    socket.subscribe('');
    socket.connect(publisher.endpoint);
    await publisher.subscribers(1, { timeoutMs: 5000 });
    return socket;
  }

  test('runs of one topic share a message, with an epoch and a number behind it', async () => {
    await using publisher = await Publisher.bind<Any>('tcp://127.0.0.1:*');
    const socket = await raw(publisher);
    await turns();
    for (const n of numbers(10)) void publisher.send(n < 4 ? 'a' : 'b', n);
    await publisher.send('a', 10);
    const messages: [string, number[], number][] = [];
    const epochs = new Set<string>();
    while (messages.flatMap(([, values]) => values).length < 11) {
      const [topic, body, sequence, ...more] = await socket.receive();
      expect([more.length, sequence?.length]).toEqual([0, 16]);
      const value: number | { value: number[] } = decode(body ?? Buffer.alloc(0));
      const values = typeof value === 'number' ? [value] : value.value;
      messages.push([String(topic), values, Number(sequence?.readBigUInt64BE(8))]);
      epochs.add(sequence?.toString('hex', 0, 8) ?? '');
    }
    expect(messages.map(([topic, values]) => [topic, ...values])).toEqual([
      ['a', 0, 1, 2, 3],
      ['b', 4, 5, 6, 7, 8, 9],
      ['a', 10],
    ]);
    expect(messages.map(([, , first]) => first)).toEqual([0, 0, 4]);
    expect(epochs.size).toBe(1);
    socket.close();
  });

  test('there is no third frame where nothing is numbered, and no batch where that is off', async () => {
    await using publisher = await Publisher.bind<Any>('tcp://127.0.0.1:*', {
      numbered: false,
      batch: false,
    });
    const socket = await raw(publisher);
    for (const n of numbers(3)) void publisher.send('a', n);
    for (const n of numbers(3)) {
      expect((await socket.receive()).map(String)).toEqual(['a', String.fromCharCode(n)]);
    }
    socket.close();
  });
});
