/**
 * Tests of Lazy Pirates whose servers are brokers, or make no sense, or are no servers at all.
 */
import { createServer } from 'node:net';
import { encodeFailure } from 'brokerless/kit';
import { LazyPirate } from 'brokerless/patterns/lazy-pirate';
import { describe, expect, test } from 'vitest';
import { failure } from '../../contracts/lifecycle.ts';
import { numbers } from '../../support/collect.ts';
import { bytes, Stranger, sayings } from '../../support/stranger.ts';
import { until } from '../../support/until.ts';
import { RawServer, startPirate, startReply } from './running.ts';

const square = (n: number): number => n * n;
const patient = { timeoutMs: 10_000, attempts: 5 };
const quick = { backoff: { baseMs: 5, maxMs: 20 } };
const empty = new Uint8Array(0);

describe('a broker that', () => {
  const say = async (server: RawServer, code: string): Promise<void> => {
    const [peer, header] = await server.next();
    const frame = encodeFailure({ code, message: `it is ${code}`, from: 'broker' });
    await server.raw.send([peer, header, empty, empty, frame]);
  };

  test('has no room is asked again, and refuses at last', async () => {
    using server = new RawServer();
    await using pirate = await startPirate(server.endpoint, { ...patient, ...quick, attempts: 2 });
    const refused = failure(pirate.request(1));
    await say(server, 'QUEUE_FULL');
    await say(server, 'QUEUE_FULL');
    expect(await refused).toMatchObject({ code: 'QUEUE_FULL', mayHaveRun: 'no' });
    const answer = pirate.request(2);
    await say(server, 'QUEUE_FULL');
    await server.raw.send(await server.next());
    expect(await answer).toBe(2);
    expect(pirate.stats().reconnects).toBe(0);
  });

  test('did not get to it in time ends it', async () => {
    using server = new RawServer();
    await using pirate = await startPirate(server.endpoint, patient);
    const expired = failure(pirate.request(1));
    await say(server, 'EXPIRED');
    expect(await expired).toMatchObject({ code: 'TIMEOUT', mayHaveRun: 'no' });
  });

  test('lost its worker is asked again, and its word is passed on at last', async () => {
    using server = new RawServer();
    await using pirate = await startPirate(server.endpoint, { ...patient, attempts: 2 });
    const lost = failure(pirate.request(1));
    await say(server, 'WORKER_LOST');
    await say(server, 'WORKER_LOST');
    expect(await lost).toMatchObject({
      code: 'HANDLER_FAILED',
      mayHaveRun: 'maybe',
      data: { code: 'WORKER_LOST' },
    });
  });
});

describe('strangers', () => {
  test('in a server that sends what it likes, are counted, and resolve nothing', async () => {
    using server = new RawServer();
    await using pirate = await startPirate(server.endpoint, patient);
    const answer = pirate.request(7);
    const [peer, header, , body] = await server.next();
    const wrong = Buffer.from(header);
    wrong[9] = 255 - Number(wrong[9]); // The first byte of the id.
    const messages: readonly (readonly Uint8Array[])[] = [
      [body],
      [empty],
      [empty, body],
      [header, body],
      [header, empty],
      [wrong, empty, body],
      [body, empty, body],
      [header, header, empty, body],
      Array.from({ length: 100 }, () => body),
      Array.from({ length: 100 }, () => empty),
      [Buffer.alloc(3 << 20)],
    ];
    for (const message of messages) await server.raw.send([peer, ...message]);
    await until(() => pirate.stats().faults === messages.length);
    expect(pirate.stats()).toMatchObject({ inFlight: 1, received: 0, late: 0 });
    await server.raw.send([peer, header, empty, body]);
    expect(await answer).toBe(7);
  });

  test('that are no servers at all do no harm, and the next is asked', async () => {
    await using reply = await startReply(square);
    const said = sayings.map(([, saying]) => saying);
    const nonsense = createServer((socket) => {
      socket.on('error', () => {});
      socket.write(said.shift() ?? bytes('00'));
    });
    await new Promise<void>((resolve) => {
      nonsense.listen(0, '127.0.0.1', resolve);
    });
    const address = nonsense.address() as { readonly port: number };
    const servers = [`tcp://127.0.0.1:${address.port}`, reply.endpoint];
    await using pirate = new LazyPirate<number, number>({ servers, connectMs: 300, ...patient });
    expect(await pirate.request(9)).toBe(81);
    nonsense.close();
  });

  test('beside it at its server do not get its answers, nor give it any', async () => {
    await using reply = await startReply(square);
    const knocking = sayings.map(([, saying]) => new Stranger(reply.endpoint, saying));
    await using pirate = await startPirate(reply.endpoint, patient);
    await using other = await startPirate(reply.endpoint, patient);
    const asked = numbers(50).flatMap((n) => [pirate.request(n), other.request(n + 100)]);
    const expected = numbers(50).flatMap((n) => [n * n, (n + 100) ** 2]);
    expect(await Promise.all(asked)).toEqual(expected);
    for (const stranger of knocking) stranger[Symbol.dispose]();
  });
});
