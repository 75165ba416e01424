/**
 * Endpoint: what may be bound or connected, checked before libzmq gets to see it.
 *
 * libzmq binds a TCP port to the whole world as readily as to loopback, takes an IPC path away from a
 * live process without a word, and puts a wildcard path into the current directory.
 */
import { lstat, mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { BrokerlessError } from '../errors.ts';
import { show } from '../rules/check.ts';

/** Whether messages of this endpoint stay in the process, and share its memory. */
export function isInproc(endpoint: string): boolean {
  return endpoint.startsWith('inproc://');
}

/** Whether the endpoint is an IPv6 address, which libzmq must be told. */
export function isIpv6(endpoint: string): boolean {
  return endpoint.startsWith('tcp://[');
}

/** @throws BrokerlessError `ADDRESS` unless `endpoint` is `tcp://`, `ipc://` or `inproc://` something. */
export function checkEndpoint(endpoint: string): void {
  const [, scheme, rest] = /^(tcp|ipc|inproc):\/\/(.+)$/s.exec(endpoint) ?? [];
  if (rest !== undefined && (scheme !== 'tcp' || hasPort(rest))) return;
  throw new BrokerlessError(
    'ADDRESS',
    `an endpoint is tcp://HOST:PORT, ipc://PATH or inproc://NAME, got ${show(endpoint)}`,
  );
}

// libzmq takes port 65537 for port 1.
function hasPort(address: string): boolean {
  const port = /[^:]:(\d{1,5}|\*)$/.exec(address)?.[1];
  return port === '*' || Number(port) <= 65_535;
}

/** @throws BrokerlessError `INSECURE_BIND` if `endpoint` can be reached from another computer. */
export function checkLoopback(endpoint: string): void {
  const host = /^tcp:\/\/(.*):[^:]*$/.exec(endpoint)?.[1];
  if (host === undefined || isLoopback(host.toLowerCase())) return;
  throw new BrokerlessError(
    'INSECURE_BIND',
    `binding ${endpoint} lets any stranger on the network send to this process; ` +
      'bind tcp://127.0.0.1:PORT or ipc://PATH, or write insecure: true if that is meant',
  );
}

function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === 'lo') return true;
  if (/^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host)) return true;
  return host === '[::1]' || /^\[::ffff:127\.\d{1,3}\.\d{1,3}\.\d{1,3}\]$/.test(host);
}

/** An endpoint as libzmq is to bind it, and what to take away once its socket is closed. */
export interface Claim {
  /** The endpoint; a path of our own where it was `ipc://*`. */
  readonly endpoint: string;
  /** Removes what was made for the endpoint. */
  release(): Promise<void>;
}

const claimedPaths = new Set<string>(); // By sockets of this process, from before they are bound.
const LONGEST_PATH = 107; // What the kernel keeps of a socket's path; the rest it would cut off.

/**
 * Gets an endpoint ready to be bound. An IPC wildcard becomes a socket in a new directory that only
 * this user can enter; of a given IPC path it is made sure that no live process has it.
 *
 * @throws BrokerlessError `ADDRESS` if the path is in use, or is not a socket's.
 */
export async function claim(endpoint: string): Promise<Claim> {
  const path = endpoint.startsWith('ipc://') ? endpoint.slice('ipc://'.length) : undefined;
  if (path === '*') return claimTemporary();
  if (path === undefined || path.startsWith('@')) return { endpoint, release: async () => {} };
  return claimPath(path);
}

async function claimPath(path: string): Promise<Claim> {
  if (Buffer.byteLength(path) > LONGEST_PATH) {
    throw new BrokerlessError('ADDRESS', `ipc://${path} is longer than ${LONGEST_PATH} bytes`);
  }
  if (claimedPaths.has(path)) throw inUse(path);
  claimedPaths.add(path);
  const release = async (): Promise<void> => void claimedPaths.delete(path);
  try {
    await checkFree(path);
  } catch (error) {
    await release();
    throw error;
  }
  return { endpoint: `ipc://${path}`, release };
}

function inUse(path: string): BrokerlessError {
  return new BrokerlessError('ADDRESS', `ipc://${path} is bound already`);
}

async function claimTemporary(): Promise<Claim> {
  const path = join(await mkdtemp(join(tmpdir(), 'brokerless-')), 'socket');
  return {
    endpoint: `ipc://${path}`,
    release: () => rm(dirname(path), { recursive: true, force: true }),
  };
}

async function checkFree(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isSocket()) {
    throw new BrokerlessError('ADDRESS', `ipc://${path} is a file, and binding would delete it`);
  }
  if (await isAlive(path)) throw inUse(path);
}

/** Whether a process has the socket file, be it too busy to answer. One left behind refuses. */
function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT');
    });
  });
}
