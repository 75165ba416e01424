/**
 * Overflow: what becomes of values when nobody takes them. The queue has a bound, and nothing is lost
 * or refused without being counted.
 */
import { type Overflow, Pull, Push, type PushOptions } from 'brokerless';
import { describe, expect, test } from 'vitest';
import { rejects } from '../contracts/lifecycle.ts';
import { runScript } from '../support/child.ts';
import { collect, numbers, take } from '../support/collect.ts';
import { turns } from '../support/turns.ts';
import { until } from '../support/until.ts';

const KIB = 1024;

/** A Push with nobody to take what it sends, and a short queue. */
function stalled(overflow: Overflow, options: PushOptions<Uint8Array> = {}): Push<Uint8Array> {
  return new Push({ overflow, maxQueueBytes: 64 * KIB, ...options });
}

const value = (n: number): Uint8Array => new Uint8Array(KIB).fill(n);
const first = (bytes: Uint8Array): number => bytes[0] ?? -1;

describe.each([true, false])('with batch: %s', (batch) => {
  test('wait: a send waits for room, and the queue keeps its bound', async () => {
    await using push = stalled('wait', { batch });
    let resolved = 0;
    const sends = numbers(100).map((n) => push.send(value(n)).then(() => (resolved += 1)));
    await turns(10);
    const atRest = resolved;
    expect(atRest).toBeGreaterThanOrEqual(40);
    expect(atRest).toBeLessThanOrEqual(65);
    expect(push.stats()).toMatchObject({ depth: 100, refused: 0, dropped: 0, sent: 0 });
    await push.bind('ipc://*');
    await using pull = await Pull.connect<Uint8Array>(push.endpoint);
    expect((await take(pull, 100)).map(first)).toEqual(numbers(100));
    await Promise.all(sends);
    expect(push.stats()).toMatchObject({ depth: 0, depthBytes: 0, sent: 100 });
  });

  test('wait: who waits is let in, in order, as room is made', async () => {
    await using push = stalled('wait', { batch });
    const order: number[] = [];
    const sends = numbers(300).map((n) => push.send(value(n)).then(() => order.push(n)));
    await turns(10); // Those that found room have their answer by then, one perhaps a turn late: to be polite.
    const atOnce = order.length;
    await push.bind('ipc://*');
    await using pull = await Pull.connect<Uint8Array>(push.endpoint);
    const got = collect(pull);
    await Promise.all(sends);
    expect(order.slice(atOnce)).toEqual(numbers(300).slice(atOnce));
    await until(() => got.length === 300);
    expect(got.map(first)).toEqual(numbers(300).map((n) => n % 256));
  });

  test('reject: a send is refused, counted, and the value never arrives', async () => {
    await using push = stalled('reject', { batch });
    const outcomes = await Promise.allSettled(numbers(100).map((n) => push.send(value(n))));
    const accepted = outcomes.filter(({ status }) => status === 'fulfilled').length;
    expect(accepted).toBeGreaterThanOrEqual(40);
    expect(accepted).toBeLessThanOrEqual(65);
    const stats = push.stats();
    expect(stats).toMatchObject({ refused: 100 - accepted, depth: accepted, dropped: 0 });
    expect(stats.depthBytes).toBeLessThanOrEqual(66 * KIB + 256);
    expect(await rejects(push.send(value(0)), 'QUEUE_FULL')).toMatchObject({ mayHaveRun: 'no' });
    await push.bind('ipc://*');
    await using pull = await Pull.connect<Uint8Array>(push.endpoint);
    expect((await take(pull, accepted)).map(first)).toEqual(numbers(accepted));
    await push.send(value(255));
    expect(first(await pull.receive())).toBe(255);
  });

  test('drop-newest: a send resolves, and what is too much is dropped and counted', async () => {
    await using push = stalled('drop-newest', { batch });
    for (const n of numbers(100)) await push.send(value(n));
    const { dropped, depth, refused } = push.stats();
    expect(dropped).toBeGreaterThanOrEqual(35);
    expect({ depth, refused }).toEqual({ depth: 100 - dropped, refused: 0 });
    await push.bind('ipc://*');
    await using pull = await Pull.connect<Uint8Array>(push.endpoint);
    expect((await take(pull, depth)).map(first)).toEqual(numbers(depth));
  });
});

