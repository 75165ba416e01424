/**
 * Runs a script as a process of its own and tells how it ended: for whatever must not take the test
 * run with it (a crash, a frozen socket, an exit), and for programs shown as their users run them.
 */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { commandOf } from './compiled.ts';
import { root } from './root.ts';

/** How to run the script; every field has a default. */
export interface RunOptions {
  /** The script's own arguments. */
  readonly args?: readonly string[];
  /** How long the script may take until it is killed: its `signal` is then `SIGKILL`. 60 s. */
  readonly timeoutMs?: number;
  /** Variables added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** The working directory; by default the root of the repository. */
  readonly cwd?: string;
  /** Runs TypeScript, with `brokerless` from `src` and not from the build. */
  readonly source?: boolean;
}

/** How a script ended and all it wrote. One of `code` and `signal` is null. */
export interface RunResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs `path` with the Node.js that runs the tests and waits for its end. An exit code or a signal
 * is a result like any other; the promise rejects only when no process could be started.
 *
 * ```ts
 * const script = new URL('./crash.mjs', import.meta.url);
 * expect(await runScript(script, { args: ['now'] })).toMatchObject({ signal: 'SIGSEGV' });
 * ```
 */
export async function runScript(path: string | URL, options: RunOptions = {}): Promise<RunResult> {
  const { args = [], timeoutMs = 60_000, env = {}, cwd = root, source = false } = options;
  const own = path instanceof URL ? fileURLToPath(path) : path;
  const child = spawn(process.execPath, [...(source ? commandOf(path) : [own]), ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  const ended = new Promise<Pick<RunResult, 'code' | 'signal'>>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const [end, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { ...end, stdout, stderr: withoutNotes(stderr) };
}

const NOTE = /^\(node:\d+\) WARNING: Waiting for queued ZeroMQ messages .*\r?\n/gm;

/** An output without what zeromq writes when the end of its process took half a second: the machine stood still. */
export function withoutNotes(output: string): string {
  return output.replace(NOTE, '');
}
