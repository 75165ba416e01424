/**
 * Workers and hubs as processes of their own, for tests that kill, freeze and replace them.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { QueueWorkerStats } from 'brokerless/patterns/work-queue';
import { compiled } from '../../support/compiled.ts';
import { until } from '../../support/until.ts';
import { LONG } from './running.ts';

/** A process that says what happens in it, ended with the scope. */
export class Process implements Disposable {
  /** The process itself. */
  readonly child: ChildProcess;
  /** All that it has said. */
  readonly said: (readonly unknown[])[] = [];

  constructor(program: 'hub' | 'worker', options: object) {
    const path = compiled(new URL(`programs/${program}.mjs`, import.meta.url));
    this.child = fork(path, [JSON.stringify(options)]);
    this.child.on('message', (message) => this.said.push(message as unknown[]));
  }

  /** Whether it has ended. */
  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Whether it has said `word`. */
  hasSaid(word: string): boolean {
    return this.said.some(([first]) => first === word);
  }

  /** Waits until it says `word`; answers with the rest of that. */
  async hears(word: string): Promise<readonly unknown[]> {
    await until(() => this.hasSaid(word) || this.hasEnded, { ...LONG, what: `it says ${word}` });
    const found = this.said.find(([first]) => first === word);
    if (found === undefined) throw new Error(`a process has ended before it said ${word}`);
    return found.slice(1);
  }

  /** The numbers of a worker. May be asked once. */
  async stats(): Promise<QueueWorkerStats> {
    this.child.send('stats');
    const [stats] = await this.hears('stats');
    return stats as QueueWorkerStats;
  }

  /** Sends it a signal. */
  kill(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' | 'SIGTERM'): void {
    this.child.kill(signal);
  }

  [Symbol.dispose](): void {
    this.child.kill('SIGKILL');
  }
}

/** Worker processes, as many as there shall be: whoever ends is replaced. */
export class Fleet implements Disposable {
  /** Those there are. */
  readonly workers = new Set<Process>();
  /** How many have ended. */
  ended = 0;
  readonly #start: () => Process;
  #isOver = false;

  constructor(count: number, options: object) {
    this.#start = () => new Process('worker', options);
    for (let i = 0; i < count; i += 1) this.#add();
  }

  /** Those that are at work. */
  get started(): readonly Process[] {
    return [...this.workers].filter((worker) => worker.hasSaid('started'));
  }

  /** Waits until all are at work. */
  async ready(): Promise<void> {
    const all = (): boolean => this.started.length === this.workers.size;
    await until(all, { ...LONG, what: 'all workers have started' });
  }

  #add(): void {
    const worker = this.#start();
    this.workers.add(worker);
    worker.child.once('exit', () => {
      this.workers.delete(worker);
      this.ended += 1;
      if (!this.#isOver) this.#add();
    });
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    for (const worker of this.workers) worker[Symbol.dispose]();
  }
}

/** What worker processes have done, as they wrote it down: an attempt at an item a line. */
export class Ledger implements Disposable {
  /** Where they write. */
  readonly folder: string = mkdtempSync(join(tmpdir(), 'work-queue-'));

  /** All lines. */
  lines(): string[] {
    const files = readdirSync(this.folder).map((name) => join(this.folder, name));
    return files.flatMap((file) => readFileSync(file, 'utf8').split('\n').filter(Boolean));
  }

  /** How often each item was done. */
  executions(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const line of this.lines()) {
      const [item = ''] = line.split(' ');
      counts.set(item, (counts.get(item) ?? 0) + 1);
    }
    return counts;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}
