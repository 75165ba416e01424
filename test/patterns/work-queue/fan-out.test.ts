/**
 * Tests of fan-outs over real sockets: all outcomes of a source, whatever becomes of it; leaving early; worker
 * processes that are started, die, and are stopped.
 */
import { connectProducer, fanOut, startQueueWorker } from 'brokerless/patterns/work-queue';
import { describe, expect, test } from 'vitest';
import { numbers } from '../../support/collect.ts';
import { compiled } from '../../support/compiled.ts';
import { reservedEndpoint } from '../../support/port.ts';
import { turns } from '../../support/turns.ts';
import { until } from '../../support/until.ts';
import { gate, inOrderOf, LONG, listOf, PATIENT, startFanOut, sumOf } from './running.ts';
import { Watched } from './watched.ts';

const double = (x: number): number => 2 * x;
const doubler = compiled(new URL('programs/doubler.ts', import.meta.url));

async function* slowly<T>(items: Iterable<T>): AsyncGenerator<T> {
  for (const item of items) {
    await turns(1);
    yield item;
  }
}

/** Whether nothing is bound there any more. */
async function isFree(bind: string): Promise<boolean> {
  await using again = await fanOut([], { bind });
  return again.endpoint === bind;
}

describe('a fan-out', () => {
  test.each([
    ['an array', () => numbers(1000)],
    ['an iterable', () => new Set(numbers(1000))],
    ['an async iterable', () => slowly(numbers(1000))],
  ])('gives the outcome of each item of %s, with its item and its place', async (_, source) => {
    await using running = await startFanOut(source(), double);
    const outcomes = await inOrderOf(running);
    const expected = numbers(1000).map((n) => ({
      status: 'done',
      item: n,
      index: n,
      value: 2 * n,
    }));
    expect(outcomes).toMatchObject(expected);
    const stats = running.stats();
    expect(stats).toMatchObject({ accepted: 1000, done: 1000, unfinished: 0 });
    expect(sumOf(stats)).toBe(1000);
  });

  test('of nothing ends with the first worker', async () => {
    await using running = await startFanOut([], double);
    expect(await listOf(running)).toEqual([]);
  });

  test('tells what has failed, was discarded, cannot travel, and what was done', async () => {
    const items = [1, 'bad', () => {}, 'unwanted'];
    await using running = await startFanOut<unknown, unknown>(items, (item) => {
      if (item === 'bad') throw new Error('it is bad');
      if (item === 'unwanted') throw Object.assign(new Error('no'), { name: 'Discard' });
      return item;
    });
    expect(await inOrderOf(running)).toMatchObject([
      { item: 1, status: 'done', value: 1, attempts: 1 },
      { item: 'bad', status: 'failed', error: { message: 'it is bad' }, attempts: 3 },
      { index: 2, status: 'failed', error: { code: 'BAD_VALUE' }, attempts: 0 },
      { item: 'unwanted', status: 'discarded', reason: 'no', attempts: 1 },
    ]);
  });

  test('gives values alone, and hands the others to who asks for them', async () => {
    const odd = (x: number): number => {
      if (x % 2 === 0) throw new Error('even');
      return x;
    };
    await using running = await startFanOut(numbers(6), odd, { maxAttempts: 1 });
    const others: number[] = [];
    const values = await listOf(running.values(({ index }) => others.push(index)));
    expect([values.toSorted(), others.toSorted()]).toEqual([
      [1, 3, 5],
      [0, 2, 4],
    ]);
    await using strict = await startFanOut(numbers(6), odd, { maxAttempts: 1 });
    const failing = listOf(strict.values());
    await expect(failing).rejects.toMatchObject({ code: 'HANDLER_FAILED', data: { index: 0 } });
  });
});

