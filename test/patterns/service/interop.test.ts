/**
 * Tests of our server with a client in Python, written from the wire table alone.
 */
import { isBrokerlessError } from 'brokerless';
import { type HandlersOf, type ServeOptions, serve } from 'brokerless/patterns/service';
import { beforeEach, describe, expect, test } from 'vitest';
import { numbers } from '../../support/collect.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { requirePython } from '../../support/python.ts';
import { until } from '../../support/until.ts';
import { Peer, type Seen, signatures, summing, sums } from './peers.ts';
import { LONG, PATIENT } from './running.ts';

const TCP = 'tcp://127.0.0.1:*';
const BEAT_MS = 1000; // Nobody dies of a busy machine.

beforeEach((context) => requirePython(context, 'zmq', 'cbor2'));

const greeting = ['sums', '1', ...signatures];

/** What our handlers have been told and have noticed. */
class Notes {
  readonly noted: string[] = [];
  readonly given: number[] = [];
  readonly stopped: unknown[] = [];
  asked = 0;
}

function handlersOf(notes: Notes): HandlersOf<typeof summing> {
  return {
    add: ({ a, b }) => a + b,
    buy: (what, context) => {
      throw context.failure('SOLD_OUT', { left: 0 }, `no ${what}`);
    },
    rest: (_, { signal }) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          notes.stopped.push(signal.reason);
          resolve('stopped');
        });
      }),
    seen: (_, { key = '', headers, remainingMs }) => {
      notes.asked += 1;
      const ms = remainingMs === Infinity ? null : Math.ceil(remainingMs);
      return { key, headers, ms, asked: notes.asked };
    },
    *count({ to }) {
      for (const n of numbers(to)) {
        notes.given.push(n + 1);
        yield n + 1;
      }
    },
    noted: (text) => void notes.noted.push(text),
  };
}

/** Our server and their client, once it is welcome. */
async function ourServer(options: Partial<ServeOptions> = {}) {
  const notes = new Notes();
  const bound = { bind: TCP, heartbeatMs: BEAT_MS, ...options };
  const server = await serve(sums, handlersOf(notes), bound);
  const client = new Peer('client', server.endpoint, ...greeting);
  expect(await client.says('welcome')).toBe(bound.heartbeatMs);
  const dispose = async (): Promise<void> => {
    client[Symbol.dispose]();
    await server.close();
  };
  return { server, client, notes, [Symbol.asyncDispose]: dispose };
}

