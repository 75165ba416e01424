/**
 * Crew: the worker processes. Who is killed is replaced, and what is worked on twice is counted.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** A worker process. */
export interface Member {
  /** Its process. */
  readonly process: ChildProcess;
  /** How many requests it has begun to work on. */
  begun: number;
  /** Whether it has been killed. */
  killed: boolean;
}

/** Worker processes, which go when it goes. */
export class Crew implements Disposable {
  /** All there have been, the first to start first. */
  readonly members: Member[] = [];
  /** How often a worker began with a request that another had begun with before. */
  repeated = 0;
  readonly #queue: string;
  readonly #begun = new Set<number>();

  /** @param queue The endpoint where workers connect. */
  constructor(queue: string, size: number) {
    this.#queue = queue;
    for (let each = 0; each < size; each += 1) this.#start();
  }

  /** How many have been killed. */
  get killed(): number {
    return this.members.filter(({ killed }) => killed).length;
  }

  /** Kills one of those that are at work, and starts another. Undefined if none is at work. */
  killOne(): Member | undefined {
    const atWork = this.members.filter(({ begun, killed }) => begun > 0 && !killed);
    const victim = atWork[Math.floor(Math.random() * atWork.length)];
    if (victim === undefined) return undefined;
    victim.killed = true;
    victim.process.kill('SIGKILL');
    this.#start();
    return victim;
  }

  /** Lets them leave in good order, and resolves when they have gone. */
  async dismiss(): Promise<void> {
    const running = this.members.map((member) => member.process).filter(isRunning);
    const gone = Promise.all(running.map((each) => once(each, 'exit')));
    for (const each of running) if (each.connected) each.disconnect();
    await gone;
  }

  /** Kills those that have not ended by themselves. */
  [Symbol.dispose](): void {
    for (const member of this.members) member.process.kill('SIGKILL');
  }

  #start(): void {
    const child = fork(new URL('worker.ts', import.meta.url), [this.#queue]);
    const member: Member = { process: child, begun: 0, killed: false };
    child.on('message', (request: number) => {
      member.begun += 1;
      if (this.#begun.has(request)) this.repeated += 1;
      this.#begun.add(request);
    });
    this.members.push(member);
  }
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}
