/**
 * Registry rules: which function an item asks for.
 *
 * Items come from whoever reaches the queue. A name is looked up among the functions that were registered, and
 * nowhere else: nothing is imported by name, and what every object has from birth is no task.
 *
 * Pure: the functions themselves are called in worker.ts.
 */
import { show } from 'brokerless/kit';
import { type Refusal, refusal, type TaskItem } from './messages.ts';

/** What a task may look at besides its arguments: the `this` of its function, unless that is an arrow. */
export interface TaskContext {
  /** What the task is called in the registry. */
  readonly task: string;
  /** What this one is called: the same in every attempt, and no other one's. */
  readonly id: string;
  /** Which attempt this is, from 1. */
  readonly attempt: number;
  /** Aborts when nobody waits for the result any more, as the work queue says. */
  readonly signal: AbortSignal;
}

/** A function that is a task. */
export type TaskFunction = (this: TaskContext, ...args: never[]) => unknown;

/** A function that an item asks for, or why there is none. */
export type Found =
  | { readonly kind: 'task'; readonly item: TaskItem; readonly run: TaskFunction }
  | { readonly kind: 'refused'; readonly reason: string };

/** The functions of an app, by name. */
export class Registry {
  readonly #functions: ReadonlyMap<string, TaskFunction>;

  constructor(functions: Readonly<Record<string, TaskFunction>>) {
    this.#functions = new Map(Object.entries(functions)); // Own ones, as they are now.
  }

  /** Their names. */
  get names(): readonly string[] {
    return [...this.#functions.keys()];
  }

  /** The function that an item asks for. */
  find(item: unknown): Found {
    const { task, args } = Object(item) as Partial<TaskItem>;
    const run = typeof task === 'string' ? this.#functions.get(task) : undefined;
    if (typeof task !== 'string' || run === undefined) {
      return refused('UNKNOWN_TASK', `there is no task ${show(task)} here`);
    }
    if (Array.isArray(args)) return { kind: 'task', item: { task, args }, run };
    return refused('BAD_ARGUMENTS', `the arguments of ${task} must be an array, got ${show(args)}`);
  }
}

function refused(word: Refusal, reason: string): Found {
  return { kind: 'refused', reason: refusal(word, reason) };
}
