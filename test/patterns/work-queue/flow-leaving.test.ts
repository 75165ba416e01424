/**
 * What all functions over sources share: one item at a time, errors passed on, and a source that is left
 * exactly once, at whatever moment its reader goes.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { inOrder } from '../../../patterns/work-queue/in-order.ts';
import { Passage } from '../../../patterns/work-queue/passage.ts';
import { pausable } from '../../../patterns/work-queue/pause.ts';
import { progress } from '../../../patterns/work-queue/progress.ts';
import { rateLimit } from '../../../patterns/work-queue/rate-limit.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { thrownBy } from '../../support/thrown.ts';
import { turns } from '../../support/turns.ts';
import { follow, listOf, Watched } from './watched.ts';

interface Item {
  readonly index: number;
}

const items = (count: number): Item[] => Array.from({ length: count }, (_, index) => ({ index }));
const over = { value: undefined, done: true };

let clock = new ManualClock();
beforeEach(() => {
  clock = new ManualClock();
});

const functions = {
  rateLimit: (source: Iterable<Item> | AsyncIterable<Item>) =>
    rateLimit(source, { limit: 100, perMs: 1000, clock }),
  inOrder: (source: Iterable<Item> | AsyncIterable<Item>) => inOrder(source),
  progress: (source: Iterable<Item> | AsyncIterable<Item>) =>
    progress(source, { onProgress: () => {}, clock }),
  pausable: (source: Iterable<Item> | AsyncIterable<Item>) => pausable(source),
};

describe.each(Object.entries(functions))('%s', (name, through) => {
  const iterate = (source: Iterable<Item> | AsyncIterable<Item>): AsyncIterator<Item, undefined> =>
    through(source)[Symbol.asyncIterator]();

  test('gives all that a plain iterable has', async () => {
    expect(await listOf(through(items(50)))).toEqual(items(50));
  });

  test('gives what the promises of a plain iterable become', async () => {
    const promises = items(5).map((item) => Promise.resolve(item)) as Iterable<unknown>;
    expect(await listOf(through(promises as Iterable<Item>))).toEqual(items(5));
  });

  test('leaves a plain generator whose promise fails', async () => {
    let left = 0;
    function* failing(): Generator {
      try {
        yield Promise.reject(new Error('mine'));
      } finally {
        left += 1;
      }
    }
    await expect(listOf(through(failing() as Generator<Item>))).rejects.toThrow('mine');
    expect(left).toBe(1);
  });

  test('gives all that an async iterable has, asks one by one, and leaves nobody who has ended', async () => {
    const source = new Watched(items(50));
    expect(await listOf(through(source))).toEqual(items(50));
    expect(source).toMatchObject({ asked: 51, left: 0, mostAtOnce: 1 });
  });

  test('asks for nothing before its reader does', async () => {
    const source = new Watched(items(9));
    const iteration = iterate(source);
    await turns();
    expect(source.asked).toBe(0);
    for (let i = 1; i <= 3; i += 1) {
      expect(await iteration.next()).toEqual({ value: { index: i - 1 }, done: false });
      await turns();
      expect(source.asked).toBe(i);
    }
  });

  test('answers those who ask at the same time one after the other', async () => {
    const source = new Watched<Item>();
    const iteration = iterate(source);
    const asked = [iteration.next(), iteration.next(), iteration.next(), iteration.next()];
    for (const item of items(2)) {
      await turns();
      source.give(item);
    }
    await turns();
    source.end();
    expect((await Promise.all(asked)).map(({ value }) => value?.index)).toEqual([
      0,
      1,
      undefined,
      undefined,
    ]);
    expect(source).toMatchObject({ asked: 3, left: 0, mostAtOnce: 1 });
  });

  test('passes the error of its source on, once, and does not leave what has failed', async () => {
    const source = new Watched<Item>();
    const iteration = iterate(source);
    const fault = new Error('mine');
    const asked = [iteration.next(), iteration.next()];
    source.fail(fault);
    await expect(asked[0]).rejects.toBe(fault);
    expect(await asked[1]).toEqual(over);
    expect(await iteration.next()).toEqual(over);
    await iteration.return?.();
    expect(source).toMatchObject({ asked: 1, left: 0 });
    expect(clock.alarms).toEqual([]);
  });

  test('passes an error on that is undefined', async () => {
    const source = new Watched<Item>();
    const asked = iterate(source).next();
    source.fail(undefined);
    await expect(asked).rejects.toBeUndefined();
  });

  test('leaves its source once when its reader breaks off, and waits until it has gone', async () => {
    const source = new Watched(items(9));
    let gone = false;
    source.leaving = turns().then(() => {
      gone = true;
    });
    for await (const { index } of through(source)) if (index === 2) break;
    expect(gone).toBe(true);
    expect(source).toMatchObject({ asked: 3, left: 1 });
  });

  test('runs what a generator has to clean up', async () => {
    const steps: string[] = [];
    async function* generator(): AsyncGenerator<Item> {
      try {
        yield* items(9);
      } finally {
        await turns();
        steps.push('clean');
      }
    }
    for await (const _ of through(generator())) break;
    expect(steps).toEqual(['clean']);
  });

  test('leaves its source once if it is left before it has begun', async () => {
    const source = new Watched(items(9));
    const iteration = iterate(source);
    expect(await iteration.return?.()).toEqual(over);
    expect(await iteration.return?.()).toEqual(over);
    expect(await iteration.next()).toEqual(over);
    expect(source).toMatchObject({ asked: 0, left: 1 });
  });

  test('can be left while its source is asked: at once, and what then comes is thrown away', async () => {
    const source = new Watched<Item>();
    source.leaving = new Promise(() => {}); // As a generator that waits does.
    const iteration = iterate(source);
    const asked = [iteration.next(), iteration.next()];
    expect(await iteration.return?.()).toEqual(over);
    expect(await Promise.all(asked)).toEqual([over, over]);
    source.give({ index: 0 });
    await turns();
    expect(await iteration.next()).toEqual(over);
    expect(source).toMatchObject({ asked: 1, left: 1 });
    expect(clock.alarms).toEqual([]);
  });

  test('does not mind that a source fails after it was left', async () => {
    const source = new Watched<Item>();
    source.leaving = Promise.reject(new Error('no way out'));
    const iteration = iterate(source);
    const asked = iteration.next();
    await iteration.return?.();
    source.fail(new Error('late'));
    await turns();
    expect(await asked).toEqual(over);
    expect(source.left).toBe(1);
  });

  test('says so when leaving its source fails', async () => {
    const source = new Watched(items(9));
    source.leaving = Promise.reject(new Error('no way out'));
    const reading = async (): Promise<void> => {
      for await (const _ of through(source)) break;
    };
    await expect(reading()).rejects.toThrow('no way out');
  });

  test('needs no source that can be left', async () => {
    const { next } = { next: async () => ({ value: { index: 0 }, done: false }) as const };
    const source = { [Symbol.asyncIterator]: () => ({ next }) };
    for await (const _ of through(source)) break;
    const followed = follow(through({ [Symbol.iterator]: () => items(3)[Symbol.iterator]() }));
    await turns();
    expect(followed).toMatchObject({ items: items(3), isOver: true, error: undefined });
  });

  test.each([undefined, null, 5, {}, () => {}])('refuses %s for a source', (value) => {
    const refused = thrownBy(() => void through(value as Item[]), 'BAD_OPTION');
    expect(refused.message).toMatch(
      new RegExp(`^${name}: (source|outcomes) must be an iterable or async iterable, got `),
    );
  });
});

test('they can stand one behind the other, and leaving the last leaves the source', async () => {
  const source = new Watched(items(9));
  const chain = functions.progress(
    functions.inOrder(functions.rateLimit(functions.pausable(source))),
  );
  for await (const { index } of chain) if (index === 3) break;
  expect(source).toMatchObject({ asked: 4, left: 1, mostAtOnce: 1 });
  expect(clock.alarms).toEqual([]);
});

test('an error from outside is told to one reader, and to none once it is over', async () => {
  const source = new Watched(items(9));
  let ends = 0;
  const passage = new Passage<Item, Item>(
    source,
    (pull) => pull(),
    () => {
      ends += 1;
    },
  );
  passage.fail(new Error('first'));
  passage.fail(new Error('second'));
  await expect(passage.next()).rejects.toThrow('first');
  passage.fail(new Error('third'));
  expect([await passage.next(), await passage.return()]).toEqual([over, over]);
  expect(source).toMatchObject({ asked: 0, left: 1 });
  expect(ends).toBe(1);
});
