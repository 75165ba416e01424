/**
 * Pausing a source: while it is paused it is asked for nothing, and it can be left all the same.
 */
import { describe, expect, test } from 'vitest';
import { pausable } from '../../../patterns/work-queue/pause.ts';
import { turns } from '../../support/turns.ts';
import { follow, listOf, Watched } from './watched.ts';

describe('a pausable source', () => {
  test('is not paused at first', async () => {
    const source = pausable([1, 2, 3]);
    expect(source.isPaused).toBe(false);
    expect(await listOf(source)).toEqual([1, 2, 3]);
  });

  test('is asked for nothing while it is paused, and goes on where it was', async () => {
    const watched = new Watched<number>();
    const source = pausable(watched);
    const followed = follow(source);
    watched.give(1);
    await turns();
    source.pause();
    expect(source.isPaused).toBe(true);
    watched.give(2); // It had been asked for.
    await turns();
    expect(followed.items).toEqual([1, 2]);
    expect(watched.asked).toBe(2);
    source.resume();
    expect(source.isPaused).toBe(false);
    await turns();
    expect(watched.asked).toBe(3);
    watched.give(3);
    await turns();
    watched.end();
    await turns();
    expect(followed).toMatchObject({ items: [1, 2, 3], isOver: true, error: undefined });
  });

  test('may be paused before it begins', async () => {
    const watched = new Watched([1, 2]);
    const source = pausable(watched);
    source.pause();
    const followed = follow(source);
    await turns();
    expect(watched.asked).toBe(0);
    source.resume();
    await turns();
    expect(followed).toMatchObject({ items: [1, 2], isOver: true });
  });

  test('takes several pauses for one, and several resumes for one', async () => {
    const watched = new Watched([1, 2]);
    const source = pausable(watched);
    source.resume();
    source.pause();
    const followed = follow(source);
    await turns();
    source.pause();
    source.resume();
    source.resume();
    expect(source.isPaused).toBe(false);
    await turns();
    expect(followed).toMatchObject({ items: [1, 2], isOver: true });
  });

  test('stays paused if it is resumed and paused again at once', async () => {
    const watched = new Watched([1, 2]);
    const source = pausable(watched);
    source.pause();
    const followed = follow(source);
    await turns();
    source.resume();
    source.pause();
    await turns();
    expect(watched.asked).toBe(0);
    source.resume();
    await turns();
    expect(followed.items).toEqual([1, 2]);
  });

  test('can be left while it is paused, and is asked for nothing when it is resumed', async () => {
    const watched = new Watched([1, 2]);
    const source = pausable(watched);
    const iteration = source[Symbol.asyncIterator]();
    await iteration.next();
    source.pause();
    const asked = [iteration.next(), iteration.next()];
    await turns();
    const over = { value: undefined, done: true };
    expect(await iteration.return?.()).toEqual(over);
    expect(await Promise.all(asked)).toEqual([over, over]);
    source.resume();
    await turns();
    expect(watched).toMatchObject({ asked: 1, left: 1 });
  });

  test('is iterated once, however often it is asked for an iteration', async () => {
    const source = pausable([1, 2, 3]);
    for await (const item of source) if (item === 1) break;
    expect(await listOf(source)).toEqual([]);
  });
});
