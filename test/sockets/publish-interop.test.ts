/**
 * Publishers and subscribers that know nothing of this package: Python's, raw ones, and a raw proxy between
 * two of ours.
 */
import { type CodecName, Publisher, Subscriber } from 'brokerless';
import { describe, expect, test } from 'vitest';
import * as zmq from 'zeromq';
import { numbers } from '../support/collect.ts';
import { python, requirePython } from '../support/python.ts';
import { gather, receiveAll } from '../support/receive.ts';
import { until } from '../support/until.ts';

type Any = Record<string, unknown>;

const sample = [1, -5, 'ünï', [1, [2]], { a: { b: null } }, true, 0.5, 2 ** 40];
const roomy = { highWaterMark: 10_000 };
const said = (got: readonly { topic: string; value: unknown }[]) =>
  got.map(({ topic, value }) => [topic, value]);

/** Runs a Python peer to its end, and gives what it printed. */
async function peer(name: 'pub' | 'sub', ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await python(new URL(`peers/${name}.py`, import.meta.url), args);
  expect(code, stderr).toBe(0);
  return stdout;
}

describe('a Python subscriber', () => {
  test.for([
    [{ batch: true }, [3]],
    [{ batch: false }, [3]],
    [{ batch: false, numbered: false }, [2]],
  ] as const)(
    'of a Publisher with %o sees topics and values',
    async ([options, frames], context) => {
      requirePython(context, 'zmq', 'cbor2');
      await using publisher = await Publisher.bind<Any>('tcp://127.0.0.1:*', {
        ...roomy,
        ...options,
      });
      const receiving = peer('sub', 'cbor', publisher.endpoint, 'a');
      await publisher.subscribers(1, { topic: 'end', timeoutMs: 10_000 });
      const sent = numbers(1000).map((n) =>
        ['a', 'b', 'ab'].map((topic) => [topic, n % 8] as const),
      );
      const all = sent
        .flat()
        .toSorted(([one], [other]) => (one < other ? -1 : Number(one > other)));
      for (const [topic, n] of all) void publisher.send(topic, sample[n]);
      await publisher.send('end', null);
      const got: { seen: unknown[]; batches: number; frames: number[] } = JSON.parse(
        await receiving,
      );
      const wanted = all.filter(([topic]) => topic !== 'b');
      expect(got.seen).toEqual(wanted.map(([topic, n]) => [topic, sample[n]]));
      expect(got.batches > 0).toBe(options.batch);
      expect(got.frames).toEqual(frames);
    },
  );

  test('of bytes sees them as they are', async (context) => {
    requirePython(context, 'zmq');
    const options = { codec: 'raw' as const, numbered: false };
    await using publisher = await Publisher.bind<Record<string, Uint8Array>>(
      'tcp://127.0.0.1:*',
      options,
    );
    const receiving = peer('sub', 'bytes', publisher.endpoint, '');
    await publisher.subscribers(1, { topic: 'end', timeoutMs: 10_000 });
    for (const topic of ['a', 'ü', 'end']) await publisher.send(topic, Buffer.from(`to ${topic}`));
    expect(JSON.parse(await receiving)).toMatchObject({
      seen: [
        ['a', 'to a'],
        ['ü', 'to ü'],
      ],
    });
  });
});

describe('a Python publisher', () => {
  const messages = sample.map((value, n) => [`topic ${n % 2}`, value] as const);

  test.for(['plain', 'batched'])('sends %s values with topics', async (how, context) => {
    requirePython(context, 'zmq', 'cbor2');
    await using subscriber = await Subscriber.bind<Any>('tcp://127.0.0.1:*');
    const got = gather(subscriber.subscribe('topic', 'end'));
    const sent = how === 'plain' ? messages : messages.map(([topic, v]) => [topic, [v, v, v]]);
    await peer('pub', how, subscriber.endpoint, JSON.stringify(sent));
    await until(() => got.at(-1)?.topic === 'end');
    const each = how === 'plain' ? messages : messages.flatMap((one) => [one, one, one]);
    expect(said(got).slice(0, each.length)).toEqual(each);
    expect(subscriber.stats()).toMatchObject({ faults: 0, missed: 0 });
  });

  test.for(['raw', 'text', 'json'] as const)('sends bytes to codec %s', async (codec, context) => {
    requirePython(context, 'zmq');
    const options = { codec: codec as CodecName };
    await using subscriber = await Subscriber.bind<Any>('tcp://127.0.0.1:*', options);
    const got = gather(subscriber.subscribe(''));
    subscriber.subscribe('end');
    await peer('pub', 'bytes', subscriber.endpoint, JSON.stringify([['a', '"ünï"']]));
    await until(() => got.length >= 1);
    const value = got[0]?.value;
    const text = value instanceof Uint8Array ? Buffer.from(value).toString() : value;
    expect(text).toBe(codec === 'json' ? 'ünï' : '"ünï"');
  });
});

