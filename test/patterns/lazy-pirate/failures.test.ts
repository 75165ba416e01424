/**
 * Tests of what Lazy Pirates are for: servers that are killed, frozen, silent, late, away or strange. ZeroMQ
 * Guide, chapter 4: "the server crashes and restarts", "the server is slow", and the reply that comes late.
 */

import { LazyPirate, type Switch } from 'brokerless/patterns/lazy-pirate';
import { describe, expect, test } from 'vitest';
import { failure, rejects } from '../../contracts/lifecycle.ts';
import { Desk } from '../../support/asking.ts';
import { numbers } from '../../support/collect.ts';
import { reservedEndpoint } from '../../support/port.ts';
import { requirePython } from '../../support/python.ts';
import { until } from '../../support/until.ts';
import { PythonServer, RawServer, startPirate, startReply } from './running.ts';

const square = (n: number): number => n * n;
const patient = { timeoutMs: 10_000, attempts: 5 };
const quick = { timeoutMs: 150, attempts: 20, backoff: { baseMs: 5, maxMs: 20 } };

describe('a server that', () => {
  test('is closed and comes back on the same port is found again, and what it had is asked anew', async () => {
    const desk = new Desk<number, number>();
    const first = await startReply(desk.handler);
    await using pirate = await startPirate(first.endpoint, patient);
    const answers = numbers(5).map((n) => pirate.request(n));
    await until(() => desk.requests.length === 5);
    await first.close({ drainMs: 0 });
    await until(() => pirate.stats().connections === 0);
    await using second = await startReply(square, first.endpoint);
    expect(await Promise.all(answers)).toEqual(numbers(5).map(square));
    expect(second.stats().received).toBe(5);
    expect(pirate.stats()).toMatchObject({ retried: 5, received: 5, inFlight: 0 });
  });

  test('is a process, and is killed again and again, answers all in the end', async (context) => {
    requirePython(context, 'zmq', 'cbor2');
    const endpoint = await reservedEndpoint();
    let server = await PythonServer.start(endpoint);
    await using pirate = await startPirate(endpoint, { timeoutMs: 2000, attempts: 50 });
    let done = 0;
    const asking = Promise.all(
      numbers(8).map(async (lane) => {
        for (let n = lane; n < 400; n += 8) {
          expect(await pirate.request(n)).toBe(n * n);
          done += 1;
        }
      }),
    );
    for (const round of [1, 2, 3]) {
      await until(() => done >= 90 * round, { timeoutMs: 45_000 });
      await server.kill();
      server = await PythonServer.start(endpoint);
    }
    await asking;
    server[Symbol.dispose]();
    expect(pirate.stats()).toMatchObject({ received: 400, faults: 0, inFlight: 0, depth: 0 });
  });

  test('is frozen is left for a fresh socket, and answers when it thaws', async (context) => {
    requirePython(context, 'zmq', 'cbor2');
    using server = await PythonServer.start();
    await using pirate = await startPirate(server.endpoint, { ...quick, attempts: 1000 });
    expect(await pirate.request(2)).toBe(4);
    server.child.kill('SIGSTOP');
    const answer = pirate.request(3);
    await until(() => pirate.stats().reconnects >= 2, { timeoutMs: 10_000 });
    server.child.kill('SIGCONT');
    expect(await answer).toBe(9);
  });

  test('is silent for the first few requests is asked again, as often as it takes', async () => {
    let asked = 0;
    await using reply = await startReply((n) => {
      asked += 1;
      return asked <= 4 ? new Promise<number>(() => {}) : n * n;
    });
    const switches: Switch[] = [];
    await using pirate = await startPirate(reply.endpoint, quick);
    pirate.on('switch', (event) => switches.push(event));
    expect(await pirate.request(3)).toBe(9);
    expect(asked).toBeGreaterThan(4);
    expect(pirate.stats().retried).toBe(pirate.stats().sent - 1);
    const { endpoint } = reply;
    expect(switches[0]).toEqual({ from: endpoint, to: endpoint, reason: 'silent' });
    expect(pirate.stats().reconnects).toBe(switches.length);
  });

  test('never answers is given up after the attempts there may be, each of which may have run', async () => {
    const desk = new Desk<number, number>();
    await using reply = await startReply(desk.handler);
    await using pirate = await startPirate(reply.endpoint, {
      ...quick,
      attempts: 3,
      freshAfter: 9,
      backoff: { baseMs: 5, maxMs: 5000 }, // Time enough for all three on a busy machine.
    });
    const error = await rejects(pirate.request(3), 'TIMEOUT');
    expect(error).toMatchObject({ mayHaveRun: 'maybe' });
    expect(String(error)).toContain('at attempt 3 of up to 3');
    await until(() => desk.requests.length === 3);
    expect(pirate.stats()).toMatchObject({ sent: 3, retried: 2, inFlight: 0 });
  });

  test('was never there has not been at work', async () => {
    await using pirate = new LazyPirate({
      servers: await reservedEndpoint(),
      ...quick,
      attempts: 2,
    });
    expect(await rejects(pirate.request(3), 'TIMEOUT')).toMatchObject({ mayHaveRun: 'no' });
    expect(pirate.stats()).toMatchObject({ sent: 0, retried: 0, connections: 0 });
  });

  test('has gone has not been at work on what was asked afterwards, nor does it get it when it is back', async () => {
    const first = await startReply(square, await reservedEndpoint());
    await using pirate = await startPirate(first.endpoint, quick);
    await first.close();
    await until(() => pirate.stats().connections === 0);
    const error = await rejects(pirate.request(3, { attempts: 1 }), 'TIMEOUT');
    expect(error).toMatchObject({ mayHaveRun: 'no' });
    const asked: number[] = [];
    const handler = (n: number) => asked.push(n);
    await using second = await startReply(handler, first.endpoint);
    await pirate.request(4, { timeoutMs: 10_000 });
    expect(asked).toEqual([4]);
    expect(second.stats().received).toBe(1);
  });

  test('answers too late is late, and its answer resolves nothing else', async () => {
    using server = new RawServer();
    await using pirate = await startPirate(server.endpoint, patient);
    const impatient = failure(pirate.request(1, { timeoutMs: 50, attempts: 1 }));
    const late = await server.next();
    expect(await impatient).toMatchObject({ code: 'TIMEOUT', mayHaveRun: 'maybe' });
    const answer = pirate.request(2);
    const good = await server.next();
    await server.raw.send(late);
    await until(() => pirate.stats().late === 1);
    expect(pirate.stats().inFlight).toBe(1);
    await server.raw.send(good);
    expect(await answer).toBe(2);
    await server.raw.send(good);
    expect(
      await Promise.all([pirate.request(3), server.next().then((m) => server.raw.send(m))]),
    ).toEqual([3, undefined]);
    expect(pirate.stats()).toMatchObject({ late: 2, received: 2, faults: 0 });
  });

  test('answers the first attempt after the second was sent settles the request', async () => {
    using server = new RawServer();
    await using pirate = await startPirate(server.endpoint, { ...patient, freshAfter: 100 });
    const answer = pirate.request(7, { timeoutMs: 100 });
    const first = await server.next();
    const second = await server.next();
    expect(second[1].subarray(9)).toEqual(first[1].subarray(9)); // The id, and not the time that is left.
    await server.raw.send(first);
    expect(await answer).toBe(7);
  });
});

