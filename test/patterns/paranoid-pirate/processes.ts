/**
 * Workers and queues as processes of their own, for tests that kill and freeze them.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { createServer } from 'node:net';
import type {
  PirateQueueOptions,
  PirateQueueStats,
  PirateWorkerOptions,
  PirateWorkerStats,
} from 'brokerless/patterns/paranoid-pirate';
import { compiled } from '../../support/compiled.ts';
import { until } from '../../support/until.ts';
import { LONG } from './running.ts';

/** What a worker process is asked to do with a request. */
export interface Work {
  /** Names the request. */
  readonly id: string;
  /** `echo` at once, `hold` until it is let go, or `block` the event loop for so many milliseconds. */
  readonly how?: 'echo' | 'hold' | number;
}

/** A process that says what happens in it, ended with the scope. */
export class Process implements Disposable {
  /** The process itself. */
  readonly child: ChildProcess;
  /** All that it has said. */
  readonly said: (readonly unknown[])[] = [];

  constructor(program: string, args: readonly string[]) {
    this.child = fork(compiled(new URL(`programs/${program}.ts`, import.meta.url)), args);
    this.child.on('message', (message) => this.said.push(message as unknown[]));
  }

  /** Whether it has ended. */
  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Waits until it says `word`, after what it has said before `from`; answers with the rest of that. */
  async hears(word: string, from = 0): Promise<readonly unknown[]> {
    const find = (): readonly unknown[] | undefined =>
      this.said.slice(from).find(([first]) => first === word);
    await until(() => find() !== undefined || this.hasEnded, { ...LONG, what: `it says ${word}` });
    const found = find();
    if (found === undefined) throw new Error(`a process has ended before it said ${word}`);
    return found.slice(1);
  }

  /** Asks it something, and waits for its answer, which begins with the same word. */
  ask(word: string): Promise<readonly unknown[]> {
    const from = this.said.length;
    this.tell(word);
    return this.hears(word, from);
  }

  /** Tells it something. */
  tell(word: string): void {
    this.child.send(word);
  }

  /** Sends it a signal. */
  kill(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    this.child.kill(signal);
  }

  [Symbol.dispose](): void {
    this.child.kill('SIGKILL');
  }
}

/** Options that can be told to a process. */
type Told<Options> = Partial<Omit<Options, 'handler' | 'codec' | 'clock' | 'random' | 'signal'>>;

/** A process that tells its numbers when asked. */
class Counted<Stats> extends Process {
  /** Its numbers. */
  async stats(): Promise<Stats> {
    const [stats] = await this.ask('stats');
    return stats as Stats;
  }

  /** Its numbers, once they are as they should be. */
  async statsWhen(isRight: (stats: Stats) => boolean): Promise<Stats> {
    const deadline = performance.now() + LONG.timeoutMs;
    for (;;) {
      const stats = await this.stats();
      if (isRight(stats)) return stats;
      if (performance.now() > deadline) {
        throw new Error(`never ${String(isRight)}, but ${JSON.stringify(stats)}`);
      }
    }
  }
}

/** A worker process. */
export class WorkerProcess extends Counted<PirateWorkerStats> {
  constructor(queue: string, options: Told<PirateWorkerOptions<Work, unknown>> = {}) {
    super('worker', [JSON.stringify({ queue, ...options })]);
  }
}

/** A queue process. */
export class QueueProcess extends Counted<PirateQueueStats> {
  constructor(options: Told<PirateQueueOptions>) {
    super('queue', [JSON.stringify(options)]);
  }

  /** Its numbers, once it has so many workers, all idle, and nothing waits. */
  atRest(lanes: number): Promise<PirateQueueStats> {
    return this.statsWhen(
      ({ workers, idle, waiting }) => workers === lanes && idle === lanes && waiting === 0,
    );
  }
}

/**
 * An endpoint that stays free while nobody is bound to it: not one of the ports that the system gives to
 * those who connect.
 */
export async function fixedEndpoint(): Promise<string> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    await new Promise<void>((resolve) => void server.close(() => resolve()));
    if (isFree) return `tcp://127.0.0.1:${port}`;
  }
}
