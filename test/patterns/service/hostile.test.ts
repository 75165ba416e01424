/**
 * Tests of strangers at the door of a server: whatever they say is counted, costs little memory, and everybody else is
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
import { cbor, shaken } from '../work-queue/raw.ts';
import { HUGE, helloOf, RawClient, saying } from './raw.ts';
import { LONG, PATIENT } from './running.ts';
import { COUNT, DOUBLE, expectServed, HELLO, HOLD, introduced, NOTED, start } from './stall.ts';

const [CALL, OPEN, EVENT, MORE, CANCEL] = [2, 3, 4, 5, 6] as const;

/** Of two items the first would be what the call is given. */
const isOne = ([what]: readonly [string, ...unknown[]]): boolean => what !== 'two items';

const senseless: readonly (readonly [what: string, ...frames: readonly Buffer[]])[] = [
  ['an empty frame', Buffer.alloc(0)],
  ['text', Buffer.from('hello')],
  ['two frames', saying([10]), saying([10])],
  ['a hundred frames', ...numbers(100).map(() => Buffer.from('x'))],
  ['a map', cbor({ 0: 'bs1', 1: 10 })],
  ['another word', cbor(['bs2', 10])],
  ['no word', cbor([10])],
  ['two lists', Buffer.concat([saying([10]), saying([10])])],
  ['an entry of a server', saying([13, 1, 2])],
  ['an entry that nobody knows', saying([99])],
  ['a word for an entry', cbor(['bs1', 'beat'])],
  ['a list in the list', cbor(['bs1', [10]])],
  ['a call without an end', saying([CALL, 1, DOUBLE, 0, null])],
  ['a call of no method', saying([CALL, 1, 4, 0, null, 1])],
  ['a call of a stream', saying([CALL, 1, COUNT, 0, null, 1])],
  ['a stream of a call', saying([OPEN, 1, DOUBLE, 0, 1, null, 1])],
  ['an event that is a call', saying([EVENT, DOUBLE, 0, null, 1])],
  ['a call with a number below 0', saying([CALL, -1, DOUBLE, 0, null, 1])],
  ['a call with part of a number', saying([CALL, 1.5, DOUBLE, 0, null, 1])],
  ['a call with too great a number', saying([CALL, 2n ** 64n - 1n, DOUBLE, 0, null, 1])],
  ['a call with text for its number', saying([CALL, '1', DOUBLE, 0, null, 1])],
  ['a call with text for what comes along', saying([CALL, 1, DOUBLE, 0, 'text', 1])],
  ['a call with an empty key', saying([CALL, 1, DOUBLE, 0, { key: '' }, 1])],
  ['a call with a number for its key', saying([CALL, 1, DOUBLE, 0, { key: 7 }, 1])],
  ['a call with numbers for headers', saying([CALL, 1, DOUBLE, 0, { headers: { a: 1 } }, 1])],
  ['a call with a list of headers', saying([CALL, 1, DOUBLE, 0, { headers: ['a'] }, 1])],
  ['a stream with less than no credit', saying([OPEN, 1, COUNT, 0, -1, null, 1])],
  ['more of a thing that is no number', saying([MORE, 'all', 1])],
  ['a question that nobody knows', saying([7, 1, 'secrets'])],
  ['a second hello', saying(HELLO)],
  ...hostileItems.map(([what, item]) => [what, item] as const),
  ...hostileItems.filter(isOne).map(([what, item]) => {
    const list = saying([CALL, 1, DOUBLE, 0, null]);
    list[0] = Number(list[0]) + 1;
    return [`a call with ${what}`, Buffer.concat([list, item])] as const;
  }),
];