describe('of several servers', () => {
  test('the one that lives is found, whichever of three it is', async () => {
    await using reply = await startReply(square);
    const [one, two] = [await reservedEndpoint(), await reservedEndpoint()];
    const lists = [
      [reply.endpoint, one, two],
      [one, reply.endpoint, two],
      [one, two, reply.endpoint],
    ];
    for (const servers of lists) {
      await using pirate = new LazyPirate<number, number>({ servers, connectMs: 100, ...patient });
      expect(await Promise.all([1, 2, 3].map((n) => pirate.request(n)))).toEqual([1, 4, 9]);
      const { sent, retried, reconnects } = pirate.stats();
      // On a busy machine the one that lives may be passed by, and found the next time round.
      expect([sent, retried, reconnects % 3]).toEqual([3, 0, servers.indexOf(reply.endpoint)]);
    }
  });

  test('the one that lives is found by waiting for it alone', async () => {
    await using reply = await startReply(square);
    const servers = [await reservedEndpoint(), reply.endpoint];
    await using pirate = new LazyPirate<number, number>({ servers, connectMs: 100 });
    await pirate.ready({ timeoutMs: 10_000 });
    expect(pirate.stats().reconnects % 2).toBe(1);
    await rejects(pirate.ready({ signal: AbortSignal.abort() }), 'ABORTED');
  });

  test('those that take requests and say nothing are passed by', async () => {
    using mute = new RawServer();
    using other = new RawServer();
    await using reply = await startReply(square);
    const servers = [mute.endpoint, other.endpoint, reply.endpoint];
    await using pirate = await startPirate(servers, { ...quick, freshAfter: 1 });
    const reasons: string[] = [];
    pirate.on('switch', ({ reason }) => reasons.push(reason));
    expect(await Promise.all(numbers(64).map((n) => pirate.request(n)))).toEqual(
      numbers(64).map(square),
    );
    expect(reasons.slice(0, 2)).toEqual(['silent', 'silent']);
  });

  test('the next takes over when the first is closed', async () => {
    const first = await startReply(square);
    await using second = await startReply(square);
    const servers = [first.endpoint, second.endpoint];
    await using pirate = await startPirate(servers, { ...patient, connectMs: 100 });
    expect(await pirate.request(2)).toBe(4);
    await first.close();
    expect(await pirate.request(3)).toBe(9);
    expect(pirate.stats().reconnects % 2).toBe(1);
  });

  test('no listener hears of more when it has been taken away', async () => {
    const servers = [await reservedEndpoint(), await reservedEndpoint()];
    await using pirate = new LazyPirate({ servers, connectMs: 20, timeoutMs: 10_000 });
    let heard = 0;
    const listener = (): void => {
      heard += 1;
    };
    pirate.on('switch', listener);
    const asked = failure(pirate.request(1));
    await until(() => heard === 2);
    pirate.off('switch', listener);
    await until(() => pirate.stats().reconnects >= 4);
    expect(heard).toBe(2);
    await pirate.close();
    await asked;
  });
});
