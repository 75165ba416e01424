/**
 * Runs the word count as its users do, and finds the worker processes of one that is running.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { type RunResult, runScript, withoutNotes } from '../support/child.ts';
import { compiled } from '../support/compiled.ts';
import { root } from '../support/root.ts';

/** The main program. */
export const MAIN = 'examples/word-count/main.ts';

/** Runs the word count to its end. */
export function wordCount(...args: readonly string[]): Promise<RunResult> {
  return runScript(MAIN, { args, source: true, timeoutMs: 85_000 });
}

/** What `--json` prints. */
export interface Summary {
  readonly files: number;
  readonly bytes: number;
  readonly words: number;
  readonly distinct: number;
  readonly top: readonly (readonly [string, number])[];
  readonly workers: readonly { readonly pid: number; readonly files: number }[];
  readonly seconds: number;
}

/** The one object on the standard output of a run that ended well. */
export function summaryOf({ code, signal, stdout, stderr }: RunResult): Summary {
  if (code !== 0) throw new Error(`ended with ${code ?? signal}: ${stderr}`);
  return JSON.parse(stdout) as Summary;
}

/** A word count that is running, in a process group of its own that goes when the scope ends. */
export class Running implements Disposable {
  /** How it ended and all that it and its workers wrote, once they have ended too. */
  readonly result: Promise<RunResult>;
  readonly #child: ChildProcess;

  /** @param more Further flags of Node.js, which its workers have too. */
  constructor(args: readonly string[], more: readonly string[] = []) {
    const child = spawn(process.execPath, [...more, compiled(MAIN), ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.#child = child;
    const ended = new Promise<Pick<RunResult, 'code' | 'signal'>>((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    this.result = Promise.all([ended, text(child.stdout), text(child.stderr)]).then(
      ([end, stdout, stderr]) => ({ ...end, stdout, stderr: withoutNotes(stderr) }),
    );
  }

  /** The main process. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Whether the main process has ended. */
  get ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** The worker processes that are there at present. */
  workers(): number[] {
    return childrenOf(this.pid).filter((pid) => commandOf(pid).includes('word-count/worker.js'));
  }

  [Symbol.dispose](): void {
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch {
      // All of them have ended.
    }
  }
}

/** Whether a process is there and has not ended. */
export function alive(pid: number): boolean {
  return ![undefined, 'Z', 'X'].includes(statusOf(pid)?.state);
}

/** How many bytes a process has read so far, from whatever it has open. */
export function bytesRead(pid: number): number {
  return Number(/^rchar: (\d+)$/m.exec(proc(pid, 'io') ?? '')?.[1] ?? 0);
}

function childrenOf(parent: number): number[] {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  return pids.filter((pid) => statusOf(pid)?.parent === parent);
}

const commandOf = (pid: number): string => proc(pid, 'cmdline') ?? '';

function statusOf(pid: number): { state: string; parent: number } | undefined {
  const [, state, parent] = /\) (\S) (\d+) /.exec(proc(pid, 'stat') ?? '') ?? [];
  return state === undefined ? undefined : { state, parent: Number(parent) };
}

function proc(pid: number, name: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return undefined; // It has ended.
  }
}
