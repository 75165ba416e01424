/**
 * Tests of a Lazy Pirate over real sockets: whoever answers, whatever it answers, and how it is closed.
 */
import { type BrokerlessError, Reply } from 'brokerless';
import { LazyPirate } from 'brokerless/patterns/lazy-pirate';
import { describe, expect, test } from 'vitest';
import * as zmq from 'zeromq';
import { rejects } from '../../contracts/lifecycle.ts';
import { numbers } from '../../support/collect.ts';
import { reservedEndpoint } from '../../support/port.ts';
import { requirePython } from '../../support/python.ts';
import { until } from '../../support/until.ts';
import { PythonServer, RawServer, startPirate, startReply } from './running.ts';

const square = (n: number): number => n * n;
const squares = (count: number): number[] => numbers(count).map(square);
const long = { timeoutMs: 15_000 };

describe('is answered by', () => {
  test.each(['tcp://127.0.0.1:*', 'ipc://*', 'inproc://lazy-pirate'])(
    'a Reply over %s, many requests at a time',
    async (endpoint) => {
      await using reply = await startReply(square, endpoint);
      await using pirate = await startPirate(reply.endpoint, long);
      const answers = await Promise.all(numbers(300).map((n) => pirate.request(n)));
      expect(answers).toEqual(squares(300));
      expect(pirate.stats()).toMatchObject({
        sent: 300,
        received: 300,
        retried: 0,
        late: 0,
        faults: 0,
        inFlight: 0,
        depth: 0,
        connections: 1,
      });
      expect(pirate.stats().durations.max).toBeGreaterThan(0);
    },
  );

  test('a raw zeromq REP, one request after the other', async () => {
    const raw = new zmq.Reply({ linger: 0 });
    raw.bindSync('tcp://127.0.0.1:*');
    await using pirate = await startPirate(raw.lastEndpoint ?? '', long);
    const serving = (async () => {
      for (const _ of numbers(100)) await raw.send(await raw.receive());
    })();
    const answers = await Promise.all(numbers(100).map((n) => pirate.request(n)));
    expect(answers).toEqual(numbers(100));
    await serving;
    raw.close();
  });

  test('a REP in Python', async (context) => {
    requirePython(context, 'zmq', 'cbor2');
    using server = await PythonServer.start();
    await using pirate = await startPirate(server.endpoint, long);
    const answers = await Promise.all(numbers(50).map((n) => pirate.request(n)));
    expect(answers).toEqual(squares(50));
  });

  test('whoever comes later', async () => {
    const endpoint = await reservedEndpoint();
    await using pirate = new LazyPirate<number, number>({ servers: endpoint, ...long });
    const answer = pirate.request(7);
    await until(() => pirate.stats().depth === 1);
    await using reply = await startReply(square, endpoint);
    expect(await answer).toBe(49);
    expect(reply.stats().received).toBe(1);
  });

  test('all of 10,000 requests, 64 of them in flight', async () => {
    await using reply = await startReply(square);
    await using pirate = await startPirate(reply.endpoint, long);
    let next = 0;
    let [most, wrong] = [0, 0];
    const ask = async (): Promise<void> => {
      while (next < 10_000) {
        const n = next;
        next += 1;
        const answer = pirate.request(n);
        most = Math.max(most, pirate.stats().inFlight);
        if ((await answer) !== n * n) wrong += 1;
      }
    };
    await Promise.all(numbers(64).map(ask));
    expect([most, wrong]).toEqual([64, 0]);
    expect(pirate.stats()).toMatchObject({ received: 10_000, late: 0, faults: 0, inFlight: 0 });
  });
});

