/**
 * Waits: every one of them can be ended, leaves nothing behind, and loses nothing.
 */
import { getEventListeners, setMaxListeners } from 'node:events';
import { Pull, Push } from 'brokerless';
import { describe, expect, test } from 'vitest';
import { rejects } from '../contracts/lifecycle.ts';
import { collect, numbers, take } from '../support/collect.ts';
import { turns } from '../support/turns.ts';
import { until } from '../support/until.ts';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

/** A Push bound to ipc and a Pull connected to it, closed with the scope. */
async function pair<T>() {
  const push = await Push.bind<T>('ipc://*');
  const pull = await Pull.connect<T>(push.endpoint);
  await pull.ready();
  return {
    push,
    pull,
    async [Symbol.asyncDispose]() {
      await Promise.all([push.close({ drainMs: 0 }), pull.close()]);
    },
  };
}

describe('a signal', () => {
  test('ends a wait for room, and the value is not sent', async () => {
    await using push = new Push<string>({ maxQueueBytes: 1 });
    await push.send('kept');
    const { signal, abort, reason } = signalling();
    const sending = push.send('withdrawn', { signal });
    const patient = push.send('patient');
    expect(listeners(signal)).toBe(1);
    const depth = push.stats().depthBytes;
    abort();
    const error = await rejects(sending, 'ABORTED');
    expect(error).toMatchObject({ cause: reason, mayHaveRun: 'no' });
    expect(listeners(signal)).toBe(0);
    expect(push.stats().depthBytes).toBeLessThan(depth);
    await rejects(push.send('too late', { signal }), 'ABORTED');
    await push.bind('ipc://*');
    await using pull = await Pull.connect<string>(push.endpoint);
    expect(await take(pull, 2)).toEqual(['kept', 'patient']);
    await patient;
    expect(push.stats()).toMatchObject({ sent: 2, depth: 0, depthBytes: 0 });
  });

  test('leaves no listener on a send that got room', async () => {
    await using push = new Push<number>({ maxQueueBytes: 1 });
    const { signal } = signalling();
    const sends = numbers(10).map((n) => push.send(n, { signal }));
    expect(listeners(signal)).toBe(9);
    await push.bind('ipc://*');
    await using pull = await Pull.connect<number>(push.endpoint);
    expect(await take(pull, 10)).toEqual(numbers(10));
    await Promise.all(sends);
    expect(listeners(signal)).toBe(0);
  });

  test('that one send waits with withdraws that send only, in the middle of the line', async () => {
    await using push = new Push<number>({ maxQueueBytes: 1 });
    const { signal, abort } = signalling();
    const sends = numbers(6).map((n) => push.send(n, n === 3 ? { signal } : {}));
    abort();
    const outcomes = Promise.allSettled(sends);
    await push.bind('ipc://*');
    await using pull = await Pull.connect<number>(push.endpoint);
    expect(await take(pull, 5)).toEqual([0, 1, 2, 4, 5]);
    expect((await outcomes).map(({ status }) => status === 'rejected')).toEqual(
      numbers(6).map((n) => n === 3),
    );
  });

  test('ends a wait for a value, and the value goes to the next who asks', async () => {
    await using both = await pair<number>();
    const { signal, abort, reason } = signalling();
    const receiving = both.pull.receive({ signal });
    await turns();
    expect(listeners(signal)).toBe(1);
    abort();
    expect(await rejects(receiving, 'ABORTED')).toMatchObject({ cause: reason });
    expect(listeners(signal)).toBe(0);
    await rejects(both.pull.receive({ signal }), 'ABORTED');
    for (const n of numbers(100)) await both.push.send(n);
    expect(await take(both.pull, 100)).toEqual(numbers(100));
  });

  test('fired again and again while values come, it loses none', async () => {
    await using both = await pair<number>();
    const count = 3000;
    const sending = (async () => {
      for (const n of numbers(count)) {
        await both.push.send(n);
        if (n % 3 === 0) await turns(1);
      }
    })();
    const got: number[] = [];
    for (let round = 0; got.length < count; round += 1) {
      const { signal, abort } = signalling();
      const receiving = both.pull.receive({ signal }).then(
        (value) => got.push(value),
        () => {},
      );
      if (round % 2 === 0) await turns(1);
      abort();
      await receiving;
      if (round % 7 === 0 && got.length < count) got.push(await both.pull.receive());
      expect(listeners(signal)).toBe(0);
    }
    await sending;
    expect(got).toEqual(numbers(count));
  });

  test('leaves no listener on a receive that got its value', async () => {
    await using both = await pair<number>();
    const { signal } = signalling();
    const receiving = numbers(20).map(() => both.pull.receive({ signal }));
    for (const n of numbers(20)) await both.push.send(n);
    expect(await Promise.all(receiving)).toEqual(numbers(20));
    expect(listeners(signal)).toBe(0);
  });
});

