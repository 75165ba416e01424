/**
 * Events and numbers: what a socket tells about its connections, its messages and its faults.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import {
  type BrokerlessError,
  type ConnectionEventName,
  Pull,
  Push,
  type SocketStats,
} from 'brokerless';
import { describe, expect, test } from 'vitest';
import { runScript } from '../support/child.ts';
import { numbers, take } from '../support/collect.ts';
import { until } from '../support/until.ts';

const names = ['bind', 'accept', 'connect', 'handshake', 'disconnect', 'connect:retry'] as const;

/** The events of a socket from now on, by name. */
function hear(socket: Push | Pull): ConnectionEventName[] {
  const heard: ConnectionEventName[] = [];
  for (const name of names) socket.on(name, () => heard.push(name));
  return heard;
}

describe('connection events', () => {
  test.for(['tcp://127.0.0.1:*', 'ipc://*'])('tell of a life over %s', async (endpoint) => {
    await using pull = new Pull();
    const bound = hear(pull);
    await pull.bind(endpoint);
    const push = new Push();
    const connected = hear(push);
    await push.connect(pull.endpoint);
    await push.ready();
    await until(() => bound.includes('handshake'));
    await push.close();
    await until(() => bound.includes('disconnect'));
    expect(bound).toEqual(['bind', 'accept', 'handshake', 'disconnect']);
    expect(connected).toEqual(['connect', 'handshake']);
  });

  test('carry the address, and the error where there is one', async () => {
    await using push = new Push({ reconnectMs: 10 });
    const events: unknown[] = [];
    push.on('connect:retry', (event) => events.push(event));
    await push.connect('tcp://127.0.0.1:9');
    await until(() => events.length > 1);
    expect(events[0]).toMatchObject({
      address: 'tcp://127.0.0.1:9',
      interval: expect.any(Number),
    });
  });

  test('go to every listener, and to none that was taken away', async () => {
    await using pull = new Pull();
    const heard: string[] = [];
    const gone = () => heard.push('gone');
    pull.on('bind', () => heard.push('one')).on('bind', () => heard.push('two'));
    pull.on('bind', gone).off('bind', gone);
    await pull.bind('tcp://127.0.0.1:*');
    await until(() => heard.length > 0);
    expect(heard).toEqual(['one', 'two']);
  });

  test('follow a peer that goes and comes back', async () => {
    const first = await Pull.bind('tcp://127.0.0.1:*');
    await using push = new Push({ reconnectMs: 20 });
    const heard = hear(push);
    await push.connect(first.endpoint);
    await push.ready();
    await first.close();
    await until(() => heard.includes('disconnect'));
    expect(push.stats().connections).toBe(0);
    await using second = await Pull.bind(first.endpoint);
    await until(() => push.stats().connections === 1);
    await push.send('again');
    expect(await second.receive()).toBe('again');
  });
});

describe("a listener's own mistake", () => {
  test.for(['listener', 'onFault'])('of a %s surfaces, and the socket goes on', async (which) => {
    const program = new URL('programs/throwing.ts', import.meta.url);
    const run = await runScript(program, { source: true, args: [which] });
    expect(run.code, run.stderr).toBe(0);
    expect(JSON.parse(run.stdout)).toEqual({ uncaught: ['Error: my mistake'], received: 'hello' });
  });
});

const atRest: SocketStats = {
  sent: 0,
  received: 0,
  bytesSent: 0,
  bytesReceived: 0,
  dropped: 0,
  refused: 0,
  faults: 0,
  depth: 0,
  depthBytes: 0,
  connections: 0,
};

