/**
 * Task: a function as those see it who want it called elsewhere.
 */
import {
  boolean,
  type Check,
  type Checks,
  checkArgument,
  checkOptions,
  integer,
  shaped,
  text,
} from 'brokerless/kit';
import type { ItemOptions } from 'brokerless/patterns/work-queue';
import type { TaskFunction } from './registry-rules.ts';
import { type Line, Result, type TaskResult } from './result.ts';

/** What may be asked of a task. All may be left out. */
export interface TaskOptions extends Omit<ItemOptions, 'maxAttempts'> {
  /** How often it may be given to a worker. Default: as the queue has it. */
  readonly attempts?: number | undefined;
}

const isDate: Check = (value) =>
  value instanceof Date && !Number.isNaN(value.getTime()) ? undefined : 'a valid Date';

const taskChecks: Checks<TaskOptions> = {
  key: text,
  unique: boolean,
  priority: integer(0, 255),
  deadlineMs: integer(1),
  delayMs: integer(0),
  notBefore: isDate,
  attempts: integer(1, 60_000),
  signal: shaped('an AbortSignal', 'addEventListener'),
};

/** What a function returns, or its promise resolves with. */
export type ReturnOf<Run extends TaskFunction> = Awaited<ReturnType<Run>>;

/** All arguments but the first. */
export type Rest<Args extends readonly unknown[]> = Args extends readonly [
  unknown?,
  ...infer Others,
]
  ? Others
  : never;

/** A part of a chain that waits for the result of the part before it. */
export interface Link<In, Out> {
  /** The call that it is once that result is there. */
  readonly on: (value: In) => Call<Out>;
}

/** A call that nobody has made yet. As a part of a chain it does not look at what came before it. */
export interface Call<Out> extends Link<unknown, Out> {
  /** What the task is called in the registry. */
  readonly task: string;
  /** Makes the call: see {@link Task.delay}. */
  readonly delay: () => Promise<TaskResult<Out>>;
}

/** A function as a task. */
export interface Task<Run extends TaskFunction> {
  /**
   * Sends a call of the function to the queue, and resolves when the queue has accepted it. Rejects with `CLOSED`
   * if the app is not connected, and as the `send` of a producer does.
   */
  delay(...args: Parameters<Run>): Promise<TaskResult<ReturnOf<Run>>>;
  /** The same task, with something asked of each of its calls. Throws `BAD_OPTION`. */
  with(options: TaskOptions): Task<Run>;
  /** A call for later: a part of a chain, group or chord. */
  s(...args: Parameters<Run>): Call<ReturnOf<Run>>;
  /** A part of a chain or chord: its first argument is the result of what came before it; these are the others. */
  after(...rest: Rest<Parameters<Run>>): Link<Parameters<Run>[0], ReturnOf<Run>>;
  /** A call that was sent before, be it by another process, by its id. Throws `CLOSED` if the app is not connected. */
  result(id: string): TaskResult<ReturnOf<Run>>;
}

/** The task of a name, whatever its function. */
export class NamedTask {
  readonly #name: string;
  readonly #lineFor: (asked: string) => Line;
  readonly #options: ItemOptions;

  /** @param lineFor Gives the connection; throws if there is none, in the name of what was asked. */
  constructor(name: string, lineFor: (asked: string) => Line, options: ItemOptions = {}) {
    this.#name = name;
    this.#lineFor = lineFor;
    this.#options = options;
  }

  /** See {@link Task.delay}. */
  async delay(...args: readonly unknown[]): Promise<TaskResult<unknown>> {
    const task = this.#name;
    const line = this.#lineFor(`${task}.delay`);
    const id = await line.producer.send({ task, args }, this.#options);
    return new Result(id, task, line);
  }

  /** See {@link Task.with}. */
  with(options: TaskOptions): NamedTask {
    const { attempts, ...others } = checkOptions(`${this.#name}.with`, options, taskChecks);
    const asked = attempts === undefined ? others : { ...others, maxAttempts: attempts };
    return new NamedTask(this.#name, this.#lineFor, { ...this.#options, ...asked });
  }

  /** See {@link Task.s}. */
  s(...args: readonly unknown[]): Call<unknown> {
    const call: Call<unknown> = {
      task: this.#name,
      delay: () => this.delay(...args),
      on: () => call,
    };
    return call;
  }

  /** See {@link Task.after}. */
  after(...rest: readonly unknown[]): Link<unknown, unknown> {
    return { on: (value) => this.s(value, ...rest) };
  }

  /** See {@link Task.result}. */
  result(id: string): TaskResult<unknown> {
    checkArgument(`${this.#name}.result`, 'id', id, text);
    return new Result(id, this.#name, this.#lineFor(`${this.#name}.result`));
  }
}
