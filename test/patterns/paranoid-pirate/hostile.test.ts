/**
 * Tests of strangers at both doors of a queue: whatever they say is counted, costs little memory, and
 * everybody else is served. Rows 18 to 21 of the project's fault model.
 */
import { randomBytes } from 'node:crypto';
import { encodeTag } from 'brokerless/kit';
import { describe, expect, test } from 'vitest';
import * as zmq from 'zeromq';
import { numbers } from '../../support/collect.ts';
import { bytes, hello, message, oldPeers, Stranger, sayings } from '../../support/stranger.ts';
import { until } from '../../support/until.ts';
import { askAll, LONG, later, PATIENT, type Pirates, sorted, startPirates } from './running.ts';

const EMPTY = Buffer.alloc(0);
const [READY, BEAT] = [Buffer.of(1), Buffer.of(2)];
const LANES = 16;
const doors = ['clients', 'workers'] as const;

/** A queue with a good worker, who comes first when there is work and has hands for all that is asked. */
async function start(options: Parameters<typeof startPirates>[0] = {}): Promise<Pirates> {
  const pirates = await startPirates({ assign: 'priority', ...options });
  await pirates.work((x: number) => 2 * x, { concurrency: LANES });
  return pirates;
}

/** Good clients are served, by the good worker. */
async function expectServed(pirates: Pirates, count = 100): Promise<void> {
  const client = await pirates.client<number, number>();
  const { answers, failures } = sorted(
    await askAll(numbers(count), LANES, (x) => client.request(x)),
  );
  expect(failures).toEqual([]);
  expect(answers).toEqual(numbers(count).map((x) => 2 * x));
  await client.close();
}

/** A raw DEALER, closed with the scope. */
function rawDealer(endpoint: string): { readonly raw: zmq.Dealer } & Disposable {
  const raw = new zmq.Dealer({ linger: 0, receiveTimeout: LONG.timeoutMs });
  raw.connect(endpoint);
  return { raw, [Symbol.dispose]: () => raw.close() };
}

/** So many strangers that have shaken hands. */
async function shaken(endpoint: string, count: number): Promise<Stranger[]> {
  const strangers = numbers(count).map(() => new Stranger(endpoint, hello('DEALER')));
  const GREETING_BYTES = 64;
  await until(() => strangers.every(({ received }) => received > GREETING_BYTES + 8), LONG);
  return strangers;
}

describe.each(doors)('at the door for %s', PATIENT, (door) => {
  test('strangers that speak no ZeroMQ change nothing', async () => {
    await using pirates = await start();
    const strangers = [...sayings, ...oldPeers].map(
      ([, said]) => new Stranger(pirates.queue[door], said),
    );
    await expectServed(pirates);
    expect(pirates.queue.stats().workers).toBe(LANES);
    for (const stranger of strangers) stranger[Symbol.dispose]();
  });

  test('each message that makes no sense is a fault', async () => {
    await using pirates = await start();
    using stranger = rawDealer(pirates.queue[door]);
    const nonsense = [
      [Buffer.of(9)],
      [Buffer.from('READY')],
      [Buffer.from('a'), Buffer.from('b')],
      [Buffer.from('a'), EMPTY],
      numbers(100).map(() => Buffer.from('x')),
    ];
    for (const frames of nonsense) await stranger.raw.send(frames);
    await until(() => pirates.queue.stats().faults + pirates.queue.stats().late >= 5, LONG);
    await expectServed(pirates);
    const { faults, late } = pirates.queue.stats();
    // At the door for workers, what has several frames is the answer of a worker that nobody knows.
    expect([faults, late]).toEqual(door === 'clients' ? [5, 0] : [2, 3]);
  });

  test('random frames cost nobody but who sends them', async () => {
    await using pirates = await start();
    using stranger = rawDealer(pirates.queue[door]);
    for (const n of numbers(2000)) {
      await stranger.raw.send(numbers(1 + (n % 4)).map(() => randomBytes(1 + (n % 50))));
    }
    await expectServed(pirates);
    const counted = (): number => pirates.queue.stats().faults + pirates.queue.stats().late;
    await until(() => counted() >= 1900, LONG); // One byte in 256 is a command.
    expect(pirates.queue.stats().received).toBe(100);
  });

  test('a frame over the limit cuts its sender, and many frames over it together are a fault', async () => {
    await using pirates = await start({ maxMessageBytes: 1000 });
    const before = process.memoryUsage.rss();
    using greedy = new Stranger(pirates.queue[door], hello('DEALER'));
    greedy.say(Buffer.concat([bytes('02 0000000fffffffff'), randomBytes(1000)]));
    await until(() => greedy.cut, { ...LONG, what: 'a frame of 64 GiB is refused' });
    using other = rawDealer(pirates.queue[door]);
    await other.raw.send(['a', '', ...numbers(500).map(() => Buffer.alloc(1000))]);
    await until(() => pirates.queue.stats().faults === 1, LONG);
    await expectServed(pirates);
    expect(pirates.queue.stats().faults).toBe(1);
    expect(process.memoryUsage.rss() - before).toBeLessThan(128 << 20);
  });
});

