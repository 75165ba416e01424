/**
 * The contract of every typed socket's life: one body of tests, run for each socket over each
 * transport. Binding is in contracts/binding.ts.
 */
import { getEventListeners } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  type CloseOptions,
  type CloseReport,
  isBrokerlessError,
  type SocketStats,
} from 'brokerless';
import { describe, expect, test } from 'vitest';
import { quickestClose } from '../support/quickest.ts';
import { until } from '../support/until.ts';

/** What the contract calls of a socket. */
export interface AnySocket extends AsyncDisposable {
  readonly endpoint: string;
  readonly closed: boolean;
  bind(endpoint: string): Promise<void>;
  connect(endpoint: string): Promise<void>;
  ready(options?: { signal?: AbortSignal; timeoutMs?: number }): Promise<unknown>;
  stats(): SocketStats;
  close(options?: CloseOptions): Promise<CloseReport>;
}

/** A socket's class, as the contract uses it. */
export interface SocketType {
  new (options?: object): AnySocket;
  readonly name: string;
  bind(endpoint: string, options?: object): Promise<AnySocket>;
  connect(endpoint: string, options?: object): Promise<AnySocket>;
}

/** Something to ask of a socket. */
export type Verb = (socket: AnySocket) => Promise<unknown>;

/** One socket to be held to the contract. */
export interface Subject {
  /** Its class. */
  readonly Type: SocketType;
  /** The class of a peer that it can talk to. */
  readonly Peer: SocketType;
  /** Calls that must reject with `CLOSED` on a closed socket, besides those that all sockets have. */
  readonly verbs: Readonly<Record<string, Verb>>;
  /** The names of its own numbers, besides those that all sockets have. */
  readonly stats?: readonly string[];
  /** Whether it is ready only when it has met a peer, bound or not. */
  readonly needsPeer?: boolean;
}

/** Where the contract is tried, by the name of the transport. */
export const transports: Readonly<Record<string, string>> = {
  inproc: 'inproc://contract',
  ipc: 'ipc://*',
  tcp: 'tcp://127.0.0.1:*',
};

const statNames =
  'bytesReceived bytesSent connections depth depthBytes dropped faults received refused sent'.split(
    ' ',
  );

/** The error that `promise` rejects with; fails the test if it does not. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => expect.fail(`expected a rejection, got ${String(value)}`),
    (error: unknown) => error,
  );
}

/** Waits for the rejection of `promise` and checks its code. */
export async function rejects(promise: Promise<unknown>, code: string): Promise<unknown> {
  const error = await failure(promise);
  expect(isBrokerlessError(error), String(error)).toBe(true);
  expect(error).toMatchObject({ code });
  return error;
}

/** Holds one socket to the contract of its life, over each transport. */
export function describeSocket(subject: Subject): void {
  const { Type } = subject;
  describe.each(Object.entries(transports))(`${Type.name} over %s`, (_name, endpoint) => {
    describeOpening(subject, endpoint);
    describeReady(subject, endpoint);
    describeClosing(subject, endpoint);
  });
  describe(Type.name, () => describeOptions(subject));
}

function describeOpening({ Type, Peer }: Subject, endpoint: string): void {
  test('has no endpoint at first, and a real one once it is bound', async () => {
    await using socket = new Type();
    expect(socket.endpoint).toBe('');
    await socket.bind(endpoint);
    expect(socket.endpoint).not.toContain('*');
    expect(socket.endpoint.slice(0, 6)).toBe(endpoint.slice(0, 6));
  });

  test('is bound by a static constructor, and connected by another', async () => {
    await using socket = await Type.bind(endpoint);
    expect(socket).toBeInstanceOf(Type);
    await using peer = await Peer.connect(socket.endpoint);
    expect(peer).toBeInstanceOf(Peer);
    expect(peer.endpoint).toBe(socket.endpoint);
    await peer.ready({ timeoutMs: 5000 });
  });

  test('connects before there is anything to connect to', async () => {
    await using first = await Type.bind(endpoint);
    const { endpoint: free } = first;
    await first.close();
    if (free.startsWith('ipc:')) return; // The path has gone with its directory.
    await using socket = await Type.connect(free);
    await using peer = await Peer.bind(free);
    await Promise.all([socket, peer].map((each) => each.ready({ timeoutMs: 5000 })));
  });

  test('is bound and connected several times', async () => {
    await using socket = new Type();
    await using peer = await Peer.bind(endpoint.replace('contract', 'peer'));
    await socket.bind(endpoint);
    await socket.bind('inproc://second');
    await socket.connect(peer.endpoint);
    expect(socket.endpoint).toBe(peer.endpoint);
  });
}

function describeReady({ Type, Peer, needsPeer = false }: Subject, endpoint: string): void {
  test.runIf(!needsPeer)('is ready as soon as it is bound', async () => {
    await using socket = await Type.bind(endpoint);
    await socket.ready();
    await socket.ready({ timeoutMs: 0 });
  });

  test('is ready after the first handshake, and over inproc at once', async () => {
    await using peer = await Peer.bind(endpoint);
    await using socket = await Type.connect(peer.endpoint);
    await socket.ready({ timeoutMs: 5000 });
    const counted = endpoint.startsWith('inproc') ? 0 : 1;
    await until(() => socket.stats().connections === counted);
  });

  test('waits for a peer no longer than it is told to', async () => {
    await using socket = new Type();
    const error = await rejects(socket.ready({ timeoutMs: 20 }), 'TIMEOUT');
    expect(error).toMatchObject({ mayHaveRun: 'no' });
  });

  test('stops waiting for a peer when its signal fires, and leaves no listener', async () => {
    await using socket = new Type();
    const { signal, reason, abort } = signalling();
    const waiting = rejects(socket.ready({ signal }), 'ABORTED');
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    abort();
    expect(await waiting).toMatchObject({ cause: reason });
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    expect(await rejects(socket.ready({ signal }), 'ABORTED')).toMatchObject({ cause: reason });
  });

  test('leaves no listener on the signal when it became ready', async () => {
    await using peer = await Peer.bind(endpoint);
    await using socket = await Type.connect(peer.endpoint);
    const { signal } = signalling();
    await socket.ready({ signal, timeoutMs: 60_000 });
    await until(() => getEventListeners(signal, 'abort').length === 0);
  });

  test('tells who waits for a peer that the socket is closed', async () => {
    await using socket = new Type();
    const waiting = rejects(socket.ready(), 'CLOSED');
    await socket.close();
    await waiting;
    await rejects(socket.ready(), 'CLOSED');
  });
}

