/**
 * What publish and subscribe carry, by each codec, checked by a schema, and counted.
 */
import { type Codec, Publisher, Subscriber } from 'brokerless';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { rejects } from '../contracts/lifecycle.ts';
import { numbers } from '../support/collect.ts';
import { receiveAll } from '../support/receive.ts';
import { thrownBy } from '../support/thrown.ts';
import { until } from '../support/until.ts';

type Any = Record<string, unknown>;

const roomy = { highWaterMark: 10_000 };
const said = (got: readonly { topic: string; value: unknown }[]) =>
  got.map(({ topic, value }) => [topic, value]);

const point: Codec<{ x: number; y: number }> = {
  encode: ({ x, y }) => `${x} ${y}`,
  decode(bytes) {
    const [x, y] = Buffer.from(bytes).toString().split(' ').map(Number);
    if (x === undefined || y === undefined) throw new TypeError('not a point');
    return { x, y };
  },
};

const plain = (value: unknown): unknown =>
  value instanceof Uint8Array ? [...value] : Array.isArray(value) ? value.map(plain) : value;

describe('codecs', () => {
  const frames = [[Uint8Array.of(1)], [Uint8Array.of(1), Uint8Array.of(), Uint8Array.of(2, 3)]];

  test.for([
    ['json', [{ a: [1, null] }, 'text', 0.5]],
    ['text', ['', 'ünïcödé 🎉', '\0']],
    ['raw', [Uint8Array.of(1, 2), Uint8Array.of(), new Uint8Array(100_000).fill(7)]],
    ['cbor', [1n << 70n, undefined, new Date(5), Uint8Array.of(1), 'x'.repeat(70_000)]],
    [point, [{ x: 1, y: -2.5 }]],
  ] as const)('%o carries its values, numbered', async ([codec, values]) => {
    const options = { codec: codec as Codec<unknown> };
    await using publisher = await Publisher.bind<Any>('ipc://*', options);
    await using subscriber = await Subscriber.connect<Any>(publisher.endpoint, options);
    expect(await subscriber.subscribe('').ready()).toBe('subscribed');
    for (const value of values) await publisher.send('topic', value);
    const got = await receiveAll(subscriber, values.length);
    expect(got.map(({ value }) => plain(value))).toEqual(values.map(plain));
    expect(subscriber.stats()).toMatchObject({ faults: 0, missed: 0 });
  });

  test('frames cannot be numbered, and no other codec needs to say so', () => {
    const options = { codec: 'frames' as const, numbered: true };
    thrownBy(() => void new Publisher<Any>(options), 'BAD_OPTION');
  });

  test('frames arrive as they were sent, unnumbered', async () => {
    const options = { codec: 'frames' as const };
    await using publisher = await Publisher.bind<Any>('ipc://*', options);
    await using subscriber = await Subscriber.connect<Any>(publisher.endpoint, options);
    expect(await subscriber.subscribe('').ready()).toBe('subscribed');
    for (const value of frames) await publisher.send('topic', value);
    expect((await receiveAll(subscriber, 2)).map(({ value }) => plain(value))).toEqual(
      frames.map(plain),
    );
  });
});

describe('a schema', () => {
  const schema = z.object({ n: z.number() });
  const slow = schema.refine(async ({ n }) => n < 1000);

  test.for([schema, slow])(
    'drops and counts what it refuses, and that is not missed',
    async (own) => {
      const faults: string[] = [];
      await using publisher = await Publisher.bind<Any>('ipc://*', roomy);
      await using subscriber = await Subscriber.connect<Record<string, { n: number }>>(
        publisher.endpoint,
        { ...roomy, schema: own, onFault: ({ message }) => faults.push(message) },
      );
      await subscriber.subscribe('').ready();
      const sent = numbers(400).map(
        (n) => [n % 2 === 0 ? 'a' : 'b', { n: n % 3 === 0 ? '' : n }] as const,
      );
      for (const [topic, value] of sent) void publisher.send(topic, value);
      await publisher.send('end', { n: 0 });
      const good = sent.filter((_, n) => n % 3 !== 0);
      expect(said(await receiveAll(subscriber, good.length + 1))).toEqual([
        ...good,
        ['end', { n: 0 }],
      ]);
      expect(subscriber.stats()).toMatchObject({ missed: 0, faults: 400 - good.length });
      expect(faults[0]).toMatch(/schema/);
    },
  );
});

describe('the numbers', () => {
  test('of both ends are of values, and of all bytes that travel', async () => {
    await using publisher = await Publisher.bind<Any>('tcp://127.0.0.1:*', { codec: 'raw' });
    await using subscriber = await Subscriber.connect<Any>(publisher.endpoint, { codec: 'raw' });
    await subscriber.subscribe('a').ready();
    await until(() => publisher.stats().connections === 1);
    const asked = publisher.stats().bytesSent; // The answer to ready().
    for (const n of numbers(10)) await publisher.send(n < 8 ? 'ab' : 'b', new Uint8Array(100));
    await receiveAll(subscriber, 8);
    expect(publisher.stats()).toMatchObject({
      sent: 10,
      bytesSent: asked + 8 * 102 + 2 * 101,
      received: 0,
      dropped: 0,
      refused: 0,
      faults: 0,
      depth: 0,
      depthBytes: 0,
      connections: 1,
    });
    expect(subscriber.stats()).toEqual({
      sent: 0,
      bytesSent: 0,
      received: 8,
      bytesReceived: 8 * 118,
      dropped: 0,
      refused: 0,
      faults: 0,
      missed: 0,
      depth: 0,
      depthBytes: 0,
      connections: 1,
    });
  });

  test('count a value that cannot travel nowhere, and what nobody wants as sent', async () => {
    await using publisher = await Publisher.bind<Any>('inproc://nobody', { maxMessageBytes: 10 });
    await rejects(
      publisher.send('a', () => {}),
      'BAD_VALUE',
    );
    await rejects(publisher.send('a', 'x'.repeat(20)), 'TOO_LARGE');
    await rejects(publisher.send('a', 1, { signal: AbortSignal.abort() }), 'ABORTED');
    await publisher.send('a', 1);
    await until(() => publisher.stats().sent === 1);
    expect(publisher.stats()).toMatchObject({ sent: 1, dropped: 0, refused: 0, depth: 0 });
  });

  test('show what was received while ready was awaited, and not taken', async () => {
    await using publisher = await Publisher.bind<Any>('ipc://*');
    const subscriber = await Subscriber.connect<Any>(publisher.endpoint);
    await subscriber.subscribe('a').ready();
    await publisher.send('a', 1);
    await until(() => publisher.stats().sent === 1);
    await subscriber.ready(); // The value came before the answer.
    const { depth } = subscriber.stats();
    const { unread } = await subscriber.close();
    expect({ depth, unread }).toEqual({ depth: 1, unread: 1 });
  });
});