describe('a hostile worker', PATIENT, () => {
  /** One that has been given a request, and its tag; the good worker is there, and busy. */
  async function given(pirates: Pirates, endpoint: string) {
    const stranger = rawDealer(endpoint);
    await stranger.raw.send(READY);
    await until(() => pirates.queue.stats().idle === 1, LONG);
    return stranger;
  }

  test("cannot answer for others: not with another's tag, nor with any other", async () => {
    await using pirates = await startPirates({ heartbeatMs: 5000 });
    using victim = await given(pirates, pirates.queue.workers);
    const client = await pirates.client<string, string>({ codec: 'text' });
    const asked = later(client.request('x'));
    let tag: Buffer = EMPTY;
    while (tag.length === 0) {
      const [first = EMPTY, ...more] = await victim.raw.receive();
      if (more.length > 0) tag = first;
    }
    using forger = await given(pirates, pirates.queue.workers);
    const forged = [
      tag,
      ...numbers(50).map(() => randomBytes(16)),
      encodeTag(randomBytes(8), 1, 1),
    ];
    for (const each of forged) await forger.raw.send([each, EMPTY, 'forged']);
    await until(() => pirates.queue.stats().late === forged.length, LONG);
    await victim.raw.send([tag, EMPTY, 'true']);
    expect(await asked).toBe('true');
    await victim.raw.send([tag, EMPTY, 'again']);
    await until(() => pirates.queue.stats().late === forged.length + 1, LONG);
    expect(pirates.queue.stats()).toMatchObject({ sent: 1, redelivered: 0 });
  });

  test('is one worker, however often it says READY', async () => {
    await using pirates = await start();
    const joined: string[] = [];
    pirates.queue.on('worker:join', ({ worker }) => joined.push(worker));
    using eager = rawDealer(pirates.queue.workers);
    for (const _ of numbers(1000)) await eager.raw.send(READY);
    await expectServed(pirates);
    await until(() => joined.length > 0, LONG);
    expect([joined.length, pirates.queue.stats().workers]).toEqual([1, LANES + 1]);
  });

  test('that beats and was never READY is given nothing', async () => {
    await using pirates = await start({ assign: 'longest-idle' });
    using beating = rawDealer(pirates.queue.workers);
    for (const _ of numbers(1000)) await beating.raw.send(BEAT);
    await expectServed(pirates);
    expect(pirates.queue.stats().workers).toBe(LANES);
  });

  test('among a thousand connections that are READY and never answer is forgotten soon', async () => {
    await using pirates = await start({ heartbeatMs: 600 });
    const before = process.memoryUsage.rss();
    const crowd = await shaken(pirates.queue.workers, 1000);
    for (const stranger of crowd) stranger.say(message(READY));
    await until(() => pirates.queue.stats().workers > 100, LONG);
    await expectServed(pirates);
    await until(() => pirates.queue.stats().workers === LANES, LONG);
    await expectServed(pirates);
    expect(process.memoryUsage.rss() - before).toBeLessThan(256 << 20);
    for (const stranger of crowd) stranger[Symbol.dispose]();
  });

  test('with thousands like it is not let in beyond maxWorkers', async () => {
    await using pirates = await start({ maxWorkers: LANES + 5 });
    const crowd = await shaken(pirates.queue.workers, 50);
    for (const stranger of crowd) stranger.say(message(READY));
    await until(() => pirates.queue.stats().faults === 45, LONG);
    expect(pirates.queue.stats().workers).toBe(LANES + 5);
    await expectServed(pirates);
    for (const stranger of crowd) stranger[Symbol.dispose]();
  });
});

describe('a hostile client', PATIENT, () => {
  test('that asks and asks and reads nothing loses its replies, and nobody else does', async () => {
    await using pirates = await start();
    const before = process.memoryUsage.rss();
    const [deaf] = (await shaken(pirates.queue.clients, 1)) as [Stranger];
    deaf.pause();
    const address = numbers(30).map(() => Buffer.alloc(250, 1)); // Comes back with each reply.
    const question = message(...address, EMPTY, Buffer.of(1));
    for (const _ of numbers(20)) deaf.say(Buffer.concat(numbers(100).map(() => question)));
    await expectServed(pirates);
    await until(() => pirates.queue.stats().sent === 2100, LONG);
    await expectServed(pirates);
    deaf[Symbol.dispose]();
    expect(process.memoryUsage.rss() - before).toBeLessThan(256 << 20);
  });

  test('that leaves at once costs the work it asked for and no more', async () => {
    await using pirates = await start();
    for (const _ of numbers(20)) {
      using hasty = rawDealer(pirates.queue.clients);
      for (const n of numbers(20)) await hasty.raw.send([Buffer.of(n), EMPTY, Buffer.of(n)]);
    }
    await expectServed(pirates);
    await until(() => pirates.queue.stats().waiting === 0, LONG);
    expect(pirates.queue.stats()).toMatchObject({ workers: LANES, faults: 0, deadLettered: 0 });
  });
});