describe('raw zeromq', () => {
  test('a Publisher that binds is understood, and ready knows no more than that it is there', async () => {
    const raw = new zmq.Publisher();
    raw.bindSync('tcp://127.0.0.1:*');
    await using subscriber = await Subscriber.connect<Any>(raw.lastEndpoint ?? '', {
      codec: 'text',
      echoMs: 200,
    });
    expect(await subscriber.subscribe('a').ready()).toBe('connected');
    for (const n of numbers(100)) await raw.send([n % 2 === 0 ? 'a' : 'b', `${n}`]);
    const got = await receiveAll(subscriber, 50);
    expect(got.map(({ value }) => value)).toEqual(numbers(50).map((n) => `${2 * n}`));
    raw.close();
  });

  test('a Subscriber gets topic and text, and may leave the third frame unread', async () => {
    await using publisher = await Publisher.bind<Any>('tcp://127.0.0.1:*', { codec: 'text' });
    const raw = new zmq.Subscriber();
    raw.subscribe('a');
    raw.connect(publisher.endpoint);
    await publisher.subscribers(1, { topic: 'a', timeoutMs: 5000 });
    for (const n of numbers(20)) await publisher.send(n % 2 === 0 ? 'a' : 'b', `${n}`);
    for (const n of numbers(10)) {
      const [topic, body] = await raw.receive();
      expect([String(topic), String(body)]).toEqual(['a', `${2 * n}`]);
    }
    raw.close();
  });

  test('a proxy of XSUB and XPUB lets ready, topics, numbers and unsubscribing through', async () => {
    const front = new zmq.XSubscriber({ linger: 0 });
    const back = new zmq.XPublisher({ linger: 0 });
    for (const each of [front, back]) each.bindSync('tcp://127.0.0.1:*');
    const ended = Promise.allSettled([pass(front, back), pass(back, front)]);
    await using publisher = await Publisher.connect<Any>(front.lastEndpoint ?? '', roomy);
    await publisher.ready({ timeoutMs: 5000 });
    await using subscriber = await Subscriber.connect<Any>(back.lastEndpoint ?? '', roomy);
    expect(await subscriber.subscribe('a', 'end').ready({ timeoutMs: 5000 })).toBe('subscribed');
    await publisher.subscribers(1, { topic: 'a', timeoutMs: 5000 });
    for (const n of numbers(500)) void publisher.send(n % 3 === 0 ? 'b' : `a${n % 3}`, n);
    const wanted = numbers(500).filter((n) => n % 3 !== 0);
    expect(said(await receiveAll(subscriber, wanted.length))).toEqual(
      wanted.map((n) => [`a${n % 3}`, n]),
    );
    expect(await subscriber.unsubscribe('a').ready({ timeoutMs: 5000 })).toBe('subscribed');
    for (const topic of ['a', 'end']) await publisher.send(topic, 0);
    expect(await subscriber.receive()).toEqual({ topic: 'end', value: 0 });
    expect(subscriber.stats()).toMatchObject({ missed: 0, faults: 0 });
    for (const each of [front, back]) each.close();
    await ended;
  });
});

/** Passes messages on until one of the sockets closes. */
async function pass(
  from: zmq.XSubscriber | zmq.XPublisher,
  to: zmq.XSubscriber | zmq.XPublisher,
): Promise<void> {
  for (;;) await to.send(await from.receive());
}
