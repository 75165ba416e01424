/**
 * The contract of what a typed socket binds and connects: addresses that are none, that are taken,
 * that are open to the world, and the files of ipc.
 */
import { existsSync } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { runScript } from '../support/child.ts';
import { temporaryFolder } from '../support/consumer.ts';
import { until } from '../support/until.ts';
import { type AnySocket, failure, rejects, type Subject } from './lifecycle.ts';

const malformed: readonly unknown[] = [
  '',
  'tcp',
  'tcp://',
  'tcp://127.0.0.1',
  'tcp://127.0.0.1:http',
  'tcp:127.0.0.1:80',
  'tcp://127.0.0.1:99999',
  'ipc://',
  'inproc://',
  'http://127.0.0.1:80',
  'ws://127.0.0.1:80',
  ' tcp://127.0.0.1:80',
  undefined,
  null,
  7,
  {},
];

const hasIpv6 = Object.values(networkInterfaces())
  .flat()
  .some((face) => face?.address === '::1');

/** Holds one socket to the contract of binding and connecting. */
export function describeBinding(subject: Subject): void {
  describe(`binding ${subject.Type.name}`, () => {
    describeAddresses(subject);
    describeLoopback(subject);
    describe.skipIf(process.platform === 'win32')('by ipc', () => describeFiles(subject));
  });
}

function describeAddresses({ Type, Peer }: Subject): void {
  test.for(malformed)('an endpoint that is none, %o, is refused and shown', async (endpoint) => {
    await using socket = new Type();
    for (const call of ['bind', 'connect'] as const) {
      const error = await rejects(socket[call](endpoint as string), 'ADDRESS');
      expect(String(error)).toContain(shown(endpoint));
    }
  });

  test('an ipc path that is too long is refused', async () => {
    await using socket = new Type();
    const endless = `ipc:///tmp/${'x'.repeat(200)}`;
    await rejects(socket.bind(endless), 'ADDRESS');
    await rejects(socket.connect(endless), 'ADDRESS');
  });

  test('what libzmq refuses is refused with its reason', async () => {
    await using socket = new Type();
    const nowhere = 'ipc:///no/such/directory/socket';
    const error = await rejects(socket.bind(nowhere), 'ADDRESS');
    expect(error).toMatchObject({ cause: expect.any(Error) });
    expect(String(error)).toContain(nowhere);
  });

  test.for(['tcp://127.0.0.1:*', 'inproc://taken'])('%s is refused if taken', async (endpoint) => {
    await using holder = await Peer.bind(endpoint);
    const error = await rejects(Type.bind(holder.endpoint), 'ADDRESS');
    // Before ZeroMQ is asked for the reason, something else that it does may have left its own, if seldom.
    const { code } = (error as Error).cause as NodeJS.ErrnoException;
    expect(['EADDRINUSE', 'EAGAIN']).toContain(code);
    expect(String(error)).toContain(holder.endpoint);
  });
}

function shown(endpoint: unknown): string {
  if (typeof endpoint === 'object' && endpoint !== null) return 'an object';
  return typeof endpoint === 'string' ? JSON.stringify(endpoint) : String(endpoint);
}

function describeLoopback({ Type }: Subject): void {
  const open = [
    'tcp://*:*',
    'tcp://0.0.0.0:*',
    'tcp://[::]:*',
    'tcp://example.com:*',
    'tcp://10.0.0.1:*',
    'tcp://[::ffff:10.0.0.1]:*',
    'tcp://127.0.0.1.example.com:*',
    'tcp://1270.0.0.1:*',
    'tcp://localhost.example.com:*',
    'tcp://eth0:*',
  ];
  test.for(open)('%s is refused, as any stranger could reach it', async (endpoint) => {
    const error = await rejects(Type.bind(endpoint), 'INSECURE_BIND');
    expect(String(error)).toContain(endpoint);
    await rejects(Type.bind(endpoint, { insecure: false }), 'INSECURE_BIND');
  });

  test.for(['tcp://*:*', 'tcp://0.0.0.0:*'])(
    '%s is bound where that is meant',
    async (endpoint) => {
      await using socket = await Type.bind(endpoint, { insecure: true });
      expect(socket.endpoint).toMatch(/:\d+$/);
    },
  );

  const near = ['tcp://127.0.0.1:*', 'tcp://127.1.2.3:*', 'tcp://localhost:*', 'tcp://LOCALHOST:*'];
  test.for(near)('%s is bound', async (endpoint) => {
    await using socket = await Type.bind(endpoint);
    expect(socket.endpoint).toMatch(/:\d+$/);
  });

  test.runIf(hasIpv6)('tcp://[::1]:* is bound, and can be connected to', async () => {
    await using socket = await Type.bind('tcp://[::1]:*');
    expect(socket.endpoint).toMatch(/^tcp:\/\/\[::1\]:\d+$/);
  });

  test('connecting is not restricted', async () => {
    await using socket = new Type({ reconnectMs: 1000 });
    await socket.connect('tcp://192.0.2.1:9');
  });
}