describe('our server, with their client', PATIENT, () => {
  test('answers calls, says what has failed, and what makes no sense', async () => {
    await using here = await ourServer();
    const { client } = here;
    for (const n of numbers(50)) client.do('call', n, 'add', { a: n, b: n }, {});
    client.do('call', 60, 'buy', 'tea', {});
    client.do('call', 61, 'add', null, {});
    const answers = await Promise.all(numbers(50).map((n) => client.says('result', { n })));
    expect(answers).toEqual(numbers(50).map((n) => 2 * n));
    const failure = { code: 'SOLD_OUT', message: 'no tea', data: { left: 0 } };
    expect(await client.says('failed', { n: 60 })).toEqual(failure);
    const mistake = { code: 'HANDLER_FAILED', message: expect.stringContaining('a') };
    expect(await client.says('failed', { n: 61 })).toMatchObject(mistake);
    expect(here.server.stats()).toMatchObject({ received: 52, sent: 52, faults: 0, clients: 1 });
  });

  test('is told how far they have read, and answers on', async () => {
    await using here = await ourServer({ maxUnreadBytes: 1024 });
    const { client } = here;
    client.do('open', 1, 'count', { to: 1000 }, { credit: 1001, hold: true });
    await client.says('end');
    expect(client.all('item', 1)).toHaveLength(1000);
  });

  test('sends no more values of a stream than there is room for', async () => {
    await using here = await ourServer();
    const { client, notes } = here;
    client.do('open', 1, 'count', { to: 9 }, { credit: 2, hold: true });
    await client.says('item', { n: 1, times: 2 });
    client.do('more', 1, 3);
    await client.says('item', { n: 1, times: 5 });
    expect(notes.given).toEqual([1, 2, 3, 4, 5]);
    client.do('more', 1, 100);
    await client.says('end');
    expect(client.all('item', 1).map(({ item }) => item)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    client.do('open', 2, 'count', { to: 500 }, { credit: 10 });
    await client.says('item', { n: 2, times: 500 });
  });

  test('hears what is told, what comes along with a call, and how long it may take', async () => {
    await using here = await ourServer();
    const { client, notes } = here;
    client.do('event', 'noted', 'rain', {});
    await until(() => notes.noted.length === 1, LONG);
    expect(notes.noted).toEqual(['rain']);
    const headers = { traceparent: '00-1-2-01', from: 'Oslo' };
    client.do('call', 1, 'seen', null, { key: 'k', headers, ms: 60_000 });
    const seen = await client.says('result', { n: 1 });
    expect(seen).toMatchObject({ key: 'k', headers, asked: 1 });
    const { ms } = Object(seen) as Seen;
    expect([Number(ms) > 50_000, Number(ms) <= 60_000]).toEqual([true, true]);
    client.do('call', 2, 'seen', null, { key: 'k' });
    client.do('call', 3, 'seen', null, {});
    expect(await client.says('result', { n: 2 })).toEqual(seen);
    expect(await client.says('result', { n: 3 })).toMatchObject({ ms: null, asked: 2 });
    expect(here.server.stats().methods['seen']).toMatchObject({ received: 2, repeated: 1 });
  });

  test('stops what is cancelled, or takes too long, and says no more of it', async () => {
    const clock = new ManualClock();
    await using here = await ourServer({
      clock,
      heartbeatMs: 60_000,
      concurrency: 2,
      maxQueued: 1,
    });
    const { client, notes, server } = here;
    for (const [n, ms] of [0, 50, 100, 0].entries()) client.do('call', n, 'rest', 0, { ms });
    expect(await client.says('refused', { n: 3 })).toBe('OVERLOADED');
    clock.advance(10);
    await client.says('begun', { times: 2 });
    clock.advance(90);
    expect(await client.says('refused', { n: 2 })).toBe('EXPIRED');
    client.do('cancel', 0);
    await until(() => notes.stopped.length === 2, LONG);
    const codes = notes.stopped.map((each) => isBrokerlessError(each) && each.code);
    expect(codes).toEqual(['TIMEOUT', 'ABORTED']);
    client.do('call', 5, 'add', { a: 1, b: 1 }, {});
    await client.says('result');
    const told = client.lines.map((line) => Object.keys(line)[0]);
    expect(told.slice(1)).toEqual(['refused', 'begun', 'begun', 'refused', 'result']);
    expect(server.stats()).toMatchObject({ refused: 1, expired: 2, inFlight: 0, depth: 0 });
  });

  test('tells who has another contract what is missing', async () => {
    await using here = await ourServer();
    const { endpoint } = here.server;
    using other = new Peer('client', endpoint, 'sums', '2', ...signatures);
    using wrong = new Peer('client', endpoint, 'products', '1');
    using asking = new Peer('client', endpoint, 'sums', '1', 'call add', 'stream add');
    expect(await other.says('mismatch')).toMatch(/version "2"/);
    expect(await wrong.says('mismatch')).toMatch(/"products"/);
    expect(await asking.says('mismatch')).toMatch(/"stream add"/);
    using less = new Peer('client', endpoint, 'sums', '1', 'event noted', 'call add');
    await less.says('welcome');
    less.do('call', 1, 'add', { a: 1, b: 2 }, {});
    expect(await less.says('result')).toBe(3);
  });

  test('says what it is', async () => {
    await using here = await ourServer();
    const questions = ['ping', 'info', 'stats'];
    questions.forEach((question, n) => here.client.do('ask', n, question));
    expect(await here.client.says('answer', { n: 0 })).toBeNull();
    const info = { name: 'sums', version: '1', hash: sums.hash };
    const kinds = Object.entries(summing).map(([name, { kind }]) => [name, kind]);
    const methods = Object.fromEntries(kinds);
    expect(await here.client.says('answer', { n: 1 })).toEqual({ ...info, methods });
    expect(await here.client.says('answer', { n: 2 })).toMatchObject({ clients: 1, received: 0 });
    expect(here.client.all('hash')).toMatchObject([{ hash: sums.hash }]);
  });

  test('keeps who beats, loses who is silent, and has it introduce itself anew', async () => {
    await using here = await ourServer();
    const lost: string[] = [];
    here.server.on('client:lost', ({ reason }) => lost.push(reason));
    await here.client.says('beat', { times: 4 });
    expect(lost).toEqual([]);
    here.client.do('mute');
    await until(() => lost.length > 0, LONG);
    expect(lost).toEqual(['silent']);
    here.client.do('speak');
    here.client.do('call', 1, 'add', { a: 1, b: 1 }, {});
    await here.client.says('unknown');
    await here.client.says('welcome', { times: 2 });
    here.client.do('call', 1, 'add', { a: 1, b: 1 }, {});
    expect(await here.client.says('result')).toBe(2);
  });

  test('drains: what was asked is answered, and who comes then is not', async () => {
    await using here = await ourServer();
    const { client, server } = here;
    client.do('open', 1, 'count', { to: 3 }, { credit: 2, hold: true });
    await client.says('item', { times: 2 });
    const drained = server.drain();
    await client.says('drain');
    using late = new Peer('client', server.endpoint, ...greeting);
    await late.says('silent');
    client.do('more', 1, 2);
    expect(await client.says('end')).toBe(1);
    await drained;
    expect(late.all('welcome')).toEqual([]);
    client.do('bye');
    await client.ends();
    await until(() => server.stats().clients === 0, LONG);
  });
});
