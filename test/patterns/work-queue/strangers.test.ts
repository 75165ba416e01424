/**
 * Tests of strangers that speak the language of a work queue and mean no good: producers that flood, and hubs that
 * say what no hub says.
 */
import type { BrokerlessError } from 'brokerless';
import { connectProducer, startQueueWorker } from 'brokerless/patterns/work-queue';
import { describe, expect, test } from 'vitest';
import * as zmq from 'zeromq';
import { numbers } from '../../support/collect.ts';
import { message, type Stranger } from '../../support/stranger.ts';
import { until } from '../../support/until.ts';
import { cbor, RawPeer, shaken } from './raw.ts';
import { LONG, later, outcomesOf, PATIENT, type Shop, sendAll, startShop } from './running.ts';

const HUGE = Number.MAX_SAFE_INTEGER;
const ITEM = cbor(1);

/** A producer that is there already is served. */
async function served(shop: Shop) {
  await shop.work((x) => 2 * x, { concurrency: 4 });
  const producer = await shop.producer<number, number>();
  return async (): Promise<void> => {
    const outcomes = await outcomesOf(producer, await sendAll(producer, numbers(100)));
    const values = outcomes.map((each) => each.status === 'done' && each.value);
    expect(values).toEqual(numbers(100).map((n) => 2 * n));
  };
}

describe('a hostile producer', PATIENT, () => {
  test('that puts, asks and cancels before it has said who it is does nothing', async () => {
    await using shop = await startShop();
    const expectServed = await served(shop);
    using rude = new RawPeer(shop.hub.producers);
    await rude.say('put', 1, 1, ITEM, null);
    await rude.say('ask', 1);
    await rude.say('cancel', 1);
    await rude.say('bye');
    await until(() => shop.hub.stats().late === 4, LONG);
    await expectServed();
    expect(shop.hub.stats()).toMatchObject({ accepted: 100, done: 100 });
  });

  test('that uses huge numbers gets what it asks for, and time does not run wild', async () => {
    await using shop = await startShop();
    const warnings: string[] = [];
    const onWarning = ({ name }: Error): void => void warnings.push(name);
    process.on('warning', onWarning);
    const expectServed = await served(shop);
    using peer = new RawPeer(shop.hub.producers);
    await peer.say('hello', 1, 'x'.repeat(10_000));
    await peer.say('put', 1, HUGE, ITEM, { outcome: true, priority: 255, maxAttempts: HUGE });
    expect((await peer.hears('accepted'))[0]).toBe(HUGE);
    expect((await peer.hears('outcome')).slice(1, 3)).toEqual(['done', 1]);
    await peer.say('put', 1, 2, ITEM, { delayMs: HUGE, deadlineMs: HUGE, key: '' });
    const [, n] = await peer.hears('accepted');
    await peer.say('ask', HUGE, n);
    expect((await peer.hears('outcome')).slice(0, 2)).toEqual([HUGE, 'lost']);
    await peer.say('cancel', HUGE, 0);
    await expectServed();
    await peer.say('put', HUGE, 3, ITEM, null); // It is settled, so it says.
    await peer.say('cancel', n);
    expect((await peer.hears('outcome')).slice(0, 2)).toEqual([n, 'cancelled']);
    await expectServed();
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
    expect(shop.hub.stats()).toMatchObject({ accepted: 202, done: 201, cancelled: 1 });
  });

  test('that calls itself by ten thousand names costs little, and nobody else anything', async () => {
    await using shop = await startShop({ maxProducers: 2000 });
    const expectServed = await served(shop);
    const before = process.memoryUsage.rss();
    using peer = new RawPeer(shop.hub.producers);
    for (const n of numbers(10_000)) await peer.say('hello', 1, `session-${n}`);
    await peer.say('ask', 1);
    await peer.hears('outcome'); // After all that.
    await expectServed();
    expect(shop.hub.stats().producers).toBeLessThanOrEqual(2);
    expect(process.memoryUsage.rss() - before).toBeLessThan(256 << 20);
  });

  test("that takes another's name takes its connection at most, and that one comes back", async () => {
    await using shop = await startShop();
    await shop.work((x) => 2 * x);
    using victim = new RawPeer(shop.hub.producers);
    await victim.say('hello', 1, 'victim');
    await victim.say('put', 1, 1, ITEM, { outcome: true });
    await victim.hears('outcome');
    using thief = new RawPeer(shop.hub.producers);
    await thief.say('hello', 1, 'victim');
    await thief.hears('welcome');
    await victim.say('hello', 1, 'victim');
    await victim.hears('welcome');
    await victim.say('put', 1, 2, ITEM, { outcome: true });
    expect((await victim.hears('outcome')).slice(1, 3)).toEqual(['done', 1]);
  });

  test('that reads nothing loses what it is told, and nobody else does', async () => {
    await using shop = await startShop();
    const expectServed = await served(shop);
    const before = process.memoryUsage.rss();
    const [deaf] = (await shaken(shop.hub.producers, 1)) as [Stranger];
    deaf.pause();
    deaf.say(message(cbor(['hello', 1, 'deaf'])));
    const many = 20_000;
    for (let seq = 1; seq <= many; seq += 10) {
      const puts = numbers(10).flatMap((n) => [seq + n, ITEM, { outcome: true }]);
      deaf.say(message(cbor(['put', 1, ...puts])));
    }
    await until(() => shop.hub.stats().done >= many, LONG);
    await expectServed();
    deaf[Symbol.dispose]();
    expect(process.memoryUsage.rss() - before).toBeLessThan(256 << 20);
  });
});