describe('at the door of a server', PATIENT, () => {
  test('strangers that speak no ZeroMQ change nothing', async () => {
    await using stall = await start();
    const strangers = [...sayings, ...oldPeers].map(
      ([, said]) => new Stranger(stall.server.endpoint, said),
    );
    await expectServed(stall);
    expect(stall.server.stats()).toMatchObject({ clients: 1, received: 100, sent: 100 });
    for (const stranger of strangers) stranger[Symbol.dispose]();
  });

  test('each message that makes no sense is one fault, and is offered', async () => {
    await using stall = await start();
    using stranger = await introduced(stall);
    for (const [n, [what, ...frames]] of senseless.entries()) {
      await stranger.send(...frames);
      await until(() => stall.server.stats().faults > n, { ...LONG, what: `${what} is a fault` });
      expect(stall.server.stats().faults, what).toBe(n + 1);
    }
    await stranger.say([CALL, 1, DOUBLE, 0, null, 21]);
    expect(await stranger.hears('result')).toEqual([1, 42]);
    expect(stall.faults.map(({ code }) => code)).toEqual(senseless.map(() => 'BAD_MESSAGE'));
    expect(stall.server.stats()).toMatchObject({ clients: 2, received: 1 });
    await expectServed(stall);
  });

  test('who has not introduced itself is told so, and not listened to', async () => {
    await using stall = await start();
    using stranger = new RawClient(stall.server.endpoint);
    const wrong = [
      [1],
      [1, 'stalls', '1'],
      [1, 'stalls', '1', ''],
      [1, 'stalls', 1, '', 0],
      [1, 'stalls', '1', '', 5, 'call double'],
      [1, 'stalls', '1', '', 2, 'call double', 7],
      [CALL, 1, DOUBLE, 0, null, 1],
      [10],
      [9],
    ];
    for (const [n, entry] of wrong.entries()) {
      await stranger.say(entry, [CALL, 2, HOLD, 0, null, 1]);
      await stranger.hears('unknown');
      expect(stall.server.stats().faults).toBe(n + 1);
    }
    expect(stall.server.stats()).toMatchObject({ clients: 1, received: 0, inFlight: 0 });
    await expectServed(stall);
  });

  test('random bytes cost nobody but who sends them', async () => {
    await using stall = await start();
    using stranger = await introduced(stall);
    for (const n of numbers(2000)) {
      await stranger.send(...numbers(1 + (n % 3)).map(() => randomBytes(1 + (n % 50))));
    }
    await expectServed(stall);
    await until(() => stall.server.stats().faults === 2000, LONG);
  });

  test('messages that begin well and go on at random do no harm', async () => {
    await using stall = await start();
    using stranger = await introduced(stall);
    const pieces = [0, 1, 2, 3, HUGE, -1, 1.5, '', 'a', null, {}, { key: 'k' }, [], 5, 6, 7, 10];
    for (const n of numbers(3000)) {
      const rest = Array.from(randomBytes(n % 9), (at) => pieces[at % pieces.length]);
      await stranger.send(saying([1 + (n % 8), ...rest]));
    }
    await expectServed(stall);
  });

  test('a frame over the limit cuts its sender, and an input over it is refused', async () => {
    await using stall = await start({ maxMessageBytes: 1000 });
    const before = process.memoryUsage.rss();
    using greedy = new Stranger(stall.server.endpoint, hello('DEALER'));
    greedy.say(Buffer.concat([bytes('02 0000000fffffffff'), randomBytes(1000)]));
    await until(() => greedy.cut, { ...LONG, what: 'a frame of 64 GiB is refused' });
    using stranger = await introduced(stall);
    await stranger.say([CALL, 1, DOUBLE, 0, null, 'x'.repeat(1001)]);
    expect((await stranger.hears('refused')).slice(0, 2)).toEqual([1, 'BAD_INPUT']);
    await expectServed(stall);
    expect(stall.server.stats().methods['double']).toMatchObject({ invalid: 1, done: 100 });
    expect(process.memoryUsage.rss() - before).toBeLessThan(128 << 20);
  });

  test('a hello of a hundred thousand methods is a fault, one of thousands a short answer', async () => {
    await using stall = await start();
    using stranger = new RawClient(stall.server.endpoint);
    const many = (count: number): string[] => numbers(count).map((n) => `call m${n}`);
    await stranger.say(helloOf('stalls', ...many(100_000).map((each) => each.slice(0, 7))));
    await stranger.hears('unknown');
    await stranger.say(helloOf('stalls', ...many(10_000)));
    const [reason] = await stranger.hears('mismatch');
    expect(reason).toMatch(/"call m4" and 9995 more$/);
    await stranger.say(helloOf('x'.repeat(1_000_000)));
    const [other] = await stranger.hears('mismatch');
    expect(String(other).length).toBeLessThan(1000);
    expect(stall.server.stats()).toMatchObject({ faults: 1, clients: 1 });
    await expectServed(stall);
  });
});