describe('stats', () => {
  test('account for every value and byte', async () => {
    await using pull = await Pull.bind<number>('ipc://*', { highWaterMark: 1000 });
    await using push = await Push.connect<number>(pull.endpoint, { batch: false });
    await push.ready();
    for (const n of numbers(100)) void push.send(n);
    await until(() => push.stats().sent === 100);
    const bytes = numbers(100).reduce((sum, n) => sum + (n < 24 ? 1 : 2), 0);
    expect(push.stats()).toEqual({
      ...atRest,
      sent: 100,
      bytesSent: bytes,
      connections: 1,
    });
    await take(pull, 100);
    await until(() => pull.stats().connections === 1); // Values can be quicker than what is told of them.
    expect(pull.stats()).toEqual({
      ...atRest,
      received: 100,
      bytesReceived: bytes,
      connections: 1,
    });
  });

  test('count what waits, on either side', async () => {
    await using push = new Push<Uint8Array>();
    for (const n of numbers(10)) await push.send(new Uint8Array(1000).fill(n));
    expect(push.stats()).toMatchObject({ depth: 10, sent: 0 });
    expect(push.stats().depthBytes).toBeGreaterThanOrEqual(10_000);
    expect(push.stats().depthBytes).toBeLessThan(11_000);
    await push.bind('tcp://127.0.0.1:*');
    await using pull = await Pull.connect<Uint8Array>(push.endpoint);
    await pull.receive();
    // The first may have left alone, since there was nobody to deal the turn's values out to.
    expect(pull.stats()).toMatchObject({ depth: 9, received: 1 });
    await until(() => push.stats().depth === 0);
    expect(push.stats()).toMatchObject({ sent: 10, depth: 0, depthBytes: 0 });
    await take(pull, 9);
    expect(pull.stats()).toMatchObject({ depth: 0, received: 10 });
  });
});

describe('faults', () => {
  test('are told to onFault as errors, with their reason', async () => {
    const faults: BrokerlessError[] = [];
    const onFault = (fault: BrokerlessError): void => void faults.push(fault);
    await using pull = await Pull.bind('ipc://*', { onFault });
    await using push = await Push.connect<Uint8Array>(pull.endpoint, { codec: 'raw' });
    for (const bytes of [[], [0xff], [1, 1]]) void push.send(new Uint8Array(bytes));
    void push.send(new Uint8Array([1]));
    expect(await pull.receive()).toBe(1);
    expect(faults.map(({ code }) => code)).toEqual(['BAD_MESSAGE', 'BAD_MESSAGE', 'BAD_MESSAGE']);
    expect(faults.every(({ message }) => message.startsWith('dropped from a peer: '))).toBe(true);
    expect(pull.stats()).toMatchObject({ faults: 3, received: 1 });
  });
});

test('messages and faults are published on diagnostics channels', async () => {
  const seen: unknown[] = [];
  const listener = (message: unknown, name: string | symbol) => seen.push([name, message]);
  const channels = ['brokerless:sent', 'brokerless:received', 'brokerless:fault'];
  for (const name of channels) subscribe(name, listener);
  try {
    await using pull = await Pull.bind<number>('ipc://*');
    await using push = await Push.connect<number>(pull.endpoint);
    await using raw = await Push.connect<Uint8Array>(pull.endpoint, { codec: 'raw' });
    await push.send(7);
    await pull.receive();
    void push.send(8);
    void push.send(9);
    await take(pull, 2);
    void raw.send(new Uint8Array([0xff]));
    const value = pull.receive();
    await until(() => pull.stats().faults === 1);
    await push.send(10);
    await value;
    const { endpoint } = pull;
    const count = (name: string) => seen.filter((each) => Array.isArray(each) && each[0] === name);
    expect(count('brokerless:fault')).toEqual([
      ['brokerless:fault', { endpoint, reason: expect.any(String) }],
    ]);
    expect(seen).toContainEqual(['brokerless:sent', { endpoint, values: 1, bytes: 1 }]);
    expect(seen).toContainEqual(['brokerless:sent', { endpoint, values: 2, bytes: 7 }]);
    expect(seen).toContainEqual(['brokerless:received', { endpoint, bytes: 7 }]);
    expect(count('brokerless:sent')).toHaveLength(4);
    expect(count('brokerless:received')).toHaveLength(4);
  } finally {
    for (const name of channels) unsubscribe(name, listener);
  }
});
