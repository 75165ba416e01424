/**
 * The peers of a Router: how they come and go, and that nobody can pretend for somebody else.
 */
import { Dealer, type Peer, Router, type RouterOptions } from 'brokerless';
import { describe, expect, test } from 'vitest';
import * as zmq from 'zeromq';
import { rejects, transports } from '../contracts/lifecycle.ts';
import { runScript } from '../support/child.ts';
import { numbers } from '../support/collect.ts';
import { gather } from '../support/receive.ts';
import { bytes, hello, message, Stranger } from '../support/stranger.ts';
import { turns } from '../support/turns.ts';
import { until } from '../support/until.ts';

const TCP = 'tcp://127.0.0.1:*';

/** A Router that is read, and what it told in order: `+`, `-` and the values, as hexadecimal. */
async function told(
  endpoint: string,
  options: RouterOptions<Uint8Array, Uint8Array> = {},
): Promise<{ router: Router<Uint8Array>; log: string[]; peers: Peer[] }> {
  const log: string[] = [];
  const peers: Peer[] = [];
  const router = await Router.bind<Uint8Array>(endpoint, {
    codec: 'raw',
    onJoin: (peer) => {
      log.push('+');
      peers.push(peer);
    },
    onLeave: (peer) => {
      log.push('-');
      peers.push(peer);
    },
    ...options,
  });
  void (async () => {
    for await (const { peer, value } of router) {
      log.push(Buffer.from(value).toString('hex'));
      peers.push(peer);
    }
  })();
  return { router, log, peers };
}

const connect = (router: Router<Uint8Array>): Promise<Dealer<Uint8Array>> =>
  Dealer.connect<Uint8Array>(router.endpoint, { codec: 'raw' });

describe.each(Object.entries(transports))('over %s', (_name, endpoint) => {
  test('a peer joins before its first value, and leaves after its last', async () => {
    const { router, log, peers } = await told(endpoint);
    const dealer = await connect(router);
    for (const n of [1, 2, 3]) await dealer.send(Uint8Array.of(n));
    await until(() => log.length === 4);
    await dealer.close();
    await until(() => log.length === 5);
    expect(log).toEqual(['+', '01', '02', '03', '-']);
    expect(new Set(peers).size).toBe(1);
    await rejects(router.send(peers[0] ?? '', Uint8Array.of(1)), 'UNREACHABLE');
    expect(router.stats()).toMatchObject({ received: 3, faults: 0 });
    await router.close();
  });

  test('several peers are told apart', async () => {
    const { router, log, peers } = await told(endpoint);
    const dealers = await Promise.all(numbers(5).map(() => connect(router)));
    for (const dealer of dealers) await dealer.send(Uint8Array.of(7));
    await until(() => log.length === 10);
    expect(new Set(peers).size).toBe(5);
    await Promise.all(dealers.map((dealer) => dealer.close()));
    await until(() => log.filter((each) => each === '-').length === 5);
    expect(new Set(peers.slice(10)).size).toBe(5);
    await router.close();
  });

  test('an empty message of a peer that has joined is its own', async () => {
    const { router, log } = await told(endpoint);
    const dealer = await connect(router);
    await dealer.send(Uint8Array.of(1));
    for (const _ of numbers(3)) await dealer.send(new Uint8Array(0));
    await until(() => log.length === 5);
    expect(log).toEqual(['+', '01', '', '', '']);
    await Promise.all([dealer.close(), router.close()]);
  });

  test('an empty message is its own even if it is its first', async () => {
    const { router, log } = await told(endpoint);
    const dealer = await connect(router);
    await dealer.send(new Uint8Array(0));
    await dealer.send(Uint8Array.of(1));
    try {
      await until(() => log.includes('01'));
      expect(log).toEqual(['+', '', '01']);
    } finally {
      await Promise.all([dealer.close(), router.close()]);
    }
  });

  test('without notifications nobody is told, and empty messages are values', async () => {
    const { router, log } = await told(endpoint, { notifications: false });
    const dealer = await connect(router);
    await dealer.send(new Uint8Array(0));
    await dealer.send(Uint8Array.of(1));
    await until(() => log.length === 2);
    await dealer.close();
    await turns(20);
    expect(log).toEqual(['', '01']);
    await router.close();
  });

  test('a dealer that comes back is somebody new', async () => {
    const { router, log, peers } = await told(endpoint);
    for (const n of [1, 2]) {
      const dealer = await connect(router);
      await dealer.send(Uint8Array.of(n));
      await until(() => log.length === 3 * n - 1);
      await dealer.close();
      await until(() => log.length === 3 * n);
    }
    expect(log).toEqual(['+', '01', '-', '+', '02', '-']);
    expect(new Set(peers).size).toBe(2);
    await router.close();
  });
});

