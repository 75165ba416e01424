/**
 * Tests of tasks that come to nothing: they throw, are discarded, cancelled or too late, or their worker is killed.
 */
import {
  connectTasks,
  Discard,
  isTaskError,
  startTaskWorker,
  type TaskContext,
  tasks,
} from 'brokerless/patterns/tasks';
import { describe, expect, test } from 'vitest';
import { until } from '../../support/until.ts';
import { failure, running } from './running.ts';

function makeApp() {
  const tries = new Map<string, number>();
  const waiting: TaskContext[] = [];
  const app = tasks({
    fail(text: string) {
      tries.set(text, this.attempt);
      throw Object.assign(new RangeError(text), { code: 'TOO_FAR', data: { by: [1] } });
    },
    failPlainly() {
      throw new Error('no code');
    },
    async succeedAt(attempt: number) {
      if (this.attempt < attempt) throw new Error(`attempt ${this.attempt} fails`);
      return this.attempt;
    },
    discard(reason: string) {
      throw new Discard(reason);
    },
    unencodable: () => () => 5,
    async wait(this: TaskContext) {
      waiting.push(this);
      await new Promise<void>((go) => this.signal.addEventListener('abort', () => go()));
      throw this.signal.reason;
    },
  });
  return { app, tries, waiting };
}

describe('a task that throws', () => {
  test('is tried again, and may succeed', async () => {
    const { app } = makeApp();
    await using run = await running(app);
    const result = await app.succeedAt.delay(3);
    expect(await result.get()).toBe(3);
    expect(run.queue.stats()).toMatchObject({ retried: 2, done: 1 });
  });

  test('fails with its code, message and data after so many attempts', async () => {
    const { app, tries } = makeApp();
    await using run = await running(app);
    const result = await app.fail.with({ attempts: 2 }).delay('too far');
    const error = await failure(result.get());
    expect(isTaskError(error, 'TOO_FAR')).toBe(true);
    expect(isTaskError(error, 'OTHER')).toBe(false);
    expect(error).toMatchObject({
      name: 'TaskError',
      message: 'too far',
      code: 'TOO_FAR',
      data: { by: [1] },
      status: 'failed',
      attempts: 2,
      id: result.id,
      task: 'fail',
      part: undefined,
    });
    expect(tries.get('too far')).toBe(2);
    expect(await result.status()).toBe('failed');
    expect(run.queue.deadLetters()).toMatchObject([
      { id: result.id, item: { task: 'fail', args: ['too far'] } },
    ]);
  });

  test('needs no code', async () => {
    const { app } = makeApp();
    await using _ = await running(app, { queue: { maxAttempts: 1 } });
    const error = await failure((await app.failPlainly.delay()).get());
    expect(error).toMatchObject({ code: 'HANDLER_FAILED', message: 'no code', attempts: 1 });
  });

  test('may say that trying again is of no use', async () => {
    const { app } = makeApp();
    await using run = await running(app);
    const result = await app.discard.delay('no such user');
    expect(await failure(result.get())).toMatchObject({
      code: 'DISCARDED',
      message: 'no such user',
      status: 'discarded',
      attempts: 1,
    });
    expect(await result.status()).toBe('discarded');
    expect(run.queue.deadLetters()).toEqual([]);
  });

  test('is heard of where its worker is', async () => {
    const { app } = makeApp();
    const heard: unknown[] = [];
    await using _ = await running(app, { worker: { onError: (error) => heard.push(error) } });
    await failure((await app.fail.with({ attempts: 1 }).delay('far')).get());
    expect(heard).toMatchObject([{ name: 'RangeError', message: 'far' }]);
  });
});

test('a result that cannot travel is not made again', async () => {
  const { app } = makeApp();
  await using _ = await running(app);
  const error = await failure((await app.unencodable.delay()).get());
  expect(error).toMatchObject({ status: 'discarded', attempts: 1 });
  expect(String(error)).toContain('the result cannot travel');
});

describe('a task that is cancelled', () => {
  test('while it waits is not begun', async () => {
    const { app, tries } = makeApp();
    await using run = await running(app, { worker: false });
    const result = await app.fail.delay('never');
    await result.cancel();
    const error = await failure(result.get());
    expect(error).toMatchObject({ code: 'CANCELLED', status: 'cancelled', attempts: 0 });
    expect(String(error)).toBe('TaskError: fail was cancelled');
    await using _ = await startTaskWorker(app, { queue: run.queue.workers });
    await until(() => run.queue.stats().workers === 1);
    expect(tries.size).toBe(0);
    expect(run.queue.stats()).toMatchObject({ cancelled: 1, unfinished: 0 });
  });

  test('while it is at work sees its signal fire', async () => {
    const { app, waiting } = makeApp();
    await using _ = await running(app);
    const result = await app.wait.delay();
    await until(() => waiting.length === 1);
    await result.cancel();
    expect(await failure(result.get())).toMatchObject({ code: 'CANCELLED', attempts: 1 });
    await until(() => waiting[0]?.signal.aborted === true);
  });

  test('from another program, before that has met the queue', async () => {
    const [{ app, waiting }, { app: other }] = [makeApp(), makeApp()];
    await using run = await running(app);
    const result = await app.wait.delay();
    await until(() => waiting.length === 1);
    await using _ = await connectTasks(other, { queue: run.queue.producers });
    await other.wait.result(result.id).cancel();
    expect(await failure(result.get())).toMatchObject({ code: 'CANCELLED' });
    await until(() => waiting[0]?.signal.aborted === true);
  });

  test('by the signal that it was sent with', async () => {
    const { app, waiting } = makeApp();
    await using _ = await running(app);
    const stop = new AbortController();
    const result = await app.wait.with({ signal: stop.signal }).delay();
    await until(() => waiting.length === 1);
    stop.abort();
    expect(await failure(result.get())).toMatchObject({ code: 'CANCELLED' });
  });

  test('after it has ended stays as it is', async () => {
    const { app } = makeApp();
    await using _ = await running(app);
    const result = await app.succeedAt.delay(1);
    await result.get();
    await result.cancel();
    expect(await app.succeedAt.result(result.id).status()).toBe('done');
  });
});

test('a task that nobody does in time has expired', async () => {
  const { app } = makeApp();
  await using _ = await running(app, { worker: false });
  const result = await app.fail.with({ deadlineMs: 10 }).delay('late');
  expect(await failure(result.get())).toMatchObject({ code: 'EXPIRED', status: 'expired' });
});

test('a queue that was there before knows nothing of its tasks after a new start', async () => {
  const { app } = makeApp();
  const first = await running(app, { worker: false });
  const result = await app.succeedAt.delay(1);
  const { producers, workers } = first.queue;
  await first.queue.close();
  const lost = failure(result.get());
  const second = tasks({});
  await using _ = await running(second, { queue: { producers, workers } });
  expect(await lost).toMatchObject({ code: 'LOST', status: 'lost' });
  await first[Symbol.asyncDispose]();
});
