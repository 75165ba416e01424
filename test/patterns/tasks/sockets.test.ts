/**
 * Tests of tasks over real sockets: what is sent, what comes back, and what a result tells.
 */
import { isBrokerlessError } from 'brokerless';
import { connectTasks, type TaskContext, tasks } from 'brokerless/patterns/tasks';
import { connectProducer } from 'brokerless/patterns/work-queue';
import { describe, expect, test } from 'vitest';
import { until } from '../../support/until.ts';
import { failure, running } from './running.ts';

/** An app whose task `hold` goes on until it is let go or cancelled. */
function makeApp() {
  const held: TaskContext[] = [];
  const gates = new Map<string, () => void>();
  const app = tasks({
    add: (x: number, y: number) => x + y,
    greet: async (name: string, at?: Date) => ({ text: `hello, ${name}`, at }),
    nothing: () => {},
    async hold(this: TaskContext, name: string) {
      held.push(this);
      await new Promise<void>((go) => {
        gates.set(name, go);
        this.signal.addEventListener('abort', () => go());
      });
      return name;
    },
    whoami() {
      return { task: this.task, id: this.id, attempt: this.attempt };
    },
  });
  return { app, held, letGo: (name: string): void => gates.get(name)?.() };
}

describe('a task', () => {
  test('is done elsewhere, and its result comes back', async () => {
    const { app } = makeApp();
    await using _ = await running(app);
    const result = await app.add.delay(4, 4);
    expect(result.id).toMatch(/^.+-1$/);
    expect(result.task).toBe('add');
    expect(await result.get({ timeoutMs: 5000 })).toBe(8);
    expect(await result.get(), 'a second time').toBe(8);
    expect(await result.outcome()).toEqual({
      id: result.id,
      status: 'done',
      value: 8,
      attempts: 1,
    });
  });

  test('may take and give whatever the queue can carry', async () => {
    const { app } = makeApp();
    await using _ = await running(app);
    const at = new Date(5);
    expect(await (await app.greet.delay('Ada', at)).get()).toEqual({ text: 'hello, Ada', at });
    expect(await (await app.greet.delay('Ada')).get()).toMatchObject({ text: 'hello, Ada' });
    expect(await (await app.nothing.delay()).get()).toBeUndefined();
    const error = await failure(app.greet.delay((() => 'Ada') as never));
    expect(isBrokerlessError(error, 'BAD_VALUE')).toBe(true);
  });

  test('knows what it is, by this', async () => {
    const { app } = makeApp();
    await using _ = await running(app);
    const result = await app.whoami.delay();
    expect(await result.get()).toEqual({ task: 'whoami', id: result.id, attempt: 1 });
  });

  test('is done once although a thousand are sent at once', async () => {
    const { app } = makeApp();
    await using run = await running(app);
    const sent = await Promise.all(Array.from({ length: 1000 }, (_, x) => app.add.delay(x, 1)));
    const sums = await Promise.all(sent.map((result) => result.get()));
    expect(sums).toEqual(Array.from({ length: 1000 }, (_, x) => x + 1));
    expect(run.queue.stats()).toMatchObject({ accepted: 1000, done: 1000 });
  });
});

describe('how a task stands', () => {
  test('is pending, and then done', async () => {
    const { app, held, letGo } = makeApp();
    await using _ = await running(app);
    const result = await app.hold.delay('a');
    expect(await result.status()).toBe('pending');
    await until(() => held.length === 1);
    expect(await result.status(), 'at work').toBe('pending');
    letGo('a');
    expect(await result.get()).toBe('a');
    expect(await result.status()).toBe('done');
  });

  test('is asked of many at once', async () => {
    const { app, letGo } = makeApp();
    await using _ = await running(app);
    const held = await app.hold.delay('a');
    const done = await Promise.all([1, 2, 3].map((x) => app.add.delay(x, x)));
    await Promise.all(done.map((each) => each.get()));
    const again = done.map(({ id }) => app.add.result(id)); // These have not asked yet.
    const known = await Promise.all([held, ...again, held].map((each) => each.status()));
    expect(known).toEqual(['pending', 'done', 'done', 'done', 'pending']);
    letGo('a');
  });

  test('is told by its id in another program', async () => {
    const [one, other] = [makeApp(), makeApp()];
    await using run = await running(one.app);
    const { id } = await one.app.add.delay(4, 4);
    await using _ = await connectTasks(other.app, { queue: run.queue.producers });
    const result = other.app.add.result(id);
    expect(await result.get()).toBe(8);
    expect(await result.status()).toBe('done');
  });

  test('is lost if the queue does not know it, or not any more', async () => {
    const { app } = makeApp();
    await using _ = await running(app, { queue: { maxResults: 1 } });
    const [first, last] = [await app.add.delay(1, 1), await app.add.delay(2, 2)];
    await last.get();
    const forgotten = app.add.result(first.id);
    const error = await failure(forgotten.get());
    expect(error).toMatchObject({ name: 'TaskError', code: 'LOST', status: 'lost', attempts: 0 });
    expect(await forgotten.status()).toBe('lost');
    expect(await app.add.result('another-queue-5').status()).toBe('lost');
    expect(await app.add.result('nonsense').status()).toBe('lost');
  });

  test('is not known while the queue is not there', async () => {
    const { app } = makeApp();
    await using _ = await connectTasks(app, { queue: 'tcp://127.0.0.1:1' });
    const result = app.add.result('some-queue-1');
    for (const asked of [result.status, result.cancel, result.get, result.outcome]) {
      const error = await failure(Reflect.apply(asked, result, [{ timeoutMs: 10 }]));
      expect(error).toMatchObject({ code: 'TIMEOUT' });
    }
  });

  test('is forgotten after the time that results are kept', async () => {
    const { app } = makeApp();
    await using _ = await running(app, { queue: { keepResultsMs: 1 } });
    const result = await app.add.delay(1, 1);
    const status = () => app.add.result(result.id).status();
    await expect.poll(status, { timeout: 30_000 }).toBe('lost');
  });

  test('is waited for no longer than was asked, and goes on', async () => {
    const { app, held, letGo } = makeApp();
    await using _ = await running(app);
    const result = await app.hold.delay('a');
    const late = await failure(result.get({ timeoutMs: 20 }));
    expect(late).toMatchObject({ code: 'TIMEOUT', mayHaveRun: 'maybe' });
    expect(String(late)).toContain('hold: no result within 20 ms');
    const aborted = await failure(result.get({ signal: AbortSignal.abort('enough') }));
    expect(aborted).toMatchObject({ code: 'ABORTED', cause: 'enough' });
    await until(() => held.length === 1);
    letGo('a');
    expect(await result.get()).toBe('a');
  });
});

