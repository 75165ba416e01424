/**
 * The faults of the npm package `zeromq` that code of ours works around, each shown by a script of
 * its own. A test that fails here is good news: it names the workaround that may go.
 */
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { version as libzmq } from 'zeromq';
import { type RunResult, runScript } from '../support/child.ts';

/** One fault: the script that shows it, what is seen of it, and the code that rests on it. */
interface Repro {
  readonly fault: string;
  readonly script: string;
  readonly args?: readonly string[];
  /** The lines that the script prints while the fault is there. */
  readonly prints: readonly string[];
  /** The signal that it dies of; left out where it ends well. */
  readonly signal?: NodeJS.Signals;
  /** The file of the workaround, and what there is done because of the fault. */
  readonly workaround: string;
}

const abortedBy = (how: string, workaround: string): Repro => ({
  fault: `a worker thread with a pending receive aborts the process when ended by ${how}`,
  script: 'worker-pending-receive.mjs',
  args: [how],
  prints: [],
  signal: 'SIGABRT',
  workaround: `src/sockets/thread-exit.ts (${workaround})`,
});

const repros: readonly Repro[] = [
  {
    fault: 'an option refused by a socket constructor crashes the process at its end',
    script: 'constructor-option.mjs',
    prints: ['caught: Option value must be a number'],
    signal: 'SIGSEGV',
    workaround: 'src/sockets/native.ts (sockets are constructed bare)',
  },
  {
    fault: 'events left unread freeze every socket of the context until they are read',
    script: 'events-undrained.mjs',
    prints: ['before: flows', 'unread: frozen', 'read: flows'],
    workaround: 'src/sockets/monitor.ts (events are read until the end)',
  },
  {
    fault: 'events closed before their socket freeze every socket of the context',
    script: 'events-close.mjs',
    prints: ['before: flows', 'after: frozen'],
    workaround: 'src/sockets/monitor.ts (the observer of a live socket is never closed)',
  },
  {
    fault: 'a peer that guesses the next name that a ROUTER gives ends its process',
    script: 'router-guessed-name.mjs',
    prints: ['the rude one is served'],
    signal: 'SIGABRT',
    workaround: 'README.md (a port is not for strangers)',
  },
  {
    fault: 'a socket with `immediate` throws away what it has not handed out when its peer goes',
    script: 'immediate-drops-unread.mjs',
    prints: ['immediate false: 10 of 10', 'immediate true: 0 of 10'],
    workaround: 'src/sockets/answerer.ts (a server that closes leaves time to read)',
  },
  {
    fault: 'a send that waits sleeps on if a read that begins takes the event that would wake it',
    script: 'read-takes-wake.mjs',
    prints: ['read first: sent', 'send first: waits'],
    workaround:
      'src/sockets/transfer.ts (a socket that is read from offers, and never waits within)',
  },
  abortedBy('exit', 'an exit hook closes the sockets of a worker'),
  abortedBy('throw', 'an exit hook closes the sockets of a worker'),
  abortedBy('terminate', 'the warning not to terminate a worker that has sockets'),
  abortedBy('main', 'the warning not to exit while a worker has sockets'),
  {
    fault: 'a second send while the first one waits throws EBUSY out of the call',
    script: 'send-concurrent.mjs',
    prints: ['thrown: EBUSY'],
    workaround: 'src/sockets/outbox.ts (the writer takes a throw for a rejection)',
  },
  {
    fault: 'a send that follows the 513th operation of an idle socket throws EBUSY',
    script: 'send-every-513th.mjs',
    prints: ['sent: 513, then EBUSY'],
    workaround: 'src/sockets/outbox.ts (the writer awaits every send)',
  },
  {
    fault: 'a loop over a socket that is closed during the 513th operation throws ENOTSOCK',
    script: 'iterator-close.mjs',
    prints: ['received: 512, then ENOTSOCK'],
    workaround: 'src/sockets/inbox.ts (any error after close is the end)',
  },
  {
    fault: 'a buffer of more than 128 bytes is sent by reference and shared over inproc',
    script: 'send-by-reference.mjs',
    prints: [
      'ipc:128: sent 1, received 1',
      'ipc:129: sent 1, received 2',
      'inproc:129: sent 1, received 2',
      'inproc: receiver writes 3, sender sees 3',
    ],
    workaround: 'src/sockets/pull.ts and src/wire (copies over inproc; fresh memory per frame)',
  },
  {
    fault: 'unbindSync binds a second time',
    script: 'unbind-sync.mjs',
    prints: ['thrown: EADDRINUSE'],
    workaround: 'src/sockets/lifecycle.ts (nothing is ever unbound)',
  },
  {
    fault: 'binding an ipc path takes it from the live socket that is bound to it',
    script: 'ipc-theft.mjs',
    prints: ['received by the thief'],
    workaround: 'src/sockets/endpoint.ts (an ipc path is tried before it is bound)',
  },
  {
    fault: 'heartbeats cut a connection whose receiver is slow, and lose what waits in it',
    script: 'heartbeat-cuts-stalled.mjs',
    prints: ['heartbeats off: held, complete', 'heartbeats on: cut, lost'],
    workaround: 'src/sockets/options.ts (heartbeats are off unless they are asked for)',
  },
  {
    fault: 'a client that speaks HTTP is taken for a peer and dealt messages',
    script: 'zmtp-1-stranger.mjs',
    prints: [
      'the client is kept, 5 of 10 values left for the peer',
      'with a zapDomain it is cut, 10 of 10 values left for the peer',
    ],
    workaround: 'src/sockets (none so far: such a client is served, and counted nowhere)',
  },
  {
    fault: 'a closed inproc socket does not end while its peer is idle',
    script: 'inproc-close.mjs',
    prints: ['peer idle: not ended after a second', 'peer asked: ended'],
    workaround: 'src/sockets/lifecycle.ts (the end of an inproc socket is not waited for)',
  },
];

/** What a run showed, in the shape that a repro foretells. */
function shown({ stdout, signal, code }: RunResult): object {
  return { prints: stdout.split('\n').filter(Boolean), ended: signal ?? code };
}

test('the installed zeromq and libzmq are those that the faults were last seen on', () => {
  const installed: unknown = createRequire(import.meta.url)('zeromq/package.json');
  expect(installed).toMatchObject({ version: '6.8.0' });
  expect(libzmq).toBe('4.3.5');
});

describe('in zeromq 6.8.0', () => {
  test.concurrent.for(repros)('$fault', async ({ script, args = [], ...repro }, context) => {
    // Not in the repository: a crash leaves its core file where it happens.
    const run = await runScript(new URL(script, import.meta.url), { args, cwd: tmpdir() });
    const fixed = `fixed upstream: the workaround in ${repro.workaround} may go`;
    context
      .expect(shown(run), `${script} no longer shows its fault; ${fixed}\n${run.stderr}`)
      .toEqual({ prints: repro.prints, ended: repro.signal ?? 0 });
  });
});
