/**
 * Processes: a contestant's two, started for one round and gone after it.
 *
 * A round of its own pair for everybody: nobody inherits the last round's heap, and how well the
 * compiler guessed this time is part of what is measured. What the processes say is a line of JSON;
 * the sender is told by the end of its stdin that the receiver has got everything.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Usage } from './child.ts';
import type { Place } from './job.ts';

/** The root of the repository. */
export const ROOT: string = fileURLToPath(new URL('../../', import.meta.url));

/** The command line of one process. */
export type Command = readonly [program: string, ...args: string[]];

/** What a pair reported. */
export interface PairReport<R> {
  readonly received: R;
  readonly sent: Usage;
}

/** No round takes nearly as long: after it something hangs, and its processes are killed. */
const DEADLINE_MS = 120_000;

/** How long a process may take to end once it has nothing left to do. */
const PATIENCE_MS = 3000;

// Without the source condition: what is measured is the package as it is installed.
const FLAGS = ['--import', 'tsx'];

/** The command that runs a TypeScript file of this folder with `job` as its argument. */
export function script(file: URL, job: object): Command {
  return [process.execPath, ...FLAGS, fileURLToPath(file), JSON.stringify(job)];
}

/** Runs a receiver and a sender until the receiver has got everything. */
export async function runPair<R>(command: (place: Place) => Command): Promise<PairReport<R>> {
  const receiver = new Program(command({ role: 'pull', endpoint: '' }));
  try {
    const { endpoint } = await receiver.line<{ endpoint: string }>();
    const sender = new Program(command({ role: 'push', endpoint }));
    try {
      const received = await Promise.race([receiver.line<R>(), sender.failure]);
      sender.endInput();
      return { received, sent: await sender.line<Usage>() };
    } finally {
      await sender.end();
    }
  } finally {
    await receiver.end();
  }
}

/** A process that reports in lines of JSON. */
export class Program {
  /** Rejects if the process ends in any way but well; never resolves. */
  readonly failure: Promise<never>;
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown>;
  readonly #lines: AsyncIterator<string>;

  constructor([program, ...args]: Command) {
    this.#child = spawn(program, args, {
      cwd: ROOT,
      stdio: ['pipe', 'pipe', 'inherit'],
      timeout: DEADLINE_MS,
      killSignal: 'SIGKILL',
    });
    const name = basename(args.find((arg) => arg.endsWith('.ts')) ?? program);
    this.failure = failureOf(this.#child, name);
    this.failure.catch(() => {}); // Whoever waits for a line hears of it.
    this.#exit = once(this.#child, 'exit').catch(() => {}); // No such program: no exit either.
    this.#lines = createInterface({ input: this.#child.stdout as Readable })[
      Symbol.asyncIterator
    ]();
  }

  /** What the process says next. */
  async line<T>(): Promise<T> {
    const line = await Promise.race([this.#lines.next(), this.failure]);
    if (line.done === true) return this.failure;
    return JSON.parse(line.value) as T;
  }

  /** Closes its stdin: everything has arrived. */
  endInput(): void {
    this.#child.stdin?.end();
  }

  /** Waits for it to end, now that it has reported; if it does not, kills it. */
  async end(): Promise<void> {
    this.endInput();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE_MS);
    await this.#exit;
    clearTimeout(timer);
  }
}

function failureOf(child: ChildProcess, name: string): Promise<never> {
  return new Promise((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (code !== 0) reject(new Error(`${name} ended with ${signal ?? `code ${code}`}`));
    });
  });
}