describe('the source of a fan-out', () => {
  test.each([
    ['a source', (source: Iterable<number>) => source],
    ['an async source', (source: Iterable<number>) => slowly(source)],
  ])(
    'that throws, %s, ends the iteration after the outcomes of what it had given',
    async (_, of) => {
      const broken = new Error('the source is broken');
      function* source(count: number): Generator<number> {
        yield* numbers(count);
        throw broken;
      }
      for (const count of [0, 5, 1000]) {
        await using running = await startFanOut(of(source(count)), double);
        const items: number[] = [];
        const reading = (async () => {
          for await (const { item } of running) items.push(item);
        })();
        await expect(reading).rejects.toBe(broken);
        expect(items.toSorted((a, b) => a - b)).toEqual(numbers(count));
      }
    },
  );

  test('that stalls holds up nothing of what it has given', async () => {
    const source = new Watched<number>();
    await using running = await startFanOut(source, double);
    const outcomes = running[Symbol.asyncIterator]();
    for (const n of numbers(3)) {
      await until(() => source.asked > n, LONG);
      source.give(n);
      expect((await outcomes.next()).value).toMatchObject({ item: n, value: 2 * n });
    }
    await until(() => source.asked > 3, LONG);
    source.end();
    expect(await outcomes.next()).toMatchObject({ done: true });
  });

  test('is left when the iteration is, and nothing stays open', async () => {
    const source = new Watched(numbers(100_000));
    const bind = await reservedEndpoint();
    const running = await fanOut<number, number>(source, { bind });
    await using _ = await startQueueWorker({ queue: running.endpoint, handler: double });
    for await (const outcome of running) {
      expect(outcome.status).toBe('done');
      break;
    }
    await until(() => source.left === 1, LONG);
    expect(source.asked).toBeLessThan(100_000);
    expect(await isFree(running.endpoint)).toBe(true);
  });

  test('is left by close, also while it makes up its mind', async () => {
    const source = new Watched<number>();
    await using running = await startFanOut(source, double);
    await until(() => source.asked === 1, LONG);
    await running.close();
    await running.close();
    await until(() => source.left === 1, LONG);
    expect(await listOf(running)).toEqual([]);
  });

  test.each(['cancel', 'signal'] as const)('is read no further after %s', async (how) => {
    const cancelling = new AbortController();
    const source = new Watched(numbers(1_000_000));
    const held = gate();
    const handler = (x: number): Promise<number> => held.opened.then(() => x);
    const { signal } = cancelling;
    await using running = await startFanOut(source, handler, { signal });
    await until(() => running.stats().inFlight === 2, LONG);
    if (how === 'cancel') running.cancel();
    else cancelling.abort();
    held.open();
    const outcomes = await listOf(running);
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['cancelled']));
    expect(source.asked).toBeLessThan(1000);
    await until(() => source.left === 1, LONG);
  });
});

describe('worker processes of a fan-out', PATIENT, () => {
  test('are started, do the work, and are stopped at its end', async () => {
    const workers = { file: doubler, count: 2, execArgv: [] };
    await using running = await fanOut<number, number>(numbers(1000).slice(100), { workers });
    expect(running.crew?.size).toBe(2);
    const values = await listOf(running.values());
    expect(values.toSorted((a, b) => a - b)).toEqual(numbers(1000).slice(100).map(double));
    await until(() => running.crew?.size === 0, LONG);
  });

  test('that die are replaced, and what kills them ends as failed', async () => {
    const workers = { file: doubler, execArgv: [] };
    const items = [1, 13, 2];
    await using running = await fanOut<number, number>(items, { workers, maxAttempts: 2 });
    expect(await inOrderOf(running)).toMatchObject([
      { status: 'done', value: 2 },
      { status: 'failed', error: { code: 'WORKER_LOST' }, attempts: 2 },
      { status: 'done', value: 4 },
    ]);
  });

  test('that cannot be kept running end the iteration, and the source is not read', async () => {
    const source = new Watched(numbers(100));
    const workers = { file: new URL('programs/dies.mjs', import.meta.url), execArgv: [] };
    const bind = await reservedEndpoint();
    await using running = await fanOut(source, { workers, bind });
    await expect(listOf(running)).rejects.toMatchObject({ code: 'HANDLER_FAILED' });
    expect(source.asked).toBe(0);
    await running.close();
    expect(running.crew?.size).toBe(0);
    expect(await isFree(running.endpoint)).toBe(true);
  });

  test('are stopped when the iteration is left', async () => {
    const workers = { file: doubler, execArgv: [] };
    const bind = await reservedEndpoint();
    const running = await fanOut<number, number>(numbers(13), { workers, bind });
    for await (const _ of running) break;
    expect(running.crew?.size).toBe(0);
    expect(await isFree(running.endpoint)).toBe(true);
  });
});

test('a producer that takes a fan-out for a hub is counted there, and nothing comes of it', async () => {
  await using running = await startFanOut(slowly(numbers(100)), double);
  await using stranger = await connectProducer<number>(running.endpoint, { drainMs: 0 });
  stranger.send(1).catch(() => {});
  await until(() => running.stats().faults + running.stats().late > 0 || running.stats().done > 0);
  expect(await listOf(running)).toHaveLength(100);
});