test('a listener that throws loses nothing', async () => {
  const program = new URL('programs/router-listener.ts', import.meta.url);
  const run = await runScript(program, { source: true });
  expect(run.code, run.stderr).toBe(0);
  expect(JSON.parse(run.stdout)).toEqual({ uncaught: ['join', 'leave'], values: ['a', 'b'] });
});

test('a dealer whose router restarts is somebody new to it, and is served', async () => {
  const { router, log } = await told(TCP);
  await using dealer = await Dealer.connect<Uint8Array>(router.endpoint, {
    codec: 'raw',
    reconnectMs: 10,
  });
  await dealer.send(Uint8Array.of(1));
  await until(() => log.length === 2);
  await router.close();
  await until(() => dealer.stats().connections === 0);
  const again = await told(router.endpoint);
  await until(() => dealer.stats().connections === 1);
  await dealer.send(Uint8Array.of(2));
  await until(() => again.log.length === 2);
  expect([log, again.log]).toEqual([
    ['+', '01'],
    ['+', '02'],
  ]);
  await again.router.send(again.peers[0] ?? '', Uint8Array.of(3));
  expect(new Uint8Array(await dealer.receive())).toEqual(Uint8Array.of(3));
  await again.router.close();
});

describe('a stranger', () => {
  test('cannot fake a leave or a join, of itself or of others', async () => {
    const { router, log, peers } = await told(TCP);
    await using good = await connect(router);
    await good.send(Uint8Array.of(1));
    await until(() => log.length === 2);
    using stranger = new Stranger(router.endpoint, hello('DEALER', 'stranger'));
    await until(() => log.length === 3); // It may speak once it has shaken hands.
    const goodName = bytes(peers[0] ?? '');
    const guess = Buffer.alloc(32, '0');
    const forged = [message(Buffer.alloc(0)), message(guess), message(goodName, Buffer.alloc(0))];
    stranger.say(Buffer.concat([...forged, message(goodName, guess)]));
    await until(() => router.stats().faults === 2);
    await good.send(Uint8Array.of(2));
    await until(() => log.length === 6);
    expect(log).toEqual(['+', '01', '+', '', guess.toString('hex'), '02']);
    await router.send(peers[0] ?? '', Uint8Array.of(3));
    expect(new Uint8Array(await good.receive())).toEqual(Uint8Array.of(3));
    await router.close();
  });

  test('that takes the name of a peer gets nothing and is not heard', async () => {
    const { router, log, peers } = await told(TCP);
    const raw = new zmq.Dealer({ linger: 0, routingId: 'me' });
    raw.connect(router.endpoint);
    await raw.send('a');
    await until(() => log.length === 2);
    using stranger = new Stranger(router.endpoint, hello('DEALER', 'me'));
    await until(() => router.stats().connections === 2);
    stranger.say(message(Buffer.from('b')));
    // What ends the handshake comes in one piece behind a greeting of 64 bytes.
    await until(() => stranger.received > 64);
    const before = stranger.received;
    for (const n of numbers(10)) await router.send(peers[0] ?? '', Uint8Array.of(n));
    for (const n of numbers(10)) expect(Buffer.concat(await raw.receive())[0]).toBe(n);
    expect([log, peers[0], stranger.received - before]).toEqual([['+', '61'], '6d65', 0]);
    stranger[Symbol.dispose]();
    await until(() => router.stats().connections === 1);
    expect(log).toEqual(['+', '61']);
    raw.close();
    await router.close();
  });

  test('of ZMTP 1.0 joins with its first message, and leaves', async () => {
    const { router, log } = await told(TCP);
    using stranger = new Stranger(router.endpoint, bytes('01 00 02 00 41'));
    await until(() => log.length === 2);
    stranger[Symbol.dispose]();
    await until(() => log.length === 3);
    expect(log).toEqual(['+', '41', '-']);
    await router.close();
  });
});

test('peers that come and go by the hundred are all told, and none stays', async () => {
  const { router, log } = await told(TCP);
  const count = 300;
  for (let n = 0; n < count; n += 50) {
    const strangers = numbers(50).map(() => new Stranger(router.endpoint, hello('DEALER')));
    await until(() => log.length === 2 * n + 50);
    for (const stranger of strangers) stranger[Symbol.dispose]();
    await until(() => log.length === 2 * n + 100);
  }
  expect(log.filter((each) => each === '+')).toHaveLength(count);
  expect(log.filter((each) => each === '-')).toHaveLength(count);
  await until(() => router.stats().connections === 0);
  await router.close();
});

test('values are gathered while nobody listens to peers', async () => {
  await using router = await Router.bind<number>('inproc://plain');
  await using dealer = await Dealer.connect<number>('inproc://plain');
  const got = gather(router);
  for (const n of numbers(10)) void dealer.send(n);
  await until(() => got.length === 10);
  expect(got.map(({ value }) => value)).toEqual(numbers(10));
});
