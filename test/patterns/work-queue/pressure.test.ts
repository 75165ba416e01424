/**
 * Tests of pressure, from whoever reads outcomes back to the first source, over real sockets: who stalls stalls all
 * that comes before, and memory stays where it is.
 */
import { fanOut, startQueueWorker } from 'brokerless/patterns/work-queue';
import { describe, expect, test } from 'vitest';
import { turns } from '../../support/turns.ts';
import { until } from '../../support/until.ts';
import { LONG, startFanOut } from './running.ts';

const double = (x: number): number => 2 * x;

/** A source without an end, and how much of it was read. */
class Endless {
  read = 0;
  isLeft = false;

  *items(): Generator<number> {
    try {
      for (;;) {
        yield this.read;
        this.read += 1;
      }
    } finally {
      this.isLeft = true;
    }
  }

  async *slowly(): AsyncGenerator<number> {
    for (const item of this.items()) yield await Promise.resolve(item);
  }

  /** Waits until nobody reads it any more. */
  async rests(): Promise<number> {
    let last = -1;
    let same = 0;
    await until(() => {
      same = this.read === last ? same + 1 : 0;
      last = this.read;
      return same > 50;
    }, LONG);
    return last;
  }
}

describe('whoever reads the outcomes of an endless source', () => {
  test.each(['items', 'slowly'] as const)('and stalls has it read no further: %s', async (how) => {
    const source = new Endless();
    const options = { maxUnread: 500, maxItems: 200 };
    await using running = await startFanOut(source[how](), double, options);
    const outcomes = running[Symbol.asyncIterator]();
    await outcomes.next();
    const read = await source.rests();
    expect(read).toBeLessThanOrEqual(500 + 200 + 256);
    for (let i = 0; i < 300; i += 1) await outcomes.next();
    await until(() => source.read > read, LONG);
    expect(await source.rests()).toBeLessThanOrEqual(301 + 500 + 200 + 256);
    await running.close();
    await until(() => source.isLeft, LONG);
  });

  test('for long needs no more memory than after a while', async () => {
    const source = new Endless();
    await using running = await startFanOut(source.items(), double);
    let [read, before] = [0, 0];
    for await (const _ of running) {
      read += 1;
      if (read === 30_000) before = process.memoryUsage.rss();
      if (read === 100_000) break;
    }
    expect(process.memoryUsage.rss() - before).toBeLessThan(192 << 20);
    expect(source.read).toBeLessThan(100_000 + 10_000 + 256);
    expect(source.isLeft).toBe(true);
  });
});

describe('stages that are joined', () => {
  test('pass on what stalls at their end to the first source', async () => {
    const source = new Endless();
    const options = { maxUnread: 100, maxItems: 100 };
    await using first = await startFanOut<number, number>(source.items(), double, options);
    await using second = await startFanOut<number, number>(first.values(), double, options);
    const values = second.values()[Symbol.asyncIterator]();
    for (let i = 0; i < 50; i += 1) await values.next();
    const read = await source.rests();
    expect(read).toBeLessThanOrEqual(50 + 2 * (100 + 100 + 256));
    await turns(20);
    expect(source.read).toBe(read);
    for (let i = 0; i < 200; i += 1) await values.next();
    await until(() => source.read > read, LONG);
    await values.return?.();
    await until(() => source.isLeft, { ...LONG, what: 'the first source is left' });
  });

  test('give all that goes in at the other end, each once', async () => {
    const items = Array.from({ length: 2000 }, (_, i) => i);
    await using first = await startFanOut<number, number>(items, double);
    await using second = await startFanOut<number, number>(first.values(), double);
    await using third = await startFanOut<number, number>(second.values(), double);
    const all: number[] = [];
    for await (const value of third.values()) all.push(value);
    expect(all.toSorted((a, b) => a - b)).toEqual(items.map((item) => 8 * item));
  });
});

test('a source is read no further ahead than workers want items', async () => {
  const source = new Endless();
  await using running = await fanOut<number, number>(source.items());
  await turns(20);
  expect(source.read).toBe(0);
  const held = new Promise<never>(() => {});
  await using _ = await startQueueWorker({
    queue: running.endpoint,
    handler: () => held,
    credit: 5,
  });
  await until(() => running.stats().inFlight === 5, LONG);
  expect(await source.rests()).toBeLessThanOrEqual(6);
});