describe('receiving', () => {
  test('several at once get the values in the order in which they asked', async () => {
    await using both = await pair<number>();
    const asked = numbers(500).map(() => both.pull.receive());
    for (const n of numbers(500)) void both.push.send(n);
    expect(await Promise.all(asked)).toEqual(numbers(500));
  });

  test('who asks while others wait does not get ahead of them', async () => {
    await using both = await pair<number>();
    const order: (readonly [number, number])[] = [];
    let asked = 0;
    const ask = (): void => {
      const number = asked;
      asked += 1;
      void both.pull.receive().then(
        (value) => order.push([number, value]),
        () => {},
      );
    };
    for (let i = 0; i < 10; i += 1) ask();
    let going = true;
    // Asks in every microtask for a while, so that some ask at just the moment values come.
    const eager = (async () => {
      while (going) {
        for (let i = 0; i < 400 && asked < 3000; i += 1) {
          ask();
          await Promise.resolve();
        }
        await turns(1);
      }
    })();
    for (const n of numbers(3000)) {
      void both.push.send(n);
      if (n % 40 === 0) await turns(1);
    }
    await until(() => order.length === 3000);
    going = false;
    await eager;
    expect(order.filter(([number, value]) => number !== value)).toEqual([]);
  });

  test('a loop that is left and entered again loses nothing', async () => {
    await using both = await pair<number>();
    for (const n of numbers(1000)) void both.push.send(n);
    const got: number[] = [];
    while (got.length < 1000) {
      for await (const value of both.pull) {
        got.push(value);
        if (got.length % 90 === 0 || got.length === 1000) break;
      }
    }
    expect(got).toEqual(numbers(1000));
    expect(both.pull.closed).toBe(false);
  });

  test('two loops share the values, and each sees its own in order', async () => {
    await using both = await pair<number>();
    const loops = [collect(both.pull), collect(both.pull)];
    for (const n of numbers(1000)) void both.push.send(n);
    await until(() => loops.flat().length === 1000);
    expect(loops.flat().toSorted((a, b) => a - b)).toEqual(numbers(1000));
    for (const loop of loops) {
      expect(loop.length).toBeGreaterThan(100);
      expect(loop).toEqual(loop.toSorted((a, b) => a - b));
    }
  });

  test('an iterator is one by itself', async () => {
    await using both = await pair<number>();
    for (const n of numbers(3)) void both.push.send(n);
    const iterator = both.pull[Symbol.asyncIterator]();
    expect(iterator[Symbol.asyncIterator]()).toBe(iterator);
    expect(await iterator.next()).toEqual({ value: 0, done: false });
    expect(await iterator.return?.()).toEqual({ value: undefined, done: true });
    expect(await take(both.pull, 2)).toEqual([1, 2]);
  });
});

function signalling(): { signal: AbortSignal; reason: Error; abort: () => void } {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  const reason = new Error('enough');
  return { signal: controller.signal, reason, abort: () => controller.abort(reason) };
}
