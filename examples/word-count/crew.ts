/**
 * Crew: the worker processes of a run.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** Starts worker processes, and takes them along when it goes. */
export class Crew implements Disposable {
  /** Resolves when the last of them has ended, for whatever reason. */
  readonly gone: Promise<unknown>;
  readonly #processes: readonly ChildProcess[];

  /** @param args What each worker is called with. */
  constructor(size: number, args: readonly string[]) {
    const script = new URL('worker.ts', import.meta.url);
    const stdio = ['ignore', 'ignore', 'inherit', 'ipc'] as const;
    this.#processes = Array.from({ length: size }, () => fork(script, args, { stdio: [...stdio] }));
    this.gone = Promise.all(this.#processes.map((worker) => once(worker, 'exit')));
  }

  /** Their process ids. */
  get pids(): number[] {
    return this.#processes.flatMap(({ pid }) => pid ?? []);
  }

  /** Kills those that have not ended by themselves. */
  [Symbol.dispose](): void {
    for (const worker of this.#processes) worker.kill('SIGKILL'); // A frozen one hears nothing else.
  }
}
