/**
 * Tests of how a Lazy Pirate ends: by a signal, by being closed, or before it began, with options that make
 * no sense.
 */
import { setMaxListeners } from 'node:events';
import { LazyPirate } from 'brokerless/patterns/lazy-pirate';
import { describe, expect, test } from 'vitest';
import { failure, rejects } from '../../contracts/lifecycle.ts';
import { Desk, signalling } from '../../support/asking.ts';
import { runScript } from '../../support/child.ts';
import { numbers } from '../../support/collect.ts';
import { reservedEndpoint } from '../../support/port.ts';
import { thrownBy } from '../../support/thrown.ts';
import { until } from '../../support/until.ts';
import { startPirate, startReply } from './running.ts';

const square = (n: number): number => n * n;
const long = { timeoutMs: 15_000 };

describe('an abort', () => {
  test('ends the wait, says whether it may have run, and leaves no listener behind', async () => {
    const desk = new Desk<number, number>();
    await using reply = await startReply(desk.handler);
    await using pirate = await startPirate(reply.endpoint, long);
    const { signal, reason, abort, listeners } = signalling();
    const asked = failure(pirate.request(1, { signal }));
    await until(() => desk.requests.length === 1);
    expect(listeners()).toBe(1);
    abort();
    expect(await asked).toMatchObject({ code: 'ABORTED', cause: reason, mayHaveRun: 'maybe' });
    expect(listeners()).toBe(0);
    const error = await rejects(pirate.request(1, { signal }), 'ABORTED');
    expect(error).toMatchObject({ mayHaveRun: 'no' });
    desk.held[0]?.resolve(1);
    await until(() => pirate.stats().late === 1);
  });

  test('of a request that has been answered changes nothing', async () => {
    await using reply = await startReply(square);
    await using pirate = await startPirate(reply.endpoint, long);
    const { signal, abort, listeners } = signalling();
    expect(await pirate.request(3, { signal })).toBe(9);
    expect(listeners()).toBe(0);
    abort();
    expect(await pirate.request(4)).toBe(16);
  });

  test('a thousand times over leaves nothing behind, sent or not', async () => {
    const desk = new Desk<number, number>();
    await using reply = await startReply(desk.handler);
    for (const endpoint of [reply.endpoint, await reservedEndpoint()]) {
      await using pirate = new LazyPirate<number, number>({ servers: endpoint, ...long });
      const { signal, abort, listeners } = signalling();
      setMaxListeners(0, signal);
      const asked = numbers(1000).map((n) => failure(pirate.request(n, { signal })));
      if (endpoint === reply.endpoint) await until(() => pirate.stats().sent === 1000);
      abort();
      const mayHaveRun = endpoint === reply.endpoint ? 'maybe' : 'no';
      for (const error of await Promise.all(asked)) {
        expect(error).toMatchObject({ code: 'ABORTED', mayHaveRun });
      }
      expect(listeners()).toBe(0);
      expect(pirate.stats()).toMatchObject({ inFlight: 0, depth: 0 });
    }
  });
});

describe('close', () => {
  test('rejects what waits, and what comes later', async () => {
    const desk = new Desk<number, number>();
    await using reply = await startReply(desk.handler);
    const pirate = await startPirate(reply.endpoint, long);
    const asked = failure(pirate.request(1));
    await until(() => desk.requests.length === 1);
    await Promise.all([pirate.close(), pirate.close()]);
    expect(await asked).toMatchObject({ code: 'CLOSED', mayHaveRun: 'maybe' });
    expect(await rejects(pirate.request(1), 'CLOSED')).toMatchObject({ mayHaveRun: 'no' });
    expect(pirate.stats().inFlight).toBe(0);
  });

  test('says of what was never sent that it has not run', async () => {
    const pirate = new LazyPirate({ servers: await reservedEndpoint(), ...long });
    const asked = failure(pirate.request(1));
    const waiting = failure(pirate.ready());
    await pirate.close();
    expect(await asked).toMatchObject({ code: 'CLOSED', mayHaveRun: 'no' });
    expect(await waiting).toMatchObject({ code: 'CLOSED' });
    await rejects(pirate.ready(), 'CLOSED');
  });

  test('may come right after it was made', async () => {
    await new LazyPirate({ servers: 'tcp://127.0.0.1:9' }).close();
  });
});

describe('options', () => {
  test('that make no sense are named', () => {
    const bad: readonly (readonly [string, object])[] = [
      ['servers', { servers: [] }],
      ['servers', { servers: 'localhost:5555' }],
      ['servers', { servers: ['tcp://127.0.0.1:5555', 'tcp://127.0.0.1'] }],
      ['servers', { servers: 5 }],
      ['timeoutMs', { timeoutMs: 0 }],
      ['attempts', { attempts: 0 }],
      ['backoff', { backoff: { baseMs: 1 } }],
      ['backoff', { backoff: 5 }],
      ['freshAfter', { freshAfter: 0 }],
      ['connectMs', { connectMs: 1.5 }],
      ['priority', { priority: 256 }],
      ['codec', { codec: 'frames' }],
      ['schema', { schema: {} }],
      ['random', { random: 1 }],
      ['retries', { retries: 1 }],
    ];
    for (const [name, options] of bad) {
      const given = { servers: 'tcp://127.0.0.1:5555', ...options };
      const error = thrownBy(() => new LazyPirate(given), 'BAD_OPTION');
      expect(error.message, name).toContain(name);
    }
  });

  test('with an endpoint that cannot be connected to end what waits, and say whether it has run', async () => {
    const nowhere = 'tcp://127.0.0.1:99999';
    await using pirate = new LazyPirate({ servers: nowhere, ...long });
    expect(await rejects(pirate.request(1), 'ADDRESS')).toMatchObject({ mayHaveRun: 'no' });
    await rejects(pirate.ready(), 'ADDRESS');

    const desk = new Desk<number, number>();
    await using reply = await startReply(desk.handler);
    const servers = [reply.endpoint, nowhere];
    await using other = await startPirate(servers, {
      freshAfter: 1,
      backoff: { baseMs: 0, maxMs: 5000 }, // No wait, and much time in all.
    });
    const error = await rejects(other.request(1, { timeoutMs: 50 }), 'ADDRESS');
    expect(error).toMatchObject({ mayHaveRun: 'maybe' });
  });

  test('bound what is in flight, by number and by bytes', async () => {
    const servers = await reservedEndpoint();
    await using few = new LazyPirate<string, string>({ servers, ...long, maxInFlight: 2 });
    const asked = ['a', 'b'].map((text) => failure(few.request(text)));
    expect(await rejects(few.request('c'), 'QUEUE_FULL')).toMatchObject({ mayHaveRun: 'no' });
    await using small = new LazyPirate<string, string>({ servers, ...long, maxInFlightBytes: 10 });
    asked.push(failure(small.request('x'.repeat(20))));
    await rejects(small.request('y'), 'QUEUE_FULL');
    expect([few.stats(), small.stats()]).toMatchObject([
      { refused: 1, inFlight: 2 },
      { refused: 1, inFlight: 1 },
    ]);
    await Promise.all([few.close(), small.close()]);
    await Promise.all(asked);
  });
});

test('nothing is left of a client that is closed: its process ends by itself', async () => {
  const program = new URL('programs/whole.ts', import.meta.url);
  const result = await runScript(program, { source: true });
  expect(result).toEqual({
    code: 0,
    signal: null,
    stdout: 'TIMEOUT\nABORTED\ntrue 16\nCLOSED\n\n',
    stderr: '',
  });
});
