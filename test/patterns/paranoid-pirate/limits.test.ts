/**
 * Tests of long messages over real sockets: what is allowed passes whatever goes before it, and what is not
 * costs nobody but who sent it.
 */
import { type BrokerlessError, Dealer } from 'brokerless';
import { describe, expect, test } from 'vitest';
import * as zmq from 'zeromq';
import { HEARTBEAT, READY } from '../../../patterns/paranoid-pirate/messages.ts';
import { numbers } from '../../support/collect.ts';
import { until } from '../../support/until.ts';
import { atRest, CALM_MS, LONG, later, PATIENT, startPirates } from './running.ts';

const LIMIT = 10_000;
const MIB = 1 << 20;

describe('a body of exactly maxMessageBytes', () => {
  const body = Buffer.alloc(LIMIT, 1);
  const sizes = { maxMessageBytes: LIMIT, codec: 'raw' } as const;

  test('travels both ways, whatever goes before it, and costs no worker', async () => {
    await using pirates = await startPirates({ maxMessageBytes: LIMIT });
    await pirates.work<Uint8Array, Uint8Array>((x) => x, sizes);
    const client = await pirates.client<Uint8Array, Uint8Array>(sizes);
    for (const left of [0, 1, 7, 8, 9, 15, 16, 17, 24]) {
      const part = body.subarray(left);
      expect((await client.request(part)).length, `${left} bytes less`).toBe(part.length);
    }
    expect(pirates.queue.stats()).toMatchObject({ redelivered: 0, dropped: 0, faults: 0 });
    expect(pirates.queue.stats().workers).toBe(1);
  });

  test(
    'travels with 49 others like it, all at once, when workers come for them',
    PATIENT,
    async () => {
      await using pirates = await startPirates();
      const long = { codec: 'raw', maxQueueBytes: 1 << 28, timeoutMs: PATIENT.timeout } as const;
      const client = await pirates.client<Uint8Array, Uint8Array>(long);
      const asked = numbers(50).map(() => later(client.request(Buffer.alloc(MIB, 1))));
      await until(() => pirates.queue.stats().waiting === 50, LONG);
      await pirates.work<Uint8Array, Uint8Array>((x) => x, {
        ...sizes,
        maxMessageBytes: MIB,
        concurrency: 50,
      });
      for (const answer of await Promise.all(asked)) expect(answer.length).toBe(MIB);
      expect(pirates.queue.stats()).toMatchObject({ redelivered: 0, dropped: 0, workers: 50 });
    },
  );

  test('and one byte more in the answer is a failure that names it', async () => {
    await using pirates = await startPirates({ maxMessageBytes: LIMIT });
    await pirates.work<Uint8Array, Uint8Array>(() => Buffer.alloc(LIMIT + 1), sizes);
    const client = await pirates.client<Uint8Array, Uint8Array>(sizes);
    await expect(client.request(body)).rejects.toMatchObject({ data: { code: 'TOO_LARGE' } });
    await atRest(pirates, 1);
  });

  test('travels with a long address before it, and from a REQ, which has none', async () => {
    await using pirates = await startPirates({ maxMessageBytes: LIMIT });
    await pirates.work<Uint8Array, Uint8Array>((x) => x, sizes);
    for (const before of [[], Array.from({ length: 20 }, () => Buffer.alloc(100, 7))]) {
      const raw = new zmq.Dealer({ linger: 0, receiveTimeout: LONG.timeoutMs });
      raw.connect(pirates.queue.clients);
      await raw.send([...before, Buffer.alloc(0), body]);
      const frames = await raw.receive();
      expect(frames.map(({ length }) => length)).toEqual([...before.map(() => 100), 0, LIMIT]);
      raw.close();
    }
  });
});

describe('a worker that allows less than its queue', () => {
  test('refuses what is too long for it with a failure, and serves on', async () => {
    await using pirates = await startPirates();
    const worker = await pirates.work<Uint8Array, number>((x) => x.length, {
      codec: 'raw',
      maxMessageBytes: LIMIT,
    });
    const client = await pirates.client<Uint8Array>({ codec: 'raw' });
    const reason: unknown = await client
      .request(Buffer.alloc(5 * LIMIT))
      .catch((error: unknown) => error);
    expect((reason as BrokerlessError).code).toBe('HANDLER_FAILED');
    expect(worker.stats().received).toBe(1);
    await atRest(pirates, 1);
  });
});

test(
  'many long requests whose workers are lost at the same moment cost no other workers',
  PATIENT,
  async () => {
    await using pirates = await startPirates();
    const silent = await Promise.all(
      numbers(20).map(() =>
        Dealer.connect<Uint8Array[]>(pirates.queue.workers, { codec: 'frames' }),
      ),
    );
    const say = (word: number): void => {
      for (const dealer of silent) void dealer.send([Uint8Array.of(word)]);
    };
    say(READY);
    await until(() => pirates.queue.stats().idle === 20, LONG);
    const beats = setInterval(say, CALM_MS / 4, HEARTBEAT); // However long the requests take to get there.
    const options = { codec: 'raw', maxQueueBytes: 1 << 28, timeoutMs: PATIENT.timeout } as const;
    const client = await pirates.client<Uint8Array, Uint8Array>(options);
    const asked = numbers(20).map(() => later(client.request(Buffer.alloc(MIB, 1))));
    await until(() => pirates.queue.stats().busy === 20, LONG).finally(() => clearInterval(beats));
    const lost: string[] = [];
    pirates.queue.on('worker:lost', ({ reason }) => lost.push(reason));
    await pirates.work<Uint8Array, Uint8Array>((x) => x, { codec: 'raw', concurrency: 20 });
    for (const answer of await Promise.all(asked)) expect(answer.length).toBe(MIB);
    expect(lost).toEqual(numbers(20).map(() => 'silent'));
    await Promise.all(silent.map((dealer) => dealer.close()));
  },
);
