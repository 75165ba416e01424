/**
 * Feeds: what is put is taken once, in order, and after the end nothing more comes.
 */
import { describe, expect, test } from 'vitest';
import { Feed } from '../../src/run/feed.ts';
import { turns } from '../support/turns.ts';

async function drain<T>(feed: Feed<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of feed) items.push(item);
  return items;
}

describe('a feed', () => {
  test('gives what was put, in order, whoever was first: reader or writer', async () => {
    const feed = new Feed<number>();
    feed.put(1);
    feed.put(2);
    const all = drain(feed);
    await turns();
    feed.put(3);
    await turns();
    feed.put(4);
    feed.end();
    expect(await all).toEqual([1, 2, 3, 4]);
  });

  test('gives what is in it before it ends', async () => {
    const feed = new Feed<number>();
    feed.put(1);
    feed.end();
    feed.put(2);
    expect(feed.depth).toBe(1);
    expect(await drain(feed)).toEqual([1]);
    expect(await drain(feed)).toEqual([]);
  });

  test('gives its error once, after what is in it, and then is over', async () => {
    const feed = new Feed<number>();
    const fault = new Error('mine');
    feed.put(1);
    feed.end({ error: fault });
    feed.end({ error: new Error('late') });
    const reader = feed[Symbol.asyncIterator]();
    expect(await reader.next()).toEqual({ value: 1, done: false });
    await expect(reader.next()).rejects.toBe(fault);
    expect(await reader.next()).toEqual({ value: undefined, done: true });
  });

  test('may end with an error that is undefined', async () => {
    const feed = new Feed<number>();
    feed.end({ error: undefined });
    await expect(feed[Symbol.asyncIterator]().next()).rejects.toBeUndefined();
  });

  test('ends every reader that waits: the first with the error, the others plainly', async () => {
    const feed = new Feed<number>();
    const [one, other] = [feed[Symbol.asyncIterator](), feed[Symbol.asyncIterator]()];
    const waits = [one.next(), other.next(), one.next()];
    const fault = new Error('mine');
    feed.end({ error: fault });
    expect(await Promise.allSettled(waits)).toEqual([
      { status: 'rejected', reason: fault },
      { status: 'fulfilled', value: { value: undefined, done: true } },
      { status: 'fulfilled', value: { value: undefined, done: true } },
    ]);
  });

  test('is shared by its readers: each item goes to one, in the order they asked', async () => {
    const feed = new Feed<string>();
    const [one, other] = [feed[Symbol.asyncIterator](), feed[Symbol.asyncIterator]()];
    const waits = [one.next(), other.next(), one.next()];
    for (const item of ['a', 'b', 'c']) feed.put(item);
    const results = await Promise.all(waits);
    expect(results.map(({ value }) => value)).toEqual(['a', 'b', 'c']);
  });

  test('goes on where a loop over it was left', async () => {
    const feed = new Feed<number>();
    for (const item of [1, 2, 3]) feed.put(item);
    feed.end();
    for await (const item of feed) {
      expect(item).toBe(1);
      break;
    }
    expect(await drain(feed)).toEqual([2, 3]);
  });

  test('tells after each item that it was taken, and how many are left', async () => {
    const depths: number[] = [];
    const feed: Feed<number> = new Feed(() => depths.push(feed.depth));
    for (const item of [1, 2, 3]) feed.put(item);
    expect([depths, feed.depth]).toEqual([[], 3]);
    const reader = feed[Symbol.asyncIterator]();
    await reader.next();
    expect(depths).toEqual([2]);
    feed.end();
    await drain(feed);
    expect(depths).toEqual([2, 1, 0]);
  });

  test('may be put into from what it tells', async () => {
    const feed: Feed<number> = new Feed(() => {
      last += 1;
      if (last <= 5) feed.put(last);
      else feed.end();
    });
    let last = 1;
    feed.put(1);
    expect(await drain(feed)).toEqual([1, 2, 3, 4, 5]);
  });

  test('holds undefined like anything else', async () => {
    const feed = new Feed<undefined>();
    feed.put(undefined);
    feed.end();
    expect(await drain(feed)).toEqual([undefined]);
  });

  test('gives nothing more to an iteration that was left', async () => {
    const feed = new Feed<number>();
    const left = feed[Symbol.asyncIterator]();
    await left.return?.();
    feed.put(1);
    feed.end();
    expect(await left.next()).toEqual({ value: undefined, done: true });
    expect(await drain(feed)).toEqual([1]);
  });

  test('loses nothing to an iteration that was left while it waited', async () => {
    const feed = new Feed<number>();
    const left = feed[Symbol.asyncIterator]();
    const waiting = left.next();
    await left.return?.();
    feed.put(1);
    feed.end();
    expect(await drain(feed)).toEqual([1]);
    expect(await waiting).toEqual({ value: undefined, done: true });
  });
});
