/**
 * Tests of strangers at both doors of a hub: whatever they say is counted, costs little memory, and everybody else is
 * served.
 */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { numbers } from '../../support/collect.ts';
import {
  bytes,
  hello,
  hostileItems,
  message,
  oldPeers,
  Stranger,
  sayings,
} from '../../support/stranger.ts';
import { until } from '../../support/until.ts';
import { cbor, RawPeer, shaken } from './raw.ts';
import { LONG, later, outcomesOf, PATIENT, type Shop, sendAll, startShop } from './running.ts';

const HUGE = Number.MAX_SAFE_INTEGER;
const ITEM = cbor(1);
const doors = ['producers', 'workers'] as const;

/** A hub with a good worker. */
async function start(options: Parameters<typeof startShop>[0] = {}): Promise<Shop> {
  const shop = await startShop(options);
  await shop.work((x) => 2 * x, { concurrency: 4 });
  return shop;
}

/** A good producer that comes now is served. */
async function expectServed(shop: Shop, count = 100): Promise<void> {
  const producer = await shop.producer<number, number>();
  const outcomes = await outcomesOf(producer, await sendAll(producer, numbers(count)));
  const values = outcomes.map((each) => each.status === 'done' && each.value);
  expect(values).toEqual(numbers(count).map((n) => 2 * n));
  await producer.close();
}

const wrong: (readonly unknown[])[] = [
  [],
  ['nonsense'],
  ['toString'],
  ['__proto__', 1],
  [7],
  [null],
  [['hello', 1, 's']],
  ['hello'],
  ['hello', 1],
  ['hello', 1, 7],
  ['hello', -1, 's'],
  ['hello', 1, 's', 'more'],
  ['ready', 1],
  ['ready', 1, -1],
  ['ready', 1, 1.5],
  ['ready', 1, 2n ** 53n],
  ['ready', 1, 2n ** 64n],
  ['ready', '1', 1],
  ['credit'],
  ['credit', '5'],
  ['done', 1, 1],
  ['done', 1, 1, 'text'],
  ['done', 1, 1, ITEM, 2],
  ['back', 1],
  ['beat', 1],
  ['put', 1, 1, ITEM],
  ['put', 1, 1, 'text', null],
  ['put', 1, 1, ITEM, { priority: 256 }],
  ['put', 1, 1, ITEM, { priority: -1 }],
  ['put', 1, 1, ITEM, { key: 7 }],
  ['put', 1, 1, ITEM, { delayMs: 1.5 }],
  ['put', 1, 1, ITEM, { maxAttempts: 0 }],
  ['put', 1, 1, ITEM, 'text'],
  ['put', 1, -1, ITEM, null],
  ['ask', 'text'],
  ['cancel', null],
];

describe.each(doors)('at the door for %s', PATIENT, (door) => {
  test('strangers that speak no ZeroMQ change nothing', async () => {
    await using shop = await start();
    const strangers = [...sayings, ...oldPeers].map(
      ([, said]) => new Stranger(shop.hub[door], said),
    );
    await expectServed(shop);
    expect(shop.hub.stats()).toMatchObject({ workers: 1, accepted: 100, done: 100 });
    for (const stranger of strangers) stranger[Symbol.dispose]();
  });

  test('each message that makes no sense is a fault', async () => {
    await using shop = await start();
    using stranger = new RawPeer(shop.hub[door]);
    const frames = [
      [Buffer.alloc(0)],
      [Buffer.from('READY')],
      [cbor(['beat']), cbor(['beat'])],
      [cbor({ 0: 'hello', 1: 1, 2: 's' })],
      [cbor('hello')],
      [Buffer.concat([cbor(['beat']), cbor(['beat'])])],
      ...hostileItems.map(([, item]) => [item]),
      ...wrong.map((list) => [cbor(list)]),
    ];
    for (const each of frames) await stranger.send(...each);
    await until(() => shop.hub.stats().faults >= frames.length, LONG);
    await expectServed(shop);
    const { faults, workers, accepted } = shop.hub.stats();
    expect([faults, workers, accepted]).toEqual([frames.length, 1, 100]);
  });

  test('random bytes cost nobody but who sends them', async () => {
    await using shop = await start();
    using stranger = new RawPeer(shop.hub[door]);
    for (const n of numbers(2000)) {
      const frames = numbers(1 + (n % 3)).map(() => randomBytes(1 + (n % 50)));
      await stranger.send(...frames);
    }
    await expectServed(shop);
    await until(() => shop.hub.stats().faults === 2000, LONG);
  });

  test('lists that begin well and go on at random do no harm', async () => {
    await using shop = await start();
    using stranger = new RawPeer(shop.hub[door]);
    const words = ['hello', 'put', 'ask', 'cancel', 'done', 'failed', 'discard', 'back', 'credit'];
    const pieces = [
      0,
      1,
      7,
      HUGE,
      -1,
      1.5,
      '',
      'a',
      ITEM,
      null,
      {},
      { key: 'k', unique: true },
      [],
    ];
    for (const n of numbers(3000)) {
      const rest = Array.from(randomBytes(n % 9), (at) => pieces[at % pieces.length]);
      await stranger.say(words[n % words.length], ...rest);
    }
    await expectServed(shop);
  });

  test('a frame over the limit cuts its sender', async () => {
    await using shop = await start({ maxMessageBytes: 1000 });
    const before = process.memoryUsage.rss();
    using greedy = new Stranger(shop.hub[door], hello('DEALER'));
    greedy.say(Buffer.concat([bytes('02 0000000fffffffff'), randomBytes(1000)]));
    await until(() => greedy.cut, { ...LONG, what: 'a frame of 64 GiB is refused' });
    await expectServed(shop);
    expect(process.memoryUsage.rss() - before).toBeLessThan(128 << 20);
  });

  test('who speaks another version is told which is spoken here', async () => {
    await using shop = await start();
    for (const version of [0, 2, HUGE]) {
      using stranger = new RawPeer(shop.hub[door]);
      await stranger.say(door === 'producers' ? 'hello' : 'ready', version, { what: 'else' });
      expect(await stranger.hears('version')).toEqual([1]);
    }
    await expectServed(shop);
    expect(shop.hub.stats()).toMatchObject({ faults: 3, workers: 1 });
  });
});

