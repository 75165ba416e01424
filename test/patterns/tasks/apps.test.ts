/**
 * Tests of apps: what they are made of, and how they are connected and closed.
 */
import { isBrokerlessError } from 'brokerless';
import { connectTasks, startTaskWorker, tasks } from 'brokerless/patterns/tasks';
import { describe, expect, test } from 'vitest';
import { failure, running } from './running.ts';

const NOWHERE = 'tcp://127.0.0.1:1';

const makeApp = () => tasks({ add: (x: number, y: number) => x + y, nothing: () => {} });

describe('an app', () => {
  test('says that it is not connected', async () => {
    const app = makeApp();
    const error = await failure(app.add.delay(1, 2));
    expect(isBrokerlessError(error, 'CLOSED')).toBe(true);
    expect(String(error)).toContain('add.delay: these tasks are not connected; call connectTasks');
    expect(() => app.add.result('a-1')).toThrow('add.result: these tasks are not connected');
  });

  test('has one connection at a time', async () => {
    const app = makeApp();
    await using run = await running(app);
    const options = { queue: run.queue.producers };
    const error = await failure(connectTasks(app, options));
    expect(isBrokerlessError(error, 'BAD_OPTION')).toBe(true);
    expect(String(error)).toContain('connectTasks: the app is connected');
    const result = await app.add.delay(1, 2);
    await run.client.close();
    expect(await failure(app.add.delay(1, 2))).toMatchObject({ code: 'CLOSED' });
    expect(await failure(result.get())).toMatchObject({ code: 'CLOSED', mayHaveRun: 'maybe' });
    await using _ = await connectTasks(app, options);
    expect(await app.add.result(result.id).get()).toBe(3);
  });

  test('may be connected after that has failed', async () => {
    const app = makeApp();
    expect(await failure(connectTasks(app, { queue: 'nowhere' }))).toMatchObject({
      code: 'ADDRESS',
    });
    const odd = connectTasks(app, { queue: NOWHERE, outcome: true } as never);
    expect(await failure(odd)).toMatchObject({ code: 'BAD_OPTION' });
    expect(await failure(connectTasks(app, {} as never))).toMatchObject({ code: 'BAD_OPTION' });
    await using _ = await connectTasks(app, { queue: NOWHERE });
  });

  test('lives beside others, each at a queue of its own', async () => {
    const [one, other] = [tasks({ who: () => 'one' }), tasks({ who: () => 'other' })];
    await using first = await running(one);
    await using second = await running(other);
    const [a, b] = [await one.who.delay(), await other.who.delay()];
    expect([await a.get(), await b.get()]).toEqual(['one', 'other']);
    expect(first.queue.stats().done + second.queue.stats().done).toBe(2);
  });

  test('is made of functions, and of nothing else', () => {
    expect(() => tasks({ add: 5 } as never)).toThrow('tasks: add must be a function, got 5');
    expect(() => tasks(undefined as never)).toThrow('tasks: functions must be an object');
    expect(Object.keys(makeApp())).toEqual(['add', 'nothing']);
  });

  test('is given no handler besides', async () => {
    const odd = { queue: NOWHERE, handler: () => 1 } as never;
    const error = await failure(startTaskWorker(makeApp(), odd));
    expect(String(error)).toContain('startTaskWorker: unknown option handler');
  });

  test('must be one', async () => {
    const error = await failure(connectTasks({ add: 5 }, { queue: NOWHERE }));
    expect(String(error)).toContain(
      'connectTasks: app must be what tasks() has made, got an object',
    );
  });
});
