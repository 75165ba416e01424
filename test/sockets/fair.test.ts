/**
 * Fair: the values of one turn are dealt out to all who are there, whoever else knocks at the door.
 */
import { randomBytes } from 'node:crypto';
import { connect, type Socket as TcpSocket } from 'node:net';
import { Pull, Push } from 'brokerless';
import { describe, expect, test } from 'vitest';
import * as zmq from 'zeromq';
import { collect, numbers } from '../support/collect.ts';
import { until } from '../support/until.ts';

interface Crew extends AsyncDisposable {
  readonly push: Push;
  /** What each worker has received, in the order in which they joined. */
  readonly hands: (readonly unknown[])[];
  /** Connects one more worker. */
  join(): Promise<Pull>;
  /** How many values each worker has. */
  counts(): number[];
  /** Waits until `count` values have been received in all. */
  received(count: number): Promise<void>;
}

/** A bound Push and `size` workers that are connected to it, all of them counted. */
async function crew(endpoint: string, size: number, handshakeMs = 5000): Promise<Crew> {
  const push = await Push.bind(endpoint, { handshakeMs });
  const pulls: Pull[] = [];
  const hands: (readonly unknown[])[] = [];
  const counts = (): number[] => hands.map((hand) => hand.length);
  const join = async (): Promise<Pull> => {
    const before = push.stats().connections;
    const pull = await Pull.connect(push.endpoint);
    pulls.push(pull);
    hands.push(collect(pull));
    await until(() => push.stats().connections === before + 1);
    return pull;
  };
  for (let i = 0; i < size; i += 1) await join();
  return {
    push,
    hands,
    join,
    counts,
    received: (total) =>
      until(() => counts().reduce((a, b) => a + b, 0) >= total, { what: `${total} received` }),
    async [Symbol.asyncDispose]() {
      await Promise.all([push, ...pulls].map((socket) => socket.close()));
    },
  };
}

function sendInOneTurn(push: Push, values: readonly unknown[]): void {
  for (const value of values) void push.send(value);
}

function portOf(endpoint: string): number {
  return Number(endpoint.slice(endpoint.lastIndexOf(':') + 1));
}

/** A TCP client that sends `bytes`, perhaps none, and hangs on. */
async function stranger(endpoint: string, bytes: Uint8Array): Promise<TcpSocket> {
  const socket = connect(portOf(endpoint), '127.0.0.1');
  socket.on('error', () => {});
  await new Promise<void>((resolve) => {
    socket.once('connect', () => resolve());
  });
  if (bytes.length > 0) socket.write(bytes);
  return socket;
}

describe.each(['tcp://127.0.0.1:*', 'ipc://*'])('over %s', (endpoint) => {
  test('eight values sent in one turn to four workers are two for each', async () => {
    await using team = await crew(endpoint, 4);
    sendInOneTurn(team.push, numbers(8));
    await team.received(8);
    expect(team.counts()).toEqual([2, 2, 2, 2]);
    expect(new Set(team.hands.flat())).toEqual(new Set(numbers(8)));
  });

  test('each turn is dealt anew', async () => {
    await using team = await crew(endpoint, 4);
    for (let turn = 1; turn <= 25; turn += 1) {
      sendInOneTurn(team.push, numbers(8));
      await team.received(8 * turn);
      expect(team.counts(), `after turn ${turn}`).toEqual([1, 1, 1, 1].map((n) => n * 2 * turn));
    }
  });

  test('fewer values than workers go to different workers', async () => {
    await using team = await crew(endpoint, 4);
    sendInOneTurn(team.push, numbers(3));
    await team.received(3);
    expect(team.counts().toSorted((a, b) => a - b)).toEqual([0, 1, 1, 1]);
  });

  test('4,000 values of 16 bytes sent in one turn differ by at most one message', async () => {
    await using team = await crew(endpoint, 4);
    sendInOneTurn(
      team.push,
      numbers(4000).map(() => randomBytes(16)),
    );
    await team.received(4000);
    // A message is a quarter of a batch of 64 KiB in which a value takes 17 bytes.
    const message = Math.ceil(65_536 / 17 / 4);
    const counts = team.counts();
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(message);
    expect(counts.reduce((a, b) => a + b)).toBe(4000);
    // And in fact even better, since each batch was dealt by itself.
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(2);
  });

  test('a worker that joins late gets its share at once', async () => {
    await using team = await crew(endpoint, 3);
    sendInOneTurn(team.push, numbers(6));
    await team.received(6);
    await team.join();
    sendInOneTurn(team.push, numbers(8));
    await team.received(14);
    expect(team.counts()).toEqual([4, 4, 4, 2]);
  });

  test('a worker that leaves is not counted any more, and its share goes to the others', async () => {
    await using team = await crew(endpoint, 2);
    const leaver = await team.join();
    expect(team.push.stats().connections).toBe(3);
    await leaver.close();
    await until(() => team.push.stats().connections === 2);
    sendInOneTurn(team.push, numbers(8));
    await team.received(8);
    expect(team.counts()).toEqual([4, 4, 0]);
  });

  test('workers that come and go leave the count right', async () => {
    await using team = await crew(endpoint, 4);
    for (let i = 0; i < 5; i += 1) {
      const visitor = await team.join();
      await visitor.close();
      await until(() => team.push.stats().connections === 4);
    }
  });
});

describe('with strangers at the door', () => {
  test('a mistyped peer is not counted and upsets no deal', async () => {
    await using team = await crew('tcp://127.0.0.1:*', 4);
    let refused = 0;
    team.push.on('disconnect', () => {
      refused += 1;
    });
    const publisher = new zmq.Publisher({ linger: 0 });
    publisher.connect(team.push.endpoint);
    try {
      await until(() => refused > 0);
      expect(team.push.stats().connections).toBe(4);
      sendInOneTurn(team.push, numbers(8));
      await team.received(8);
      expect(team.counts()).toEqual([2, 2, 2, 2]);
    } finally {
      publisher.close();
    }
  });

  test('a mute client is never counted and upsets no deal', async () => {
    await using team = await crew('tcp://127.0.0.1:*', 4, 300);
    let cut = 0;
    let came = 0;
    team.push.on('accept', () => {
      came += 1;
    });
    team.push.on('disconnect', () => {
      cut += 1;
    });
    const mute = await stranger(team.push.endpoint, new Uint8Array(0));
    await until(() => came === 1);
    expect(team.push.stats().connections).toBe(4);
    sendInOneTurn(team.push, numbers(8));
    await team.received(8);
    expect(team.counts()).toEqual([2, 2, 2, 2]);
    await until(() => cut === 1, { what: 'the mute client was cut after handshakeMs' });
    expect(team.push.stats().connections).toBe(4);
    sendInOneTurn(team.push, numbers(8));
    await team.received(16);
    expect(team.counts()).toEqual([4, 4, 4, 4]);
    mute.destroy();
  });

  test('a worker that leaves while a mute client is there is uncounted in the end', async () => {
    await using team = await crew('tcp://127.0.0.1:*', 2, 300);
    const leaver = await team.join();
    const mute = await stranger(team.push.endpoint, new Uint8Array(0));
    await leaver.close();
    await until(() => team.push.stats().connections === 2);
    sendInOneTurn(team.push, numbers(8));
    await team.received(8);
    expect(team.counts()).toEqual([4, 4, 0]);
    mute.destroy();
  });
});