/** A hub that says what a test has it say, to whoever has said something. */
class FalseHub implements Disposable {
  readonly #socket = new zmq.Router({ linger: 0, receiveTimeout: LONG.timeoutMs });

  async bind(): Promise<string> {
    await this.#socket.bind('tcp://127.0.0.1:*');
    return this.#socket.lastEndpoint ?? '';
  }

  /** Waits for a message, and says these things to who has sent it. */
  async answers(...lists: readonly unknown[]): Promise<void> {
    const [peer] = await this.#socket.receive();
    for (const list of lists) {
      const frame = Buffer.isBuffer(list) ? list : cbor(list);
      await this.#socket.send([peer as Buffer, frame]);
    }
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}

const welcome = ['welcome', 1, 'epoch', 60_000];
const nonsense = [
  Buffer.from('nonsense'),
  Buffer.alloc(0),
  ['welcome', 1],
  ['welcome', 1, 'epoch', -1],
  ['items', 1, 1],
  ['items', 1, 1, 'text'],
  ['accepted', 1],
  ['refused', 1, 2, 3],
  ['outcome', 1, 'well', 1, ITEM],
  ['outcome', HUGE, 'done'],
  ['stop', 'text'],
  ['unheard', 1],
  [],
];

describe('a false hub', PATIENT, () => {
  test('that speaks another version is heard of by worker and producer', async () => {
    using hub = new FalseHub();
    const endpoint = await hub.bind();
    const errors: BrokerlessError[] = [];
    const onError = (error: unknown): void => void errors.push(error as BrokerlessError);
    const handler = (x: unknown): unknown => x;
    await using worker = await startQueueWorker({ queue: endpoint, handler, onError });
    await hub.answers(['version', 7]);
    await until(() => errors.length === 1, LONG);
    await using producer = await connectProducer(endpoint, { onError, drainMs: 0 });
    await hub.answers(['version', 8]);
    await until(() => errors.length === 2, LONG);
    expect([worker.stats().connections, producer.stats().connections]).toEqual([0, 0]);
    expect(errors.map(({ message: text }) => text)).toEqual([
      expect.stringContaining('version 7'),
      expect.stringContaining('version 8'),
    ]);
  });

  test('has each thing that makes no sense counted, and the worker works on', async () => {
    using hub = new FalseHub();
    const done: unknown[] = [];
    await using worker = await startQueueWorker({
      queue: await hub.bind(),
      handler: (item) => done.push(item),
    });
    const odd = [['stop', 5, 1, HUGE, 1], ['bye'], ['accepted', 1, 1]];
    await hub.answers(welcome, ...nonsense, ...odd, ['items', 1, 1, cbor('a'), 2, 1, cbor('b')]);
    await until(() => done.length > 0, LONG);
    expect(worker.stats()).toMatchObject({ connections: 1, faults: nonsense.length + 2 });
    expect(done[0]).toBe('a');
  });

  test('has each thing that makes no sense counted, and the producer goes on', async () => {
    using hub = new FalseHub();
    await using producer = await connectProducer(await hub.bind(), { drainMs: 0 });
    const sent = later(producer.send(1));
    const odd = [
      ['accepted', 99, 1],
      ['refused', HUGE, 'A', 'b'],
      ['outcome', HUGE, 'done', 1, ITEM],
    ];
    await hub.answers(welcome, ...nonsense, ...odd, ['accepted', 1, 5], ['accepted', 1, 6]);
    expect(await sent).toBe('epoch-5');
    expect(producer.stats()).toMatchObject({ accepted: 1, refused: 0, faults: nonsense.length });
    const refused = later(producer.send(2));
    await hub.answers(); // The put of the first.
    await hub.answers(['refused', 2, 'UNHEARD', 'because']);
    await expect(refused).rejects.toThrow(/because/u);
  });
});