describe('a client that means no good', PATIENT, () => {
  test('and calls by a number twice is answered once', async () => {
    await using stall = await start();
    using stranger = await introduced(stall);
    const one = [CALL, 1, HOLD, 0, null, 5];
    await stranger.say(one, one, [OPEN, 1, COUNT, 0, 1, null, 5], [CALL, HUGE, HOLD, 0, null, 6]);
    await until(() => stall.server.stats().faults === 2, LONG);
    stall.open();
    expect(await stranger.hears('result')).toEqual([1, 5]);
    expect(await stranger.hears('result')).toEqual([HUGE, 6]);
    expect(stall.server.stats()).toMatchObject({ received: 2, sent: 2, inFlight: 0 });
  });

  test('and cancels, or grants more of, what it never asked does nothing', async () => {
    await using stall = await start();
    using stranger = await introduced(stall);
    await stranger.say([CANCEL, 7], [MORE, 7, 1], [CANCEL, HUGE], [8], [8], [10]);
    await stranger.say([CALL, 1, DOUBLE, HUGE, null, 1], [CANCEL, 1], [CANCEL, 1]);
    await stranger.say([CALL, 2, DOUBLE, 0, null, 2]);
    await stranger.hears('result');
    await expectServed(stall);
    expect(stall.server.stats()).toMatchObject({ faults: 0, inFlight: 0, depth: 0 });
  });

  test('with hundreds more is not let in beyond maxClients', async () => {
    await using stall = await start({ maxClients: 50 });
    const crowd = await shaken(stall.server.endpoint, 300);
    const frame = saying(HELLO);
    for (const stranger of crowd) stranger.say(message(frame));
    await until(() => stall.server.stats().clients === 50, LONG);
    await expectServed(stall);
    expect(stall.server.stats().clients).toBe(50);
    for (const stranger of crowd) stranger[Symbol.dispose]();
    await until(() => stall.server.stats().clients === 1, LONG);
  });

  test('and opens streams without end is stopped when it goes, and others are served', async () => {
    await using stall = await start();
    using stranger = await introduced(stall);
    for (const n of numbers(500)) await stranger.say([OPEN, n, COUNT, 0, 0, null, n]);
    await stranger.say([OPEN, 600, COUNT, 0, HUGE, null, 0], [MORE, 600, HUGE], [MORE, 600, HUGE]);
    await stranger.hears('item');
    await expectServed(stall);
    expect(stall.server.stats().inFlight).toBe(501);
    await stranger.say([9]);
    await until(() => stall.streams.ended === stall.streams.begun, LONG);
    await until(() => stall.server.stats().inFlight === 0, LONG);
    expect(stall.server.stats()).toMatchObject({ clients: 1, faults: 0 });
  });

  test('and says three hundred thousand times that it is alive is heard, and others between', async () => {
    await using stall = await start();
    const [flood] = (await shaken(stall.server.endpoint, 1)) as [Stranger];
    flood.say(message(saying(HELLO)));
    await until(() => stall.server.stats().clients === 2, LONG);
    const thousand = Buffer.concat(numbers(1000).map(() => message(saying([10]))));
    for (const _ of numbers(300)) flood.say(thousand);
    flood.say(message(saying([EVENT, NOTED, 0, null, 1])));
    await expectServed(stall);
    expect(stall.server.stats().received).toBe(100); // Before the flood is over.
    await until(() => stall.server.stats().received === 101, LONG);
    flood[Symbol.dispose]();
  });
});
