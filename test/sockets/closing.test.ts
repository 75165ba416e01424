/**
 * Closing: what was accepted leaves or is reported, whoever waits is told, and the process ends when
 * its last socket is closed, and not before.
 */
import { Pull, Push } from 'brokerless';
import { describe, expect, test } from 'vitest';
import { rejects, transports } from '../contracts/lifecycle.ts';
import { runScript } from '../support/child.ts';
import { collect, numbers, take } from '../support/collect.ts';
import { turns } from '../support/turns.ts';
import { until } from '../support/until.ts';

describe.each(Object.entries(transports))('over %s', (_name, endpoint) => {
  test('what nobody took is reported as unsent', async () => {
    const push = await Push.bind<number>(endpoint);
    for (const n of numbers(500)) void push.send(n);
    expect(await push.close({ drainMs: 0 })).toEqual({ unsent: 500, unread: 0, flushed: true });
    expect(push.stats()).toMatchObject({ sent: 0, depth: 500 });
  });

  test('what was sent just before arrives, and is flushed', async () => {
    await using pull = await Pull.bind<number>(endpoint);
    const push = await Push.connect<number>(pull.endpoint);
    const got = collect(pull);
    for (const n of numbers(2000)) void push.send(n);
    expect(await push.close()).toEqual({ unsent: 0, unread: 0, flushed: true });
    await until(() => got.length === 2000);
    expect(got).toEqual(numbers(2000));
  });

  test('a peer that comes late is waited for until drainMs', async () => {
    const push = await Push.bind<number>(endpoint);
    for (const n of numbers(500)) void push.send(n);
    const closing = push.close({ drainMs: 8000 });
    await turns(20);
    await using pull = await Pull.connect<number>(push.endpoint);
    expect(await take(pull, 500)).toEqual(numbers(500));
    expect(await closing).toEqual({ unsent: 0, unread: 0, flushed: true });
  });

  test('a receive that is pending rejects, and a loop just ends', async () => {
    const pull = await Pull.bind(endpoint);
    const receiving = rejects(pull.receive(), 'CLOSED');
    let ended = 0;
    const loop = (async () => {
      for await (const value of pull) expect.fail(`received ${String(value)}`);
      ended += 1;
    })();
    await turns();
    await pull.close();
    await Promise.all([receiving, loop]);
    for await (const value of pull) expect.fail(`received ${String(value)}`);
    expect(ended).toBe(1);
  });

  test('what was received and not taken is reported as unread', async () => {
    await using push = await Push.bind<number>(endpoint);
    const pull = await Pull.connect<number>(push.endpoint);
    await pull.ready();
    if (!endpoint.startsWith('inproc')) await until(() => push.stats().connections === 1);
    for (const n of numbers(300)) void push.send(n);
    const got = await take(pull, 7);
    const { depth } = pull.stats();
    // One message at a time is read: over inproc a turn is dealt into eight of them.
    expect(depth).toBe((endpoint.startsWith('inproc') ? 37 : 300) - 7);
    const [{ unread }] = await Promise.all([pull.close(), push.close({ drainMs: 0 })]);
    expect({ got, unread }).toEqual({ got: numbers(7), unread: depth });
    expect(pull.stats()).toMatchObject({ received: 7, depth });
  });
});

test('values that a slow schema looks at while the socket closes are unread, too', async () => {
  let looking = 0;
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const validate = async (value: unknown) => {
    looking += 1;
    await gate;
    return { value: Number(value) };
  };
  const schema = { '~standard': { version: 1, vendor: 'test', validate } } as const;
  await using push = await Push.bind<number>('ipc://*');
  const pull = await Pull.connect<number>(push.endpoint, { schema });
  const receiving = rejects(pull.receive(), 'CLOSED');
  await pull.ready();
  await until(() => push.stats().connections === 1);
  for (const n of numbers(10)) void push.send(n);
  await until(() => looking > 0);
  const { unread } = await pull.close();
  open();
  await receiving;
  expect({ unread, looking }).toEqual({ unread: 10, looking: 10 });
});

