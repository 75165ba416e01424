/**
 * Tests of streams that end before they are at their end: by a signal, by their time, with the client or the server.
 */
import { getEventListeners } from 'node:events';
import { type CallContext, connectTo, contract, stream } from 'brokerless/patterns/service';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { failure, rejects } from '../../contracts/lifecycle.ts';
import { signalling } from '../../support/asking.ts';
import { until } from '../../support/until.ts';
import { gate, LONG, later, pair } from './running.ts';

const clocks = contract('clocks', { ticks: stream<void, number>() });

/** A source that gives so many values at once and then waits until nobody wants more. */
function pausing(count: number) {
  const contexts: CallContext<unknown>[] = [];
  let ended = 0;
  async function* ticks(_input: void, context: CallContext<unknown>): AsyncGenerator<number> {
    contexts.push(context);
    try {
      for (let n = 0; n < count; n += 1) yield n;
      const { signal } = context;
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    } finally {
      ended += 1;
    }
  }
  return { handlers: { ticks }, contexts, ended: () => ended };
}

/** Reads all, into `read`. */
async function readInto(read: unknown[], values: AsyncIterable<unknown>): Promise<void> {
  for await (const value of values) read.push(value);
}

describe('a signal that fires', () => {
  test('ends a stream with what has come, and stops its source', async () => {
    const source = pausing(3);
    await using both = await pair(clocks, source.handlers);
    const { signal, abort, reason, listeners } = signalling();
    const read: unknown[] = [];
    const reading = rejects(readInto(read, both.client.ticks(undefined, { signal })), 'ABORTED');
    await until(() => read.length === 3);
    expect(listeners()).toBe(1);
    abort();
    expect(await reading).toMatchObject({ cause: reason, mayHaveRun: 'maybe' });
    expect([read, listeners()]).toEqual([[0, 1, 2], 0]);
    await until(() => source.ended() === 1);
    expect(source.contexts[0]?.signal.reason).toMatchObject({ code: 'ABORTED' });
    expect(both.server.stats().methods['ticks']).toMatchObject({ cancelled: 1, inFlight: 0 });
  });

  test('before it is begun asks for nothing', async () => {
    await using both = await pair(clocks, pausing(1).handlers);
    const { signal, abort } = signalling();
    const values = both.client.ticks(undefined, { signal });
    abort();
    const error = await rejects(values.next(), 'ABORTED');
    expect(error).toMatchObject({ mayHaveRun: 'no' });
    expect(await values.next()).toEqual({ value: undefined, done: true });
    expect(both.client.stats()).toMatchObject({ sent: 0, inFlight: 0 });
  });

  test('while it begins ends it all the same', async () => {
    const source = pausing(1);
    await using both = await pair(clocks, source.handlers);
    const { signal, abort, listeners } = signalling();
    const first = later(both.client.ticks(undefined, { signal }).next());
    abort();
    await rejects(first, 'ABORTED');
    await until(() => both.server.stats().inFlight === 0);
    expect(listeners()).toBe(0);
    expect(both.client.stats()).toMatchObject({ inFlight: 0 });
  });

  test('leaves no listener behind when a stream has ended in any other way', async () => {
    await using both = await pair(clocks, pausing(3).handlers);
    const { signal } = new AbortController();
    for await (const n of both.client.ticks(undefined, { signal })) if (n === 2) break;
    await failure(readInto([], both.client.ticks(undefined, { signal, timeoutMs: 30 })));
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});

describe('the time of a stream', () => {
  test('is as long as it takes, unless it is told otherwise', async () => {
    const source = pausing(3);
    await using both = await pair(clocks, source.handlers, { connect: { timeoutMs: 20 } });
    const read: unknown[] = [];
    void later(readInto(read, both.client.ticks()));
    await until(() => read.length === 3);
    expect(source.contexts[0]?.remainingMs).toBe(Infinity);
  });

  test('is for all of it: what came in time is read, and then it is over at both ends', async () => {
    const source = pausing(3);
    await using both = await pair(clocks, source.handlers);
    const read: unknown[] = [];
    const reading = readInto(read, both.client.ticks(undefined, { timeoutMs: 1500 }));
    const error = await rejects(reading, 'TIMEOUT');
    expect(error).toMatchObject({ mayHaveRun: 'maybe', data: { progress: 'running' } });
    expect(read).toEqual([0, 1, 2]);
    await until(() => source.ended() === 1);
    await until(() => both.server.stats().inFlight === 0);
  });
});

describe('a stream under way', () => {
  test('ends with its client, whose server stops the source', async () => {
    const source = pausing(2);
    await using both = await pair(clocks, source.handlers);
    const read: unknown[] = [];
    const reading = rejects(readInto(read, both.client.ticks()), 'CLOSED');
    await until(() => read.length === 2);
    await both.client.close();
    expect(await reading).toMatchObject({ mayHaveRun: 'maybe' });
    await until(() => source.ended() === 1, LONG);
    expect(source.contexts[0]?.signal.aborted).toBe(true);
    await rejects(both.client.ticks().next(), 'CLOSED');
  });

  test('ends with its server, which does not wait for it longer than it is told to', async () => {
    const source = pausing(2);
    await using both = await pair(clocks, source.handlers, { serve: { drainMs: 20 } });
    const read: unknown[] = [];
    const reading = rejects(readInto(read, both.client.ticks()), 'UNREACHABLE');
    await until(() => read.length === 2);
    await both.server.close();
    expect(await reading).toMatchObject({
      mayHaveRun: 'maybe',
      data: { server: both.server.endpoint },
    });
    await until(() => source.ended() === 1);
  });

  test('is waited for by a server that drains', async () => {
    const held = gate();
    async function* ticks(): AsyncGenerator<number> {
      yield 1;
      await held.opened;
      yield 2;
    }
    await using both = await pair(clocks, { ticks }, { serve: { drainMs: 10_000 } });
    const read: unknown[] = [];
    const reading = readInto(read, both.client.ticks());
    await until(() => read.length === 1);
    const closing = both.server.close();
    held.open();
    await reading;
    expect(read).toEqual([1, 2]);
    await closing;
  });
});

describe('a value that the schema of a stream refuses', () => {
  const strict = contract('strict', {
    ticks: stream<void, { n: number }>({ output: z.object({ n: z.number('no number') }) }),
  });
  const loose = contract('strict', { ticks: stream<void, { n: number }>() });

  test('does not leave the server', async () => {
    const ticks = (): { n: number }[] => [{ n: 1 }, { n: 'two' } as never, { n: 3 }];
    await using both = await pair(strict, { ticks });
    const read: unknown[] = [];
    const error = await rejects(readInto(read, both.client.ticks()), 'HANDLER_FAILED');
    expect(read).toEqual([{ n: 1 }]);
    expect(error).toMatchObject({ data: { code: 'BAD_VALUE' } });
    expect(String(error)).toContain('n: no number');
  });

  test('is refused where it arrives, and its source is left', async () => {
    let isLeft = false;
    async function* ticks(): AsyncGenerator<{ n: number }> {
      try {
        yield { n: 1, more: 'left out' } as { n: number };
        for (;;) yield { n: 'two' } as never;
      } finally {
        isLeft = true;
      }
    }
    await using both = await pair(loose, { ticks });
    await using client = await connectTo(strict, { to: both.server.endpoint });
    const read: unknown[] = [];
    const error = await rejects(readInto(read, client.ticks()), 'BAD_MESSAGE');
    expect(read).toEqual([{ n: 1 }]);
    expect(String(error)).toContain('n: no number');
    await until(() => isLeft);
    expect(client.stats()).toMatchObject({ inFlight: 0 });
  });
});
