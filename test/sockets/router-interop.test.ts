/**
 * Router and Dealer with peers that know nothing of this package: Python's, and raw zeromq sockets.
 */
import { join } from 'node:path';
import { Dealer, Router } from 'brokerless';
import { decode } from 'cbor-x';
import { describe, expect, test } from 'vitest';
import * as zmq from 'zeromq';
import { numbers } from '../support/collect.ts';
import { temporaryFolder } from '../support/consumer.ts';
import { python, requirePython } from '../support/python.ts';
import { receiveAll } from '../support/receive.ts';
import { until } from '../support/until.ts';

const dealerProgram = new URL('peers/dealer.py', import.meta.url);
const routerProgram = new URL('peers/router.py', import.meta.url);
const sample = [1, -5, 'ünï', [1, [2]], { a: { b: null } }, true, 0.5, 2 ** 40];

interface Answers {
  readonly values: unknown[];
  readonly batches: number;
}

/** Runs a Python peer to its end and gives what it printed. */
async function peer<T>(program: URL, ...args: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await python(program, args);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as T;
}

describe('a DEALER in Python', () => {
  test.for([
    ['plain', 'cbor', sample],
    ['batched', 'cbor', sample],
    ['bytes', 'raw', ['', 'bytes']],
    ['bytes', 'text', ['ünï', '']],
    ['bytes', 'json', ['{"a":[1]}', 'null']],
    ['frames', 'frames', [['', 'a'], ['b'], ['c', '', 'd']]],
  ] as const)('that sends %s is echoed by a Router of codec %s', async (each, context) => {
    requirePython(context, 'zmq', 'cbor2');
    const [what, codec, values] = each;
    await using router = await Router.bind<unknown>('tcp://127.0.0.1:*', { codec });
    const joined: string[] = [];
    void (async () => {
      for await (const { peer: from, value } of router) {
        joined.push(from);
        void router.send(from, value);
      }
    })();
    const answers = await peer<Answers>(
      dealerProgram,
      what,
      router.endpoint,
      JSON.stringify(values),
    );
    expect(answers.values).toEqual(values);
    expect(new Set(joined).size).toBe(1);
    expect(router.stats()).toMatchObject({ faults: 0, received: values.length, dropped: 0 });
  });

  test('sees the values of one turn as a batch under its tag, or alone where asked for', async (context) => {
    requirePython(context, 'zmq', 'cbor2');
    for (const batch of [true, false]) {
      await using router = await Router.bind<unknown>('tcp://127.0.0.1:*', { batch });
      const running = peer<Answers>(
        dealerProgram,
        'plain',
        router.endpoint,
        JSON.stringify(sample),
      );
      const got = await receiveAll(router, sample.length);
      for (const { peer: from, value } of got) void router.send(from, value);
      expect(await running).toEqual({ values: sample, batches: batch ? 1 : 0 });
    }
  });
});

test('a ROUTER in Python echoes Dealers, their values plain and in batches', async (context) => {
  requirePython(context, 'zmq', 'cbor2');
  await using folder = await temporaryFolder();
  const endpoint = `ipc://${join(folder.path, 'socket')}`;
  const dealers = await Promise.all(
    [true, false].map((batch) =>
      Dealer.connect<unknown>(endpoint, { batch, reconnectMs: 10, reconnectMaxMs: 10 }),
    ),
  );
  const running = peer<{ peers: number; batches: number }>(routerProgram, endpoint, '401');
  await Promise.all(dealers.map((dealer) => dealer.ready({ timeoutMs: 10_000 })));
  const values = numbers(200).map((n) => sample[n % sample.length]);
  for (const dealer of dealers) for (const value of values) void dealer.send(value);
  for (const dealer of dealers) expect(await receiveAll(dealer, 200)).toEqual(values);
  await dealers[0]?.send('last');
  const { peers, batches } = await running;
  expect(peers).toBe(2);
  expect(batches).toBeGreaterThan(0);
  await Promise.all(dealers.map((dealer) => dealer.close()));
});

describe('a raw zeromq socket', () => {
  test('of type Dealer chooses a name, and is served by it', async () => {
    await using router = await Router.bind<string>('tcp://127.0.0.1:*', { codec: 'text' });
    const raw = new zmq.Dealer({ routingId: 'worker', linger: 0, receiveTimeout: 5000 });
    raw.connect(router.endpoint);
    await raw.send('hello');
    const { peer: from, value } = await router.receive();
    expect([Buffer.from(from, 'hex').toString(), value]).toEqual(['worker', 'hello']);
    await router.send(from, 'hello yourself');
    expect(String(await raw.receive())).toBe('hello yourself');
    raw.close();
  });

  test('of type Router serves a Dealer', async () => {
    const raw = new zmq.Router({ linger: 0, receiveTimeout: 5000 });
    raw.bindSync('tcp://127.0.0.1:*');
    await using dealer = await Dealer.connect<unknown>(raw.lastEndpoint ?? '', { batch: false });
    for (const value of sample) void dealer.send(value);
    for (const value of sample) {
      const [id, ...body] = await raw.receive();
      expect(body.map((frame): unknown => decode(frame))).toEqual([value]);
      await raw.send([id ?? '', ...body]);
    }
    expect(await receiveAll(dealer, sample.length)).toEqual(sample);
    raw.close();
  });

  test('of type Rep is asked by a Dealer of frames', async () => {
    const raw = new zmq.Reply({ linger: 0, receiveTimeout: 5000 });
    raw.bindSync('tcp://127.0.0.1:*');
    await using dealer = await Dealer.connect<readonly Uint8Array[]>(raw.lastEndpoint ?? '', {
      codec: 'frames',
    });
    await dealer.send([new Uint8Array(0), Buffer.from('question')]);
    expect(String(await raw.receive())).toBe('question');
    await raw.send('answer');
    expect((await dealer.receive()).map(String)).toEqual(['', Buffer.from('answer').join()]);
    raw.close();
  });

  test('of a type that does not fit is not talked to', async () => {
    await using router = await Router.bind<string>('tcp://127.0.0.1:*', { codec: 'text' });
    let accepted = 0;
    router.on('accept', () => {
      accepted += 1;
    });
    const raw = new zmq.Push({ linger: 0 });
    raw.connect(router.endpoint);
    await until(() => accepted > 0);
    await using dealer = await Dealer.connect<string>(router.endpoint, { codec: 'text' });
    await dealer.send('served');
    expect((await router.receive()).value).toBe('served');
    await until(() => router.stats().connections === 1);
    raw.close();
  });
});
