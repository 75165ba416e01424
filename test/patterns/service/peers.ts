/**
 * Peers in Python: programs beside this file that were written from the wire table alone, what they print, and the
 * contract that both sides have.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { call, contract, event, stream, type } from 'brokerless/patterns/service';
import { PYTHON } from '../../support/python.ts';
import { until } from '../../support/until.ts';
import { LONG } from './running.ts';

/** A line that a program has printed. */
export type Line = Readonly<Record<string, unknown>>;

/** A Python program, ended with the scope, and the lines that it has printed. */
export class Peer implements Disposable {
  readonly child: ChildProcess;
  readonly lines: Line[] = [];

  constructor(name: 'client' | 'server', ...args: readonly string[]) {
    const path = fileURLToPath(new URL(`programs/${name}.py`, import.meta.url));
    const child = spawn(PYTHON, [path, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: child.stdout }).on('line', (line) =>
      this.lines.push(JSON.parse(line)),
    );
    child.stdin.on('error', () => {}); // It may have ended.
    this.child = child;
  }

  /** Has a client do something. */
  do(...what: readonly unknown[]): void {
    this.child.stdin?.write(`${JSON.stringify(what)}\n`);
  }

  /** All lines about this; with `n`, about that call. */
  all(what: string, n?: number): Line[] {
    return this.lines.filter((line) => what in line && (n === undefined || line['n'] === n));
  }

  /** Waits for so many lines about this, and returns what the last of them says. */
  async says(what: string, { times = 1, n }: { times?: number; n?: number } = {}) {
    const found = (): Line | undefined => this.all(what, n)[times - 1];
    const isOver = (): boolean => this.child.exitCode !== null || this.child.signalCode !== null;
    await until(() => found() !== undefined || isOver(), { ...LONG, what: `it says ${what}` });
    await until(() => found() !== undefined, { what: `it says ${what}, now that it has ended` });
    return found()?.[what];
  }

  /** Waits until it has ended by itself, and well. */
  async ends(): Promise<void> {
    await until(() => this.child.exitCode !== null, { ...LONG, what: 'it ends' });
    if (this.child.exitCode !== 0) throw new Error(`it ended with ${this.child.exitCode}`);
  }

  [Symbol.dispose](): void {
    this.child.kill('SIGKILL');
  }
}

/** What a call has brought with it. */
export interface Seen {
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly ms?: number | null;
  readonly asked?: number;
}

/** What both sides offer. */
export const summing = {
  add: call<{ readonly a: number; readonly b: number }, number>({ idempotent: true }),
  buy: call<string, string, { SOLD_OUT: { readonly left: number } }>({
    errors: { SOLD_OUT: type<{ readonly left: number }>() },
  }),
  rest: call<number, string>(),
  seen: call<null, Seen>(),
  count: stream<{ readonly to: number }, number>(),
  noted: event<string>(),
};

/** The contract of that. */
export const sums = contract('sums', summing);

/** The same as Python is told it. */
export const signatures = Object.entries(summing).map(([name, { kind }]) => `${kind} ${name}`);
