/**
 * Malformed messages to either end of publish and subscribe: each is one fault, and a good peer goes on.
 */
import { Publisher, Subscriber } from 'brokerless';
import { describe, expect, test } from 'vitest';
import * as zmq from 'zeromq';
import { encodeSequence } from '../../src/wire/sequence.ts';
import { MAX_TOPIC_BYTES } from '../../src/wire/topic-packer.ts';
import { numbers } from '../support/collect.ts';
import { receiveAll } from '../support/receive.ts';
import { bytes, hello, message, Stranger } from '../support/stranger.ts';
import { until } from '../support/until.ts';
import { batchOf, hex } from '../support/wire.ts';

type Numbers = Record<string, number>;

const epoch = Buffer.from('an epoch');
const number = (first: number): Uint8Array => encodeSequence(epoch, first);

describe('a publisher', () => {
  test('counts what is no subscription, and serves a good subscriber', async () => {
    const faults: string[] = [];
    await using publisher = await Publisher.bind<Numbers>('tcp://127.0.0.1:*', {
      onFault: ({ code, message }) => faults.push(`${code} ${message}`),
    });
    const rude = new zmq.XSubscriber({ linger: 0 });
    rude.connect(publisher.endpoint);
    const long = Buffer.alloc(MAX_TOPIC_BYTES + 2, 'a').fill(1, 0, 1);
    const junk = ['', '\u0002', 'hello', ['a', 'b'], ['\u0002a', 'b', 'c'], long];
    for (const each of junk) await rude.send(each);
    await until(() => publisher.stats().faults === junk.length);
    await using good = await Subscriber.connect<Numbers>(publisher.endpoint);
    expect(await good.subscribe('a').ready()).toBe('subscribed');
    for (const n of numbers(10)) await publisher.send('a', n);
    expect((await receiveAll(good, 10)).map(({ value }) => value)).toEqual(numbers(10));
    expect(publisher.stats().faults).toBe(junk.length);
    expect(faults).toHaveLength(junk.length);
    expect(faults[0]).toMatch(/^BAD_MESSAGE/);
    rude.close();
  });

  test('is not misled by a stranger that takes back what others asked for', async () => {
    await using publisher = await Publisher.bind<Numbers>('tcp://127.0.0.1:*');
    await using good = await Subscriber.connect<Numbers>(publisher.endpoint);
    expect(await good.subscribe('a').ready()).toBe('subscribed');
    using stranger = new Stranger(publisher.endpoint, hello('SUB'));
    await until(() => publisher.stats().connections === 2);
    for (const frame of ['00 61', '01']) stranger.say(message(bytes(frame)));
    await publisher.subscribers(1, { timeoutMs: 5000 });
    await publisher.send('a', 1);
    expect(await good.receive()).toEqual({ topic: 'a', value: 1 });
    // Its count of subscriptions is: XPUB does not tell who takes one back.
    expect(stranger.cut).toBe(false);
  });
});

/** A raw publisher that a subscriber of ours has subscribed to. */
async function rawPublisher(): Promise<[zmq.XPublisher, Subscriber<Numbers>]> {
  const raw = new zmq.XPublisher({ linger: 0 });
  raw.bindSync('tcp://127.0.0.1:*');
  const subscriber = await Subscriber.connect<Numbers>(raw.lastEndpoint ?? '');
  subscriber.subscribe('');
  await raw.receive(); // It knows of the subscription now.
  return [raw, subscriber];
}

describe('a subscriber', () => {
  test.for([
    ['a topic alone', ['a']],
    ['nothing', ['']],
    ['an empty body', ['a', '']],
    ['a body that is no CBOR', ['a', hex('ff')]],
    ['two values that are no batch', ['a', hex('0101')]],
    ['a batch of none', ['a', hex('d9b10c9fff')]],
    ['a third frame that is no number', ['a', hex('01'), 'third']],
    ['a third frame that is empty', ['a', hex('01'), '']],
    ['a number that cannot be counted on', ['a', hex('01'), Buffer.alloc(16, 0xff)]],
    ['four frames', ['a', hex('01'), 'x', 'y']],
    ['a thousand frames', numbers(1000).map(() => 'a')],
  ] as const)('makes one fault of %s', async ([, frames]) => {
    const [raw, subscriber] = await rawPublisher();
    await raw.send([...frames]);
    await raw.send(['b', hex('07')]);
    expect(await subscriber.receive()).toEqual({ topic: 'b', value: 7 });
    expect(subscriber.stats()).toMatchObject({ faults: 1, received: 1, missed: 0 });
    await subscriber.close();
    raw.close();
  });

  test('makes one fault of a message with a frame behind its number', async () => {
    const [raw, subscriber] = await rawPublisher();
    await raw.send(['a', hex('01'), number(0), 'y']);
    await raw.send(['b', hex('07')]);
    const got = await subscriber.receive();
    await subscriber.close();
    raw.close();
    expect(got).toEqual({ topic: 'b', value: 7 });
  });

  test('delivers the values of a batch before the malformed one, and counts on from the next', async () => {
    const [raw, subscriber] = await rawPublisher();
    await raw.send(['a', batchOf(hex('00'), hex('01'), hex('02')), number(0)]);
    await raw.send(['a', batchOf(hex('03'), hex('1c'), hex('05')), number(3)]);
    await raw.send(['a', hex('06'), number(6)]);
    await raw.send(['a', hex('09'), number(9)]);
    const got = await receiveAll(subscriber, 6);
    expect(got.map(({ value }) => value)).toEqual([0, 1, 2, 3, 6, 9]);
    expect(subscriber.stats()).toMatchObject({ faults: 1, received: 6, missed: 2 });
    await subscriber.close();
    raw.close();
  });

  test('misses a message whose number cannot be read once the next one comes', async () => {
    const [raw, subscriber] = await rawPublisher();
    await raw.send(['a', hex('00'), number(0)]);
    await raw.send(['a', batchOf(hex('01'), hex('02')), 'number 1']);
    await raw.send(['a', hex('03'), number(3)]);
    expect((await receiveAll(subscriber, 2)).map(({ value }) => value)).toEqual([0, 3]);
    expect(subscriber.stats()).toMatchObject({ faults: 1, received: 2, missed: 2 });
    await subscriber.close();
    raw.close();
  });

  test('reads numbered and plain messages side by side', async () => {
    const [raw, subscriber] = await rawPublisher();
    await raw.send(['a', hex('00'), number(0)]);
    await raw.send(['a', hex('17')]);
    await raw.send(['a', hex('01'), number(1)]);
    await raw.send(['a', hex('03'), number(3)]);
    const got = await receiveAll(subscriber, 4);
    expect(got.map(({ value }) => value)).toEqual([0, 23, 1, 3]);
    expect(subscriber.stats()).toMatchObject({ faults: 0, received: 4, missed: 1 });
    await subscriber.close();
    raw.close();
  });

  test('takes an answer that it did not ask for as none', async () => {
    const [raw, subscriber] = await rawPublisher();
    await raw.send(['\0whatever', hex('01'), number(0)]);
    await raw.send(['\0', hex('01')]);
    await raw.send(['a', hex('01')]);
    expect(await subscriber.receive()).toEqual({ topic: 'a', value: 1 });
    expect(subscriber.stats()).toMatchObject({ faults: 0, received: 1 });
    await subscriber.close();
    raw.close();
  });
});