test('all that was accepted was sent or is reported as unsent, whenever the peer comes', async () => {
  for (const delay of numbers(25)) {
    const push = await Push.bind<number>('ipc://*', { batch: delay % 2 === 0, highWaterMark: 3 });
    const { endpoint } = push;
    for (const n of numbers(400)) void push.send(n);
    const pull = new Pull<number>();
    const got = collect(pull);
    await pull.connect(endpoint);
    await turns(delay);
    const { unsent } = await push.close({ drainMs: 0 });
    expect({ delay, all: unsent + push.stats().sent }).toEqual({ delay, all: 400 });
    await pull.close();
    expect(got.length).toBeLessThanOrEqual(400 - unsent);
    expect(got).toEqual(numbers(got.length));
  }
});

test('who waits for room is let in while there is time, and is told when it is over', async () => {
  const push = new Push<number>({ maxQueueBytes: 1 });
  const sends = numbers(10).map((n) => push.send(n));
  const outcomes = Promise.allSettled(sends);
  expect(await push.close({ drainMs: 30 })).toMatchObject({ unsent: 1 });
  const told = await outcomes;
  expect(told.map(({ status }) => status === 'fulfilled')).toEqual(numbers(10).map((n) => n === 0));
  for (const outcome of told.slice(1))
    expect(outcome).toMatchObject({ reason: { code: 'CLOSED' } });
});

test('what a peer does not read is waited for until drainMs, and is not said to have left', async () => {
  await using pull = await Pull.bind<Uint8Array>('ipc://*', { highWaterMark: 1 });
  for (const round of numbers(20)) {
    const push = await Push.connect<Uint8Array>(pull.endpoint, { codec: 'raw' });
    await push.ready();
    for (let n = 0; n < 30; n += 1) await push.send(new Uint8Array(1 << 18));
    await until(() => push.stats().sent === 30);
    const start = performance.now();
    const report = await push.close({ drainMs: 20 });
    expect({ round, ...report }).toEqual({ round, unsent: 0, unread: 0, flushed: false });
    expect(performance.now() - start).toBeLessThan(5000);
  }
});

test('a socket that has an inproc endpoint, too, still flushes what goes by tcp', async () => {
  const pull = await Pull.bind<Uint8Array>('tcp://127.0.0.1:*', { highWaterMark: 1 });
  const push = await Push.connect<Uint8Array>(pull.endpoint, { codec: 'raw' });
  await push.bind('inproc://beside');
  await push.ready();
  for (const n of numbers(60)) await push.send(new Uint8Array(1 << 20).fill(n));
  await until(() => push.stats().sent > 40);
  expect(await push.close({ drainMs: 50 })).toMatchObject({ flushed: false });
  await pull.close();
});

describe('the process', () => {
  const program = new URL('programs/ending.ts', import.meta.url);

  /** How the program ends, and how long after it said it was done. */
  async function end(how: string) {
    const run = await runScript(program, { source: true, args: [how] });
    const afterMs = Date.now() - Number(/at (\d+)/.exec(run.stdout)?.[1]);
    return { ...run, afterMs };
  }

  test.concurrent.for([
    'all-closed',
    'unsent-closed',
    'unsent-flushing',
    'unsent-exit',
    'received-all',
  ])('ends in time: %s', async (how, context) => {
    const { afterMs, ...run } = await end(how);
    context.expect(run, run.stderr).toMatchObject({ code: 0, signal: null });
    context.expect(afterMs).toBeLessThan(20_000); // One that is held never ends.
  });

  test.concurrent.for(['idle-push', 'idle-pull', 'idle-unbound'])(
    'is held by an open socket: %s',
    async (how, context) => {
      const { code, stdout, stderr } = await end(how);
      context.expect({ code, held: stdout.endsWith('held\n') }, stderr).toEqual({
        code: 7,
        held: true,
      });
    },
  );
});
