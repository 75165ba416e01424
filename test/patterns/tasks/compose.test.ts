/**
 * Tests of several tasks as one: chains, groups and chords, and what becomes of the rest when a part comes to nothing.
 */
import { chain, chord, group, type TaskContext, tasks } from 'brokerless/patterns/tasks';
import { describe, expect, test } from 'vitest';
import { until } from '../../support/until.ts';
import { failure, running } from './running.ts';

function makeApp() {
  const called: string[] = [];
  const aborted: string[] = [];
  const app = tasks({
    add(x: number, y: number) {
      called.push(`add ${x} ${y}`);
      return x + y;
    },
    square: async (x: number) => x * x,
    sum: (xs: readonly number[], more = 0) => xs.reduce((sum, x) => sum + x, more),
    join: (parts: readonly [number, string], by: string) => parts.join(by),
    text: (x: number) => String(x),
    fail: (text: string) => {
      throw Object.assign(new Error(text), { code: 'BROKEN' });
    },
    async wait(this: TaskContext, name: string) {
      called.push(name);
      await new Promise<void>((go) => this.signal.addEventListener('abort', () => go()));
      aborted.push(name);
      return name;
    },
  });
  return { app, called, aborted };
}

const once = { queue: { maxAttempts: 1 } };

describe('a chain', () => {
  test('gives each part the result of the one before', async () => {
    const { app, called } = makeApp();
    await using _ = await running(app);
    const parts = [app.add.s(2, 2), app.square.after(), app.add.after(8)] as const;
    expect(await chain(parts)).toBe(24);
    expect(await chain(parts), 'a second time').toBe(24);
    expect(called.slice(0, 2)).toEqual(['add 2 2', 'add 16 8']);
    expect(await chain([app.square.s(3)])).toBe(9);
  });

  test('may hold a part that does not look at what came before', async () => {
    const { app } = makeApp();
    await using _ = await running(app);
    expect(await chain([app.add.s(2, 2), app.text.s(7)])).toBe('7');
  });

  test('ends with the part that comes to nothing, and says which', async () => {
    const { app, called } = makeApp();
    await using run = await running(app, once);
    const error = await failure(
      chain([app.add.s(2, 2), app.text.after(), app.fail.after(), app.add.s(5, 5)]),
    );
    expect(error).toMatchObject({ code: 'BROKEN', message: '4', task: 'fail', part: 2 });
    expect(called).toEqual(['add 2 2']);
    expect(run.queue.stats()).toMatchObject({ accepted: 3, done: 2, failed: 1 });
  });

  test('that nobody waits for any more is cancelled, and goes no further', async () => {
    const { app, called, aborted } = makeApp();
    await using run = await running(app);
    const stop = new AbortController();
    const whole = failure(chain([app.wait.s('a'), app.wait.after()], { signal: stop.signal }));
    await until(() => called.length === 1);
    stop.abort('enough');
    expect(await whole).toMatchObject({ code: 'ABORTED', cause: 'enough' });
    await until(() => aborted.length === 1);
    await until(() => run.queue.stats().cancelled === 1);
    expect(run.queue.stats().accepted).toBe(1);
  });
});

describe('a group', () => {
  test('resolves with all results, in the order of its calls', async () => {
    const { app } = makeApp();
    await using _ = await running(app);
    expect(await group([app.add.s(1, 2), app.text.s(5), app.square.s(3)])).toEqual([3, '5', 9]);
    expect(await group([])).toEqual([]);
    const many = Array.from({ length: 200 }, (_each, x) => app.square.s(x));
    expect(await group(many)).toEqual(Array.from({ length: 200 }, (_each, x) => x * x));
  });

  test('fails with its first part that does, and cancels the rest', async () => {
    const { app, called, aborted } = makeApp();
    await using run = await running(app, once);
    const calls = [app.wait.s('a'), app.add.s(1, 1), app.fail.with({ delayMs: 30 }).s('b')];
    const error = await failure(group(calls));
    expect(error).toMatchObject({ code: 'BROKEN', task: 'fail', part: 2 });
    expect(called).toContain('a');
    await until(() => aborted.length === 1);
    await until(() => run.queue.stats().unfinished === 0);
    expect(run.queue.stats()).toMatchObject({ done: 1, failed: 1, cancelled: 1 });
  });

  test('is given up after its time, and cancelled', async () => {
    const { app } = makeApp();
    await using run = await running(app, { worker: false });
    const late = group([app.square.s(1), app.square.s(2)], { timeoutMs: 30 });
    expect(await failure(late)).toMatchObject({ code: 'TIMEOUT' });
    await until(() => run.queue.stats().cancelled === 2);
  });

  test('fails if a part cannot be sent', async () => {
    const { app } = makeApp();
    await using run = await running(app, { worker: false });
    const odd = app.text.s((() => 5) as never);
    expect(await failure(group([app.square.s(1), odd]))).toMatchObject({ code: 'BAD_VALUE' });
    await until(() => run.queue.stats().cancelled === 1);
  });

  test('is a list of calls', async () => {
    const error = await failure(group('ab' as never));
    expect(String(error)).toContain('group: parts must be an array, got "ab"');
  });
});

describe('a chord', () => {
  test('does a task with the results of a group', async () => {
    const { app } = makeApp();
    await using _ = await running(app);
    expect(await chord([app.add.s(1, 2), app.square.s(3)], app.sum.after())).toBe(12);
    expect(await chord([app.add.s(1, 2), app.text.s(5)], app.join.after('-'))).toBe('3-5');
    expect(await chord([], app.sum.after(7)), 'of nothing').toBe(7);
  });

  test('does not begin with that if a part fails', async () => {
    const { app } = makeApp();
    await using run = await running(app, once);
    const error = await failure(chord([app.add.s(1, 2), app.fail.s('b')], app.text.s(1)));
    expect(error).toMatchObject({ code: 'BROKEN', part: 1 });
    await until(() => run.queue.stats().unfinished === 0);
    expect(run.queue.stats().accepted).toBe(2);
  });

  test('says so if the task after the group fails', async () => {
    const { app } = makeApp();
    await using _ = await running(app, once);
    const whole = chord([app.add.s(1, 2), app.add.s(3, 4)], app.fail.s('at last'));
    expect(await failure(whole)).toMatchObject({ code: 'BROKEN', message: 'at last', part: 2 });
  });
});
