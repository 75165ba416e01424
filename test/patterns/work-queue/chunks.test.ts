/**
 * Tests of chunks: how a source is read, several values at a time.
 */
import { nextTurn } from 'brokerless/kit';
import { beforeEach, expect, test } from 'vitest';
import { chunks } from '../../../patterns/work-queue/chunks.ts';

// Each at the beginning of a turn: a chunk ends early when others should have theirs.
beforeEach(() => nextTurn());

type Source = Iterable<number> | AsyncIterable<number>;

/** What is read of a source, chunk by chunk; the last is what it threw. */
async function readOf(source: Source, room = 2): Promise<unknown[]> {
  const seen: unknown[] = [];
  try {
    for await (const chunk of chunks(
      source,
      () => room,
      (value) => value * 10,
    )) {
      seen.push([...chunk]);
    }
  } catch (error) {
    seen.push(error);
  }
  return seen;
}

const broken = new Error('the source is broken');

function* breaking(after: number): Generator<number> {
  for (let n = 1; n <= after; n += 1) yield n;
  throw broken;
}

async function* slowly(...values: readonly number[]): AsyncGenerator<number> {
  yield* values;
}

test('a source is read as many at a time as there is room for', async () => {
  expect(await readOf([1, 2, 3, 4, 5])).toEqual([[10, 20], [30, 40], [50]]);
  expect(await readOf([])).toEqual([]);
});

test('a source is read one at a time where there is no room: whoever asks wants one', async () => {
  expect(await readOf([1, 2], 0)).toEqual([[10], [20]]);
  expect(await readOf([1, 2], -5)).toEqual([[10], [20]]);
});

test('a source is not read without bounds', async () => {
  const [first] = await readOf(
    Array.from({ length: 2000 }, (_, n) => n),
    Infinity,
  );
  expect((first as number[]).length).toBeLessThan(1000);
});

test('a source that takes its time is read one at a time', async () => {
  expect(await readOf(slowly(1, 2, 3))).toEqual([[10], [20], [30]]);
});

test('what a source gave before it broke is not lost', async () => {
  expect(await readOf(breaking(3), 2)).toEqual([[10, 20], [30], broken]);
  expect(await readOf(breaking(0), 2)).toEqual([broken]);
});

test('a source that nobody reads on is told so', async () => {
  let isOver = false;
  function* source(): Generator<number> {
    try {
      for (let n = 0; ; n += 1) yield n;
    } finally {
      isOver = true;
    }
  }
  for await (const chunk of chunks(
    source(),
    () => 3,
    (value) => value,
  )) {
    expect(chunk).toEqual([0, 1, 2]);
    break;
  }
  expect(isOver).toBe(true);
});
