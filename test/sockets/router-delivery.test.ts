/**
 * Router and Dealer: what one sends the other receives, in order for each peer, whoever else is served.
 */
import { type Codec, type CodecName, Dealer, type Peer, Router, type Schema } from 'brokerless';
import { describe, expect, test } from 'vitest';
import * as zmq from 'zeromq';
import { z } from 'zod';
import { transports } from '../contracts/lifecycle.ts';
import { numbers } from '../support/collect.ts';
import { gather, receiveAll } from '../support/receive.ts';
import { until } from '../support/until.ts';

/** Dealers of one Router, and the names it has for them. */
async function dealersOf<Out, In>(
  router: Router<In, Out>,
  count: number,
  first: Out,
): Promise<{ dealers: Dealer<Out, In>[]; peers: Peer[] }> {
  const dealers: Dealer<Out, In>[] = [];
  const peers: Peer[] = [];
  for (let n = 0; n < count; n += 1) {
    const dealer = await Dealer.connect<Out, In>(router.endpoint);
    await dealer.send(first);
    dealers.push(dealer);
    peers.push((await router.receive()).peer);
  }
  return { dealers, peers };
}

describe.each(Object.entries(transports))('over %s', (_name, endpoint) => {
  test.for([true, false])('all is echoed in order, batched: %s', async (batch) => {
    await using router = await Router.bind<number>(endpoint, { batch });
    await using dealer = await Dealer.connect<number>(router.endpoint, { batch });
    const echoing = (async () => {
      for await (const { peer, value } of router) void router.send(peer, value);
    })();
    const values = numbers(3000);
    const got = gather(dealer);
    for (let n = 0; n < 3000; n += 100) {
      for (const value of values.slice(n, n + 100)) void dealer.send(value);
      // A Router does not wait: what was not taken yet must fit the pipe.
      await until(() => got.length >= n - 500);
    }
    await until(() => got.length === 3000);
    expect(got).toEqual(values);
    expect(router.stats()).toMatchObject({ sent: 3000, received: 3000, dropped: 0, faults: 0 });
    expect(dealer.stats()).toMatchObject({ sent: 3000, received: 3000, dropped: 0, faults: 0 });
    await router.close();
    await echoing;
  });

  test('each peer gets its own values, in order, among those of others', async () => {
    await using router = await Router.bind<number>(endpoint);
    const { dealers, peers } = await dealersOf<number, number>(router, 5, -1);
    expect(new Set(peers).size).toBe(5);
    const values = numbers(500);
    for (const n of values) void router.send(peers[n % 5] ?? '', n);
    for (const [i, dealer] of dealers.entries()) {
      expect(await receiveAll(dealer, 100)).toEqual(values.filter((n) => n % 5 === i));
    }
    await Promise.all(dealers.map((dealer) => dealer.close()));
  });
});

// The value after all others, and what it is in CBOR.
const LAST = -1;
const LAST_FRAME = '\u0020';