describe('against a receiver that takes nothing', () => {
  test.for(['wait', 'reject', 'drop-newest'] as const)('%s keeps its bound', async (overflow) => {
    await using pull = await Pull.bind<Uint8Array>('ipc://*', { highWaterMark: 2 });
    await using push = await Push.connect<Uint8Array>(pull.endpoint, {
      overflow,
      highWaterMark: 2,
      maxQueueBytes: 256 * KIB,
    });
    await push.ready();
    let most = 0;
    let accepted = 0;
    const waiting: Promise<unknown>[] = [];
    for (let n = 0; n < 4000; n += 1) {
      const sent = push.send(value(n)).then(
        () => (accepted += 1),
        () => {},
      );
      waiting.push(sent);
      if (n % 50 === 0) await turns(1);
      most = Math.max(most, push.stats().depthBytes);
    }
    const { dropped, refused } = push.stats();
    const waits = overflow === 'wait' ? 4000 * (KIB + 3) : 0;
    expect(most).toBeLessThanOrEqual(256 * KIB + 65 * KIB + waits);
    expect(dropped > 0, `${dropped} dropped`).toBe(overflow === 'drop-newest');
    expect(refused > 0, `${refused} refused`).toBe(overflow === 'reject');
    const got = await take(pull, 4000 - dropped - refused);
    await Promise.all(waiting);
    expect(accepted).toBe(overflow === 'reject' ? got.length : 4000);
    await push.send(value(77));
    expect(first(await pull.receive())).toBe(77);
  });

  test('a receiver that stood still for seconds has lost nothing and no connection', async () => {
    await using pull = await Pull.bind<Uint8Array>('tcp://127.0.0.1:*');
    await using push = await Push.connect<Uint8Array>(pull.endpoint, { maxQueueBytes: 1 << 20 });
    let disconnects = 0;
    push.on('disconnect', () => {
      disconnects += 1;
    });
    await push.ready();
    const count = 600;
    const sending = (async () => {
      for (const n of numbers(count)) await push.send(new Uint8Array(64 * KIB).fill(n));
    })();
    const start = performance.now();
    await until(() => performance.now() - start > 2500);
    expect(push.stats().depthBytes).toBeGreaterThan(1 << 20); // It is stalled indeed.
    expect((await take(pull, count)).map(first)).toEqual(numbers(count).map((n) => n % 256));
    await sending;
    expect(disconnects).toBe(0);
  });
});

describe('sends that wait are bounded, too', () => {
  test('in number: the one too many is refused', async () => {
    await using push = new Push<number>({ maxQueueBytes: 1 });
    const outcomes: unknown[] = [];
    for (const n of numbers(10_101)) {
      push.send(n).then(
        () => {},
        (error: unknown) => outcomes.push(error),
      );
    }
    await turns();
    expect(outcomes).toHaveLength(100);
    expect(outcomes[0]).toMatchObject({ code: 'QUEUE_FULL' });
    expect(push.stats()).toMatchObject({ refused: 100, depth: 10_001 });
    await push.close({ drainMs: 0 });
  });

  test('in bytes: 64 MiB wait, and no more', async () => {
    await using push = new Push<Uint8Array>({ codec: 'raw', maxQueueBytes: 1 });
    const mib = new Uint8Array(1 << 20);
    const refusals: unknown[] = [];
    for (let n = 0; n < 70; n += 1) {
      push.send(mib, { transfer: true }).catch((error: unknown) => refusals.push(error));
    }
    await turns();
    expect(refusals.length).toBeGreaterThanOrEqual(4);
    expect(push.stats().depthBytes).toBeLessThanOrEqual(67 << 20);
    await push.close({ drainMs: 0 });
  });
});

describe('sends that nobody awaits never end in an unhandled rejection', () => {
  test.for(['refused', 'closed', 'full'] as const)('when they are %s', async (how) => {
    const program = new URL('programs/unawaited.ts', import.meta.url);
    const run = await runScript(program, { source: true, args: [how] });
    expect(run, run.stderr).toMatchObject({ code: 0, stdout: 'no rejection went unhandled\n' });
  });
});
