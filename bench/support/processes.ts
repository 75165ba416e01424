/**
 * Processes: a contestant's two or more, started for one round and gone after it.
 *
 * Each round has processes of its own: nobody inherits the last round's heap, and how well the
 * compiler guessed this time is part of what is measured. What the processes say is a line of JSON;
 * one end reports when it has got everything, and the other is told so by the end of its stdin.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { relative } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Usage } from './child.ts';
import type { Place, Role } from './job.ts';

/** The root of the repository. */
export const ROOT: string = fileURLToPath(new URL('../../', import.meta.url));

/** The command line of one process. */
export type Command = readonly [program: string, ...args: string[]];

/** What a pair reported. */
export interface PairReport<R> {
  readonly received: R;
  readonly sent: Usage;
}

/** Who is in a group besides the one process that binds, and who tells when the work is done. */
export interface Group {
  /** How many connect. */
  readonly connections: number;
  /** The end that reports as soon as it has got everything. */
  readonly reports: Role;
}

/** What a group reported. */
export interface GroupReport<R> {
  readonly reports: readonly R[];
  /** What the processes of the other end used. */
  readonly others: readonly Usage[];
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

/** Runs a receiver, which binds, and a sender until the receiver has got everything. */
export async function runPair<R>(command: (place: Place) => Command): Promise<PairReport<R>> {
  const { reports, others } = await runGroup<R>({ connections: 1, reports: 'bind' }, command);
  return { received: reports[0] as R, sent: others[0] as Usage };
}

/** Runs one process that binds, and those that connect to it, until one end has got everything. */
export async function runGroup<R>(
  { connections, reports }: Group,
  command: (place: Place) => Command,
): Promise<GroupReport<R>> {
  const bound = new Program(command({ role: 'bind', endpoint: '' }));
  const connected: Program[] = [];
  try {
    const { endpoint } = await bound.line<{ endpoint: string }>();
    while (connected.length < connections) {
      connected.push(new Program(command({ role: 'connect', endpoint })));
    }
    const [first, second] = reports === 'bind' ? [[bound], connected] : [connected, [bound]];
    const failures = second.map(({ failure }) => failure);
    const reported = await Promise.race([allLines<R>(first), ...failures]);
    for (const program of second) program.endInput();
    return { reports: reported, others: await allLines<Usage>(second) };
  } finally {
    await Promise.all(connected.map((program) => program.end()));
    await bound.end();
  }
}

function allLines<T>(programs: readonly Program[]): Promise<T[]> {
  return Promise.all(programs.map((program) => program.line<T>()));
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
    const file = args.find((arg) => arg.endsWith('.ts')) ?? program;
    const name = relative(ROOT, file);
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

  /** Writes a line to its stdin: what follows is timed. */
  begin(): void {
    this.#child.stdin?.write('\n');
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
