/**
 * Live: an example as a process of its own that a test talks to while it runs.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { withoutNotes } from '../support/child.ts';
import { commandOf } from '../support/compiled.ts';
import { root } from '../support/root.ts';
import { until } from '../support/until.ts';

const DEADLINE_MS = 45_000;

/** A program that runs, and is killed when its scope ends if it still does. */
export class Live implements Disposable {
  readonly #path: string;
  readonly #child: ChildProcess;
  #written = '';
  #closed = false; // It has ended, and all it wrote has been read.

  /** @param path From the root of the repository. */
  constructor(path: string, ...args: readonly string[]) {
    this.#path = path;
    this.#child = spawn(process.execPath, [...commandOf(path), ...args], {
      cwd: root,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child.once('close', () => {
      this.#closed = true;
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#written += text;
      });
    }
  }

  /** All it has written so far, errors included. */
  get output(): string {
    return withoutNotes(this.#written);
  }

  /** The lines it has written so far. */
  get lines(): string[] {
    return this.output.split('\n').slice(0, -1);
  }

  /** Resolves with what `pattern` captures, once a line matches it. */
  async says(pattern: RegExp): Promise<string> {
    const find = () => this.lines.map((line) => pattern.exec(line)).find((each) => each !== null);
    await this.#until(() => find() !== undefined, `says ${pattern}`);
    return find()?.[1] ?? '';
  }

  /** Types a line into it. */
  type(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** Types nothing any more: the end of its input. */
  hangUp(): void {
    this.#child.stdin?.end();
  }

  /** Sends it a signal. */
  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves with its exit code, or the signal that ended it. */
  async ends(): Promise<number | NodeJS.Signals | null> {
    await this.#until(() => this.#closed, 'ends');
    return this.#child.exitCode ?? this.#child.signalCode;
  }

  [Symbol.dispose](): void {
    this.#child.kill('SIGKILL');
  }

  async #until(condition: () => boolean, what: string): Promise<void> {
    try {
      await until(condition, { timeoutMs: DEADLINE_MS, what: `${this.#path} ${what}` });
    } catch (cause) {
      throw new Error(`${String(cause)}; it said:\n${this.output}`, { cause });
    }
  }
}