describe('a hostile worker', PATIENT, () => {
  test("cannot answer for others' items, nor for those that nobody was given", async () => {
    await using shop = await startShop({ heartbeatMs: 5000 });
    using victim = new RawPeer(shop.hub.workers);
    await victim.say('ready', 1, 1);
    await victim.hears('welcome');
    const producer = await shop.producer();
    const asked = later(producer.outcome(await producer.send(1)));
    const [n, attempt] = await victim.hears('items');
    using forger = new RawPeer(shop.hub.workers);
    await forger.say('done', n, attempt, ITEM); // Before it is a worker at all.
    await forger.say('ready', 1, 0);
    for (const word of ['done', 'failed', 'discard']) await forger.say(word, n, attempt, ITEM);
    await forger.say('back', n, attempt, n, attempt);
    await forger.say('done', HUGE, HUGE, ITEM, 0, 0, ITEM);
    await victim.say('done', n, 2, ITEM);
    await until(() => shop.hub.stats().late === 9, LONG);
    await victim.say('done', n, attempt, cbor('true'));
    expect(await asked).toMatchObject({ status: 'done', value: 'true', attempts: 1 });
    await victim.say('done', n, attempt, cbor('again'));
    await until(() => shop.hub.stats().late === 10, LONG);
    expect(shop.hub.stats()).toMatchObject({ accepted: 1, done: 1, redelivered: 0, faults: 0 });
  });

  test('that is ready twice begins anew, and what it had is given out again', async () => {
    await using shop = await startShop({ heartbeatMs: 5000 });
    const lost: string[] = [];
    shop.hub.on('worker:lost', ({ reason }) => lost.push(reason));
    using twice = new RawPeer(shop.hub.workers);
    await twice.say('ready', 1, 2);
    const producer = await shop.producer();
    const ids = await sendAll(producer, [1, 2]);
    await until(() => shop.hub.stats().inFlight === 2, LONG);
    await twice.say('ready', 1, 0);
    await until(() => lost.length === 1, LONG);
    expect(lost).toEqual(['restarted']);
    await shop.work((x) => x);
    const outcomes = await outcomesOf(producer, ids);
    expect(outcomes).toMatchObject([{ attempts: 2 }, { attempts: 2 }]);
    expect(shop.hub.stats()).toMatchObject({ workers: 2, redelivered: 2 });
  });

  test('that asks for all there is and does nothing is forgotten soon', async () => {
    await using shop = await start({ heartbeatMs: 100, maxAttempts: 10 });
    const peers = numbers(20).map(() => new RawPeer(shop.hub.workers));
    await Promise.all(peers.map((peer) => peer.say('ready', 1, HUGE)));
    await until(() => shop.hub.stats().workers > 10, LONG);
    for (const peer of peers) await peer.say('credit', HUGE);
    await expectServed(shop, 500);
    await until(() => shop.hub.stats().workers === 1, LONG);
    expect(shop.hub.stats()).toMatchObject({ accepted: 500, done: 500, failed: 0 });
    for (const peer of peers) peer[Symbol.dispose]();
  });

  test('with thousands like it is not let in beyond maxWorkers', async () => {
    await using shop = await start({ maxWorkers: 5, heartbeatMs: 5000 });
    const crowd = await shaken(shop.hub.workers, 50);
    for (const stranger of crowd) stranger.say(message(cbor(['ready', 1, 0])));
    await until(() => shop.hub.stats().faults === 46, LONG);
    expect(shop.hub.stats().workers).toBe(5);
    await expectServed(shop);
    for (const stranger of crowd) stranger[Symbol.dispose]();
  });
});
