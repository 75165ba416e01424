/**
 * Tests of clients that would have a server keep more than it wants to: what waits is bounded in bytes, whatever bytes
 * they are.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { contract, serve, stream } from 'brokerless/patterns/service';
import { describe, expect, test } from 'vitest';
import { numbers } from '../../support/collect.ts';
import { message, type Stranger } from '../../support/stranger.ts';
import { until } from '../../support/until.ts';
import { shaken } from '../work-queue/raw.ts';
import { HUGE, helloOf, saying } from './raw.ts';
import { LONG, PATIENT } from './running.ts';
import { DOUBLE, expectServed, HOLD, introduced, type Stall, start } from './stall.ts';

const CALL = 2;
const MARK = 22;
const KIB = 1024;
const bytesOf = (length: number): Buffer => Buffer.alloc(length);

setFlagsFromString('--expose-gc');
/** Frees the memory that nothing refers to any more. */
const collect: () => void = runInNewContext('gc');

/** A server that does one thing at a time, and keeps no more than a MiB of what waits for that. */
const start1 = (): Promise<Stall> => start({ concurrency: 1, maxQueueBytes: KIB * KIB });

/** So many of these have come, and what waits is far less. */
async function expectRefused({ server }: Stall, count: number, most: number): Promise<void> {
  await until(() => server.stats().received === count, LONG);
  const { depth, refused, inFlight } = server.stats();
  expect(depth).toBeLessThanOrEqual(most);
  expect(depth + refused + inFlight).toBe(count);
}

describe('a server keeps', PATIENT, () => {
  test('no more inputs than there is room for', async () => {
    await using stall = await start1();
    using stranger = await introduced(stall);
    for (const n of numbers(100)) {
      await stranger.say([CALL, n, HOLD, 0, null, bytesOf(64 * KIB)]);
    }
    await expectRefused(stall, 100, 18);
    stall.open();
  });

  test('no more inputs of calls that wait for another with their key', async () => {
    await using stall = await start1();
    using stranger = await introduced(stall);
    for (const n of numbers(100)) {
      await stranger.say([CALL, n, HOLD, 0, { key: 'k' }, bytesOf(64 * KIB)]);
    }
    await expectRefused(stall, 100, 18);
    stall.open();
    await until(() => stall.server.stats().depth === 0, LONG);
    await expectServed(stall);
  });

  test('no more headers and keys', async () => {
    await using stall = await start1();
    using stranger = await introduced(stall);
    for (const n of numbers(100)) {
      const headers = { a: 'x'.repeat(16 * KIB) };
      await stranger.say([CALL, n, HOLD, 0, { key: `${n}${'k'.repeat(8 * KIB)}`, headers }, 1]);
    }
    await expectRefused(stall, 100, 45);
    stall.open();
  });

  test('no headers that no client sends', async () => {
    await using stall = await start1();
    using stranger = await introduced(stall);
    await stranger.say([CALL, 1, DOUBLE, 0, { headers: { a: 'x'.repeat(33 * KIB) } }, 1]);
    await stranger.say([CALL, 2, DOUBLE, 0, { key: 'k'.repeat(33 * KIB) }, 1]);
    await until(() => stall.server.stats().faults === 2, LONG);
    expect(stall.server.stats().received).toBe(0);
  });

  test('nothing of the message that a small input came in', async () => {
    await using stall = await start1();
    using stranger = await introduced(stall);
    collect();
    const before = process.memoryUsage().external;
    for (const n of numbers(100)) {
      await stranger.say([CALL, n, HOLD, 0, null, 1], [CALL, n, HOLD, 0, null, bytesOf(KIB * KIB)]);
    }
    await until(() => stall.server.stats().received === 100, LONG);
    expect(stall.server.stats()).toMatchObject({ depth: 99, inFlight: 1, faults: 100 });
    const isFree = (): boolean => {
      collect();
      return process.memoryUsage().external - before < 20 * KIB * KIB;
    };
    await until(isFree, { ...LONG, what: 'a hundred large messages are not kept' });
    stall.open();
  });

  test('no more answers than may be unread, and goes on when they are read', async () => {
    await using stall = await start({ concurrency: 10, maxUnreadBytes: KIB * KIB });
    stall.open();
    using slow = await introduced(stall);
    for (const n of numbers(100)) await slow.say([CALL, n, HOLD, 0, null, bytesOf(64 * KIB)]);
    await until(() => stall.server.stats().sent + stall.server.stats().refused === 100, LONG);
    const { sent } = stall.server.stats();
    expect(sent).toBeGreaterThanOrEqual(16);
    expect(sent).toBeLessThanOrEqual(17 + 10);
    await expectServed(stall);
    for (let marks = 0; marks < sent; marks += 1) {
      const [bytes] = await slow.hears('mark');
      await slow.say([MARK, bytes]);
      if (Number(bytes) > sent * 64 * KIB) break;
    }
    await slow.say([CALL, 100, HOLD, 0, null, 7]);
    let answer = await slow.hears('result');
    while (answer[0] !== 100) answer = await slow.hears('result'); // Others had been sent before.
    expect(answer).toEqual([100, 7]);
  });

  test('no more than some thousand messages for a client that reads none, whatever it grants', async () => {
    const flood = contract('flood', { words: stream<null, string>() });
    let given = 0;
    let isLeft = false;
    const word = 'x'.repeat(4 * KIB);
    function* words(): Generator<string> {
      try {
        for (; ; given += 1) yield word;
      } finally {
        isLeft = true;
      }
    }
    await using server = await serve(
      flood,
      { words },
      { bind: 'tcp://127.0.0.1:*', drainMs: 0, heartbeatMs: 60_000 },
    );
    const lost: string[] = [];
    server.on('client:lost', ({ reason }) => lost.push(reason));
    const [deaf] = (await shaken(server.endpoint, 1)) as [Stranger];
    deaf.pause();
    deaf.say(message(saying(helloOf('flood', 'stream words'), [3, 1, 0, 0, HUGE, null, null])));
    await until(() => lost.length > 0, LONG);
    expect(lost).toEqual(['nothing']);
    await until(() => isLeft, LONG);
    expect(given).toBeLessThan(30_000);
    expect(server.stats()).toMatchObject({ clients: 0, inFlight: 0 });
    deaf[Symbol.dispose]();
  });
});