describe('what is asked of a task', () => {
  test('is a key: such tasks are done one after the other', async () => {
    const { app, held, letGo } = makeApp();
    await using _ = await running(app);
    const keyed = app.hold.with({ key: 'account 7' });
    const [a, b] = [await keyed.delay('a'), await keyed.delay('b')];
    await until(() => held.length === 1);
    expect(await (await app.add.delay(1, 1)).get(), 'another overtakes them').toBe(2);
    expect(held.map(({ id }) => id)).toEqual([a.id]);
    letGo('a');
    await until(() => held.length === 2);
    letGo('b');
    expect([await a.get(), await b.get()]).toEqual(['a', 'b']);
  });

  test('is to be the only one of its key', async () => {
    const { app, letGo, held } = makeApp();
    await using run = await running(app);
    const only = app.hold.with({ key: 'report', unique: true });
    const [a, b] = [await only.delay('a'), await only.delay('b')];
    expect(b.id).toBe(a.id);
    await until(() => held.length === 1);
    letGo('a');
    expect([await a.get(), await b.get()]).toEqual(['a', 'a']);
    expect(run.queue.stats()).toMatchObject({ accepted: 1 });
  });

  test('is a priority: the greater goes first', async () => {
    const { app, held, letGo } = makeApp();
    await using run = await running(app, { worker: { concurrency: 1, credit: 1 } });
    await app.hold.delay('first');
    await until(() => held.length === 1);
    const low = await app.hold.delay('low');
    const high = await app.hold.with({ priority: 9 }).delay('high');
    await until(() => run.queue.stats().depth === 2);
    letGo('first');
    await until(() => held.length === 2);
    letGo('high');
    await until(() => held.length === 3);
    expect(held.slice(1).map(({ id }) => id)).toEqual([high.id, low.id]);
  });

  test('is a delay: what was sent later is done before', async () => {
    const { app, held } = makeApp();
    await using run = await running(app);
    const later = await app.hold.with({ delayMs: 60_000 }).delay('later');
    const atMidnight = app.hold.with({ notBefore: new Date(Date.now() + 60_000) });
    await atMidnight.delay('at midnight');
    expect(await (await app.add.with({ delayMs: 1 }).delay(1, 2)).get()).toBe(3);
    expect(held).toEqual([]);
    expect(run.queue.stats()).toMatchObject({ done: 1, unfinished: 2 });
    expect(await later.status()).toBe('pending');
  });

  test('comes together from several places', async () => {
    const { app } = makeApp();
    await using _ = await running(app, { worker: false });
    const urgent = app.add.with({ priority: 9, attempts: 1 });
    const result = await urgent.with({ deadlineMs: 5 }).delay(1, 1);
    const error = await failure(result.get());
    expect(error).toMatchObject({ code: 'EXPIRED', status: 'expired', attempts: 0 });
  });

  test('is refused by name', () => {
    const { app } = makeApp();
    const bad = (options: object) => () => app.add.with(options);
    expect(bad({ attempts: 0 })).toThrow('add.with: attempts must be a whole number from 1');
    expect(bad({ retries: 1 })).toThrow('add.with: unknown option "retries"');
    expect(bad({ notBefore: new Date(Number.NaN) })).toThrow('notBefore must be a valid Date');
  });
});

test('a stranger that asks for what is no task is told so, and harms nobody', async () => {
  const { app } = makeApp();
  await using run = await running(app);
  await using stranger = await connectProducer(run.queue.producers);
  for (const [item, code] of [
    [{ task: '__proto__', args: [] }, 'UNKNOWN_TASK'],
    [{ task: 'constructor', args: [] }, 'UNKNOWN_TASK'],
    ['nonsense', 'UNKNOWN_TASK'],
    [{ task: 'add', args: 'ab' }, 'BAD_ARGUMENTS'],
  ] as const) {
    const result = app.add.result(await stranger.send(item));
    expect(await failure(result.get())).toMatchObject({ code, status: 'discarded', attempts: 1 });
  }
  expect(await (await app.add.delay(1, 2)).get()).toBe(3);
});