function describeFiles({ Type, Peer }: Subject): void {
  test('a wildcard is a socket that only this user can reach, gone once closed', async () => {
    const socket = await Type.bind('ipc://*');
    const path = socket.endpoint.slice('ipc://'.length);
    expect(path.startsWith(tmpdir())).toBe(true);
    expect((await stat(path)).isSocket()).toBe(true);
    expect((await stat(dirname(path))).mode & 0o077).toBe(0);
    await socket.close();
    expect(existsSync(dirname(path))).toBe(false);
  });

  test('a wildcard bound while the socket closes leaves no directory behind', async () => {
    await using folder = await temporaryFolder();
    vi.stubEnv('TMPDIR', folder.path); // In the common one others come and go meanwhile.
    try {
      expect(tmpdir()).toBe(folder.path);
      for (let i = 0; i < 20; i += 1) {
        const socket = new Type();
        const binding = socket.bind('ipc://*').catch(() => {});
        await socket.close();
        await binding;
      }
    } finally {
      vi.unstubAllEnvs();
    }
    expect(await readdir(folder.path)).toEqual([]);
  });

  test('a path that a live socket has is refused, and not stolen', async () => {
    await using folder = await temporaryFolder();
    const endpoint = `ipc://${join(folder.path, 'socket')}`;
    await using holder = await Peer.bind(endpoint);
    const error = await rejects(Type.bind(endpoint), 'ADDRESS');
    expect(String(error)).toContain(endpoint);
    await using visitor = await Type.connect(endpoint);
    await visitor.ready({ timeoutMs: 5000 });
    expect(holder.closed).toBe(false);
  });

  test('a path that two sockets bind at the same moment goes to one of them', async () => {
    await using folder = await temporaryFolder();
    const endpoint = `ipc://${join(folder.path, 'socket')}`;
    const both = await Promise.allSettled([Type.bind(endpoint), Type.bind(endpoint)]);
    const bound = both.filter((each) => each.status === 'fulfilled').map((each) => each.value);
    await Promise.all(bound.map((socket: AnySocket) => socket.close()));
    expect(bound).toHaveLength(1);
  });

  test('a path whose live process does not answer is refused, and not stolen', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'socket');
    const program = new URL('../sockets/programs/frozen-listener.ts', import.meta.url);
    const child = runScript(program, { source: true, args: [path] });
    await until(() => existsSync(`${path}.pid`));
    const callers: Socket[] = [];
    try {
      while (await knocks(path, callers));
      await rejects(Type.bind(`ipc://${path}`), 'ADDRESS');
    } finally {
      for (const caller of callers) caller.destroy();
      process.kill(Number(await readFile(`${path}.pid`, 'utf8')), 'SIGKILL');
    }
    await child;
  });

  test('a path that is a file is refused, and the file is left alone', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'notes.txt');
    await writeFile(path, 'mine');
    expect(String(await rejects(Type.bind(`ipc://${path}`), 'ADDRESS'))).toContain(path);
    expect(await readFile(path, 'utf8')).toBe('mine');
    expect(String(await failure(Type.bind(`ipc://${folder.path}`)))).toContain(folder.path);
    expect(existsSync(path)).toBe(true);
  });

  test('a path that a dead process left behind is bound again', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'socket');
    const program = new URL('../sockets/programs/leave-socket.ts', import.meta.url);
    const run = await runScript(program, { source: true, args: [path] });
    expect(run.signal, run.stderr).toBe('SIGKILL');
    expect((await stat(path)).isSocket()).toBe(true);
    await using socket = await Type.bind(`ipc://${path}`);
    await using visitor = await Peer.connect(socket.endpoint);
    await visitor.ready({ timeoutMs: 5000 });
  });
}

/** Whether the listener's backlog still has room for one more connection. */
function knocks(path: string, callers: Socket[]): Promise<boolean> {
  return new Promise((resolve) => {
    const caller = connect(path);
    callers.push(caller);
    caller.once('connect', () => resolve(true)).once('error', () => resolve(false));
  });
}