describe('hears', () => {
  test('what the server says that went wrong, at once', async () => {
    let asked = 0;
    await using reply = await startReply(() => {
      asked += 1;
      throw Object.assign(new Error('out of paper'), { code: 'ENOPAPER', data: { tray: 2 } });
    });
    await using pirate = await startPirate(reply.endpoint);
    const error = await rejects(pirate.request(1), 'HANDLER_FAILED');
    expect(error).toMatchObject({
      message: 'out of paper',
      mayHaveRun: 'maybe',
      data: { code: 'ENOPAPER', data: { tray: 2 } },
    });
    expect(asked).toBe(1);
  });

  test('of a value that cannot travel, or is too long, and sends nothing', async () => {
    await using reply = await startReply(square);
    await using pirate = await startPirate<unknown, unknown>(reply.endpoint, {
      maxMessageBytes: 100,
    });
    expect(await rejects(pirate.request(Symbol('x')), 'BAD_VALUE')).toMatchObject({
      mayHaveRun: 'no',
    });
    await rejects(pirate.request('x'.repeat(101)), 'TOO_LARGE');
    await rejects(pirate.request(1, { timeoutMs: 0 }), 'BAD_OPTION');
    await rejects(pirate.request(1, JSON.parse('{ "retries": 1 }')), 'BAD_OPTION');
    expect(pirate.stats()).toMatchObject({ sent: 0, inFlight: 0 });
  });

  test('of an answer that makes no sense, and counts it', async () => {
    const faults: BrokerlessError[] = [];
    await using reply = await Reply.bind<unknown, Uint8Array>('tcp://127.0.0.1:*', {
      codec: 'raw',
    });
    const bodies = [Buffer.of(0xff), Buffer.of(1, 2), Buffer.alloc(200)];
    void reply.serve(() => bodies.shift() ?? Buffer.of(1));
    await using pirate = await startPirate<number, unknown>(reply.endpoint, {
      maxMessageBytes: 100,
      onFault: (fault) => faults.push(fault),
    });
    for (const _ of numbers(3)) {
      const error = await rejects(pirate.request(1), 'BAD_MESSAGE');
      expect(error).toMatchObject({ mayHaveRun: 'maybe' });
    }
    expect(await pirate.request(1)).toBe(1);
    expect(pirate.stats().faults).toBe(3);
    expect(faults.map(({ code }) => code)).toEqual(Array(3).fill('BAD_MESSAGE'));
  });

  test('of an answer that its schema refuses, and gets what the schema makes of the others', async () => {
    type Result = { readonly value: string } | { readonly issues: readonly [{ message: string }] };
    const check = (value: unknown): Result =>
      typeof value === 'number' ? { value: `<${value}>` } : { issues: [{ message: 'no number' }] };
    const validates = [check, async (value: unknown) => check(value)];
    await using reply = await startReply<unknown, unknown>((value) => value);
    for (const validate of validates) {
      const standard = { version: 1, vendor: 'test', validate } as const;
      await using pirate = await startPirate<unknown, string>(reply.endpoint, {
        schema: { '~standard': standard },
      });
      expect(await pirate.request(7)).toBe('<7>');
      const error = await rejects(pirate.request('x'), 'BAD_MESSAGE');
      expect(String(error)).toContain('refused by the schema: no number');
      expect(pirate.stats().faults).toBe(1);
    }
  });

  test('of a fault through a listener that throws, and goes on', async () => {
    using server = new RawServer();
    const seen = new Promise<unknown>((resolve) => {
      process.once('uncaughtException', resolve);
    });
    const listeners = process.listeners('uncaughtException').slice(0, -1);
    for (const each of listeners) process.off('uncaughtException', each);
    await using pirate = await startPirate(server.endpoint, {
      ...long,
      onFault: () => {
        throw new Error('my own mistake');
      },
    });
    const answer = pirate.request(1);
    const [peer, header, empty, body] = await server.next();
    await server.raw.send([peer, 'junk']);
    await server.raw.send([peer, header, empty, body]);
    expect(await answer).toBe(1);
    expect(String(await seen)).toContain('my own mistake');
    for (const each of listeners) process.on('uncaughtException', each);
  });
});

describe('speaks', () => {
  test.each(['json', 'text', 'raw'] as const)('the codec %s', async (codec) => {
    await using reply = await Reply.bind('tcp://127.0.0.1:*', { codec });
    void reply.serve((value) => value);
    await using pirate = await startPirate<unknown, unknown>(reply.endpoint, { codec });
    const value = codec === 'raw' ? Buffer.from('bytes') : 'text';
    const answer = await pirate.request(value);
    expect(codec === 'raw' ? Buffer.from(answer as Uint8Array) : answer).toEqual(value);
  });

  test('with header, empty frame and body, and takes what begins with the same header', async () => {
    using server = new RawServer();
    await using pirate = await startPirate(server.endpoint, { ...long, priority: 3 });
    const answer = pirate.request(7, { priority: 5, deadlineMs: 9000 });
    const [peer, header, empty, body, ...more] = await server.next();
    expect([empty.length, body.toString('hex'), more]).toEqual([0, '07', []]);
    expect(header.subarray(0, 4).toString('latin1')).toBe('brk\x01');
    expect(header[4]).toBe(5);
    expect(header.readUInt32BE(5)).toBeLessThanOrEqual(9001); // Rounded up, and what is added may be a trace more.
    await server.raw.send([peer, header, empty, Buffer.of(9)]);
    expect(await answer).toBe(9);
  });
});