describe('the values of one turn', () => {
  /** How many messages the values of one turn become at each of some raw peers. */
  async function messagesOf(peerCount: number, values: number, options = {}): Promise<number[]> {
    await using router = await Router.bind<number>('tcp://127.0.0.1:*', options);
    const raws = numbers(peerCount).map(() => new zmq.Dealer({ linger: 0 }));
    const peers: Peer[] = [];
    for (const raw of raws) {
      raw.connect(router.endpoint);
      await raw.send('\u0001');
      peers.push((await router.receive()).peer);
    }
    const sends = numbers(values).map((n) => router.send(peers[n % peerCount] ?? '', n));
    await Promise.all(sends);
    for (const peer of peers) await router.send(peer, LAST);
    const counts: number[] = [];
    for (const raw of raws) {
      let count = 0;
      while (String(await raw.receive()) !== LAST_FRAME) count += 1;
      counts.push(count);
      raw.close();
    }
    return counts;
  }

  test('share a message if they go to one peer', async () => {
    expect(await messagesOf(1, 100)).toEqual([1]);
  });

  test('are one message for each of several peers', async () => {
    expect(await messagesOf(4, 100)).toEqual([1, 1, 1, 1]);
  });

  test('are a message each where batch is false', async () => {
    expect(await messagesOf(2, 20, { batch: false })).toEqual([10, 10]);
  });

  test('resolve or fail together, and a bad one among them is refused alone', async () => {
    await using router = await Router.bind<unknown>('ipc://*');
    const { dealers, peers } = await dealersOf<unknown, unknown>(router, 1, 'hello');
    const peer = peers[0] ?? '';
    const outcomes = await Promise.allSettled([
      router.send(peer, 1),
      router.send(peer, () => 2),
      router.send(peer, new Uint8Array(2 << 20)),
      router.send(peer, 3),
    ]);
    const codes = outcomes.map((each) => (each.status === 'rejected' ? each.reason.code : 'sent'));
    expect(codes).toEqual(['sent', 'BAD_VALUE', 'TOO_LARGE', 'sent']);
    for (const dealer of dealers) {
      expect(await receiveAll(dealer, 2)).toEqual([1, 3]);
      await dealer.close();
    }
  });

  test('are more messages than one when they are more than one may hold', async () => {
    await using router = await Router.bind<Uint8Array>('ipc://*');
    const { dealers, peers } = await dealersOf<Uint8Array, Uint8Array>(
      router,
      1,
      new Uint8Array(1),
    );
    const sends = numbers(100).map((n) =>
      router.send(peers[0] ?? '', new Uint8Array(5000).fill(n)),
    );
    await Promise.all([...sends, router.send(peers[0] ?? '', new Uint8Array(500_000).fill(100))]);
    for (const dealer of dealers) {
      expect((await receiveAll(dealer, 101)).map((value) => value[0])).toEqual(numbers(101));
      await dealer.close();
    }
  });
});

describe('codecs serve both directions', () => {
  const own: Codec<number> = {
    encode: (n) => `${n}`,
    decode: (bytes) => Number(Buffer.from(bytes)),
  };
  const all: readonly (readonly [string, CodecName | Codec<number>, unknown])[] = [
    ['cbor', 'cbor', new Map([[1, { when: new Date(0), list: [null, 1n << 70n] }]])],
    ['json', 'json', { a: [1, 'two', null] }],
    ['text', 'text', 'ünï'],
    ['raw', 'raw', new Uint8Array([1, 2, 3])],
    ['frames', 'frames', [new Uint8Array([1]), new Uint8Array(0), new Uint8Array([2])]],
    ['one of our own', own, 42],
  ];
  test.for(all)('%s', async ([, codec, value]) => {
    const options = { codec: codec as CodecName };
    await using router = await Router.bind<unknown>('ipc://*', options);
    await using dealer = await Dealer.connect<unknown>(router.endpoint, options);
    await dealer.send(value);
    const got = await router.receive();
    await router.send(got.peer, got.value);
    expect([got.value, await dealer.receive()].map(plain)).toEqual([value, value]);
  });
});

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  return value instanceof Uint8Array ? new Uint8Array(value) : value;
}

describe('a schema', () => {
  const slow: Schema<number> = {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: async (value) =>
        typeof value === 'number' ? { value: -value } : { issues: [{ message: 'no number' }] },
    },
  };

  test.for([
    ['that answers at once', z.number().transform((n) => -n)],
    ['that takes its time', slow],
  ] as const)('%s checks what a Router receives, and the peer stays right', async ([, schema]) => {
    await using router = await Router.bind<unknown, number>('ipc://*', { schema });
    await using one = await Dealer.connect<unknown>(router.endpoint);
    await using other = await Dealer.connect<unknown>(router.endpoint);
    for (const value of [1, 'bad', 2]) void one.send(value);
    const first = await receiveAll(router, 2);
    for (const value of ['bad', 3]) void other.send(value);
    const second = await router.receive();
    expect([...first, second].map(({ value }) => value)).toEqual([-1, -2, -3]);
    expect(first[0]?.peer).toBe(first[1]?.peer);
    expect(second.peer).not.toBe(first[0]?.peer);
    expect(router.stats()).toMatchObject({ faults: 2, received: 3 });
  });

  test('checks what a Dealer receives', async () => {
    await using one = await Dealer.bind<unknown, number>('ipc://*', { schema: z.number() });
    await using other = await Dealer.connect<unknown>(one.endpoint);
    for (const value of [1, 'bad', 2]) void other.send(value);
    expect(await receiveAll(one, 2)).toEqual([1, 2]);
    expect(one.stats().faults).toBe(1);
  });
});
