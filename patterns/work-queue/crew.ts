/**
 * Crew: worker processes that are replaced when they die. The decisions are in crew-rules.ts.
 *
 * A crew takes its processes along when it is stopped, and when this process ends in an orderly way, be it by
 * `process.exit` or an uncaught exception. When this process is killed it can do nothing: then the
 * processes must see for themselves that their parent has gone, which {@link leaveWithParent} does.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { BrokerlessError } from 'brokerless';
import {
  type Clock,
  checkArgument,
  checkOptions,
  deferred,
  type Listenable,
  Listeners,
  messageOf,
  once,
  systemClock,
} from 'brokerless/kit';
import { type CrewEvents, type CrewExit, type CrewOptions, crewChecks } from './crew-options.ts';
import { CrewRules } from './crew-rules.ts';

/** Processes at work. */
export interface ProcessCrew extends Listenable<CrewEvents>, AsyncDisposable {
  /** The ids of the processes that run at this moment. */
  readonly pids: readonly number[];
  /** How many processes run at this moment. */
  readonly size: number;
  /** How often a process was started in the place of one that had ended. */
  readonly restarts: number;
  /** Rejects when the crew gives up, with the reason; it stops then. Settles in no other case. */
  readonly failed: Promise<never>;
  /**
   * Tells it that its processes do their work, such as when one has joined a hub: those that die have at least
   * started, and what dies of its work is no reason to give up.
   */
  thrives(): void;
  /** Asks all to end (SIGTERM), kills those that do not within `stopMs`, and resolves when all have gone. */
  stop(): Promise<void>;
}

/**
 * Starts `count` processes of a file, and another whenever one ends while the crew is wanted, with whichever
 * exit code. They have the stdout and stderr of this process, and no stdin.
 *
 * @throws BrokerlessError `BAD_OPTION`.
 */
export function startCrew(options: CrewOptions): ProcessCrew {
  checkOptions('startCrew', options, crewChecks);
  checkArgument('startCrew', 'file', options.file, crewChecks.file);
  checkArgument('startCrew', 'count', options.count, crewChecks.count);
  return new Processes(options);
}

/**
 * For the programs of a crew: ends this process when the one that has started it is gone, even if it was killed.
 * Does nothing in a program that was started by hand, and does not keep a program running that has nothing
 * left to do.
 *
 * It is noticed between two turns of the event loop: what computes without a pause is best left to threads.
 */
export function leaveWithParent(): void {
  if (process.send === undefined) return;
  process.once('disconnect', () => process.exit());
  if (!process.connected) process.exit(); // It has gone while this process was starting.
  process.channel?.unref();
}

class Processes implements ProcessCrew {
  restarts = 0;
  readonly stop: () => Promise<void> = once(() => this.#end());
  readonly #options: CrewOptions;
  readonly #clock: Clock;
  readonly #rules: CrewRules;
  readonly #running = new Map<number, ChildProcess>(); // By place.
  readonly #waits = new Set<() => void>();
  readonly #events = new Listeners<CrewEvents>();
  readonly #failed = deferred<never>();
  readonly #gone = deferred<void>();
  readonly #onOwnExit = (): void => this.#signal('SIGKILL');
  #isWanted = true;

  constructor(options: CrewOptions) {
    const { count, restartMs = 100, restartMaxMs = 10_000, steadyMs = 5000 } = options;
    const { maxQuickDeaths = Math.max(5, 3 * count), random = Math.random } = options;
    const restart = { baseMs: restartMs, maxMs: Math.max(restartMs, restartMaxMs) };
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#rules = new CrewRules({ restart, steadyMs, maxQuickDeaths, random });
    process.once('exit', this.#onOwnExit);
    for (let place = 0; place < count && this.#isWanted; place += 1) this.#start(place);
  }

  get pids(): readonly number[] {
    return [...this.#running.values()].flatMap(({ pid }) => pid ?? []);
  }

  get size(): number {
    return this.#running.size;
  }

  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  on<Name extends keyof CrewEvents>(name: Name, listener: (event: CrewEvents[Name]) => void): void {
    this.#events.on(name, listener);
  }

  off<Name extends keyof CrewEvents>(
    name: Name,
    listener: (event: CrewEvents[Name]) => void,
  ): void {
    this.#events.off(name, listener);
  }

  thrives(): void {
    this.#rules.thrives();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #start(place: number): void {
    this.#rules.started(place, this.#clock.now());
    try {
      const child = this.#fork();
      this.#running.set(place, child);
      child.once('exit', (code, signal) => this.#ended(place, { pid: child.pid, code, signal }));
      child.on('error', (cause) => {
        // A process that runs may fail to take a signal; one that does not could not be started.
        if (child.pid === undefined) this.#ended(place, { ...NEVER, cause });
      });
      if (child.pid !== undefined) this.#events.emit('start', { pid: child.pid });
    } catch (cause) {
      this.#ended(place, { ...NEVER, cause });
    }
  }

  #fork(): ChildProcess {
    const { file, args = [], execArgv = process.execArgv, env = {} } = this.#options;
    return fork(file, [...args], {
      execArgv: [...execArgv],
      env: { ...process.env, ...env },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
  }

  #ended(place: number, exit: CrewExit): void {
    this.#running.delete(place);
    this.#events.emit('exit', exit);
    if (!this.#isWanted) {
      if (this.size === 0) this.#gone.resolve();
      return;
    }
    const verdict = this.#rules.ended(place, this.#clock.now());
    if (verdict === 'give up') this.#giveUp(exit);
    else if (verdict === 0) this.#restart(place);
    else this.#later(verdict, () => this.#restart(place));
  }

  #restart(place: number): void {
    this.restarts += 1;
    this.#start(place);
  }

  #later(ms: number, action: () => void): void {
    const cancel = this.#clock.at(this.#clock.now() + ms, () => {
      this.#waits.delete(cancel);
      action();
    });
    this.#waits.add(cancel);
  }

  #giveUp({ code, signal, cause }: CrewExit): void {
    const file = String(this.#options.file);
    const deaths = this.#rules.quickDeaths;
    const end = how({ code, signal, cause });
    const message = `startCrew: gave up on ${file}: ${deaths} times in a row its process ended soon after its start, \
at last ${end}; expected a program that runs until it is told to end`;
    const details = {
      data: { file, deaths, code, signal },
      ...(cause === undefined ? {} : { cause }),
    };
    this.#failed.reject(new BrokerlessError('HANDLER_FAILED', message, details));
    void this.stop();
  }

  async #end(): Promise<void> {
    this.#isWanted = false;
    for (const cancel of this.#waits) cancel();
    this.#waits.clear();
    this.#signal('SIGTERM');
    if (this.size > 0) {
      const { stopMs = 5000 } = this.#options;
      const cancel = this.#clock.at(this.#clock.now() + stopMs, () => this.#signal('SIGKILL'));
      await this.#gone.promise;
      cancel();
    }
    process.off('exit', this.#onOwnExit);
  }

  #signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    for (const child of this.#running.values()) child.kill(signal);
  }
}

const NEVER = { pid: undefined, code: null, signal: null } as const;

/** How a process has ended, for people. */
function how({ code, signal, cause }: Omit<CrewExit, 'pid'>): string {
  if (signal !== null) return `by ${signal}`;
  return code === null ? `because ${messageOf(cause)}` : `with exit code ${code}`;
}