function describeClosing({ Type, Peer, verbs, stats = [] }: Subject, endpoint: string): void {
  test('closes at once and says that nothing was left', async () => {
    expect(await quickestClose(() => Type.bind(endpoint))).toBeLessThan(500);
  });

  test('closes at once beside a peer that stays open and has nothing to do', async () => {
    await using peer = await Peer.bind(endpoint);
    const joined = async (): Promise<AnySocket> => {
      const socket = await Type.connect(peer.endpoint);
      await socket.ready();
      return socket;
    };
    expect(await quickestClose(joined)).toBeLessThan(500);
  });

  test('gives the same report however often it is closed', async () => {
    await using socket = await Type.bind(endpoint);
    expect(socket.closed).toBe(false);
    const [one, other] = [socket.close(), socket.close({ drainMs: 5 })];
    expect(socket.closed).toBe(true);
    expect(await one).toBe(await other);
    expect(await socket.close()).toBe(await one);
  });

  test('rejects whatever is asked of it once it is closed', async () => {
    const socket = await Type.bind(endpoint);
    const closing = socket.close();
    const calls = { ...verbs, bind: () => socket.bind(endpoint), ready: () => socket.ready() };
    const all = { ...calls, connect: () => socket.connect('tcp://127.0.0.1:9') };
    for (const call of Object.values<Verb>(all)) await rejects(call(socket), 'CLOSED');
    await closing;
    for (const call of Object.values<Verb>(all)) await rejects(call(socket), 'CLOSED');
  });

  test('is closed when its scope ends', async () => {
    let kept: AnySocket;
    {
      await using socket = await Type.bind(endpoint);
      kept = socket;
    }
    expect(kept.closed).toBe(true);
    await using again = await Type.bind(
      kept.endpoint.startsWith('ipc:') ? endpoint : kept.endpoint,
    );
    expect(again.closed).toBe(false);
  });

  test('closed while it is being bound, it leaves nothing behind', async () => {
    const socket = new Type();
    const binding = failure(socket.bind(endpoint)).catch(() => undefined);
    await socket.close();
    await binding;
    const path = socket.endpoint.replace('ipc://', '');
    if (path.startsWith('/')) expect(existsSync(dirname(path))).toBe(false);
  });

  test('has all numbers before, between and after', async () => {
    const socket = new Type();
    const names = [...statNames, ...stats].toSorted();
    const keys = (): string[] => Object.keys(socket.stats()).toSorted();
    expect(keys()).toEqual(names);
    expect(Object.values(socket.stats())).toEqual(names.map(() => 0));
    await socket.bind(endpoint);
    expect(keys()).toEqual(names);
    await socket.close();
    expect(keys()).toEqual(names);
  });
}

function describeOptions({ Type }: Subject): void {
  const bad: readonly (readonly [string, unknown])[] = [
    ['foo', 1],
    ['linger', 0],
    ['maxMessageBytes', 0],
    ['maxMessageBytes', '1'],
    ['insecure', 'yes'],
    ['codec', 'protobuf'],
    ['codec', { encode: () => '' }],
    ['highWaterMark', -1],
    ['heartbeatMs', Number.NaN],
    ['handshakeMs', 0],
    ['reconnectMs', 1.5],
    ['reconnectMaxMs', Infinity],
    ['drainMs', -1],
    ['onFault', 'log'],
  ];

  test.for(bad)('refuses the option %s: %o', async ([name, value]) => {
    const options = { [name]: value };
    const named = new RegExp(`^${Type.name}: .*\\b${name}\\b`);
    expect(() => new Type(options)).toThrow(named);
    expect(() => new Type(options)).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }));
    for (const opening of [Type.bind('inproc://o', options), Type.connect('inproc://o', options)]) {
      expect(await rejects(opening, 'BAD_OPTION')).toMatchObject({
        message: expect.stringMatching(named),
      });
    }
  });

  test('takes an option that is undefined for one left out', async () => {
    await using socket = new Type({ codec: undefined, drainMs: undefined, onFault: undefined });
    expect(socket.closed).toBe(false);
  });

  test('refuses options that are none, and those of close', async () => {
    expect(() => new Type(Object(null))).not.toThrow();
    await rejects(Type.bind('inproc://o', Object('text')), 'BAD_OPTION');
    await using socket = new Type();
    await rejects(socket.close({ drainMs: -1 }), 'BAD_OPTION');
    expect(socket.closed).toBe(false);
  });
}

function signalling(): { signal: AbortSignal; reason: Error; abort: () => void } {
  const controller = new AbortController();
  const reason = new Error('enough');
  return { signal: controller.signal, reason, abort: () => controller.abort(reason) };
}
