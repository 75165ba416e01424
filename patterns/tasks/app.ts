/**
 * App: functions under names, for those who have them done and for those who do them.
 *
 * It opens no socket, so the file that makes it may be shared by all: a program that sends tasks connects it, a
 * program that does them starts a worker of it.
 */
import { BrokerlessError } from 'brokerless';
import { type Check, callback, checkArgument, show } from 'brokerless/kit';
import { Registry, type TaskFunction } from './registry-rules.ts';
import type { Line } from './result.ts';
import { NamedTask, type Task } from './task.ts';

/** Functions, by the names of their tasks. */
export type TaskFunctions = Readonly<Record<string, TaskFunction>>;

/** An app: each of its functions as a task. */
export type Tasks<Functions extends TaskFunctions> = {
  readonly [Name in keyof Functions]: Task<Functions[Name]>;
};

/** What is behind an app. */
export class App {
  /** Its functions. */
  readonly registry: Registry;
  /** Whether it is connected, or about to be. */
  isTaken = false;
  /** Its connection. */
  line: Line | undefined;

  constructor(registry: Registry) {
    this.registry = registry;
  }

  /** The connection. Throws `CLOSED` if there is none. */
  lineFor(asked: string): Line {
    if (this.line !== undefined) return this.line;
    const message = `${asked}: these tasks are not connected; call connectTasks(app, { queue }) first`;
    throw new BrokerlessError('CLOSED', message);
  }
}

const isObject: Check = (value) =>
  typeof value === 'object' && value !== null ? undefined : 'an object of functions';

const apps = new WeakMap<object, App>();

/**
 * Makes functions tasks: `tasks({ add: (x: number, y: number) => x + y })`. What is sent are names and arguments, so
 * an app may be made anew in each process, of the same functions. Throws `BAD_OPTION`.
 */
export function tasks<const Functions extends TaskFunctions>(
  functions: Functions,
): Tasks<Functions> {
  checkArgument('tasks', 'functions', functions, isObject);
  for (const [name, run] of Object.entries(functions)) checkArgument('tasks', name, run, callback);
  const app = new App(new Registry(functions));
  const { names } = app.registry;
  const lineFor = (asked: string): Line => app.lineFor(asked);
  const named = names.map((name) => [name, new NamedTask(name, lineFor)] as const);
  const made = Object.freeze(Object.fromEntries(named)) as unknown as Tasks<Functions>;
  apps.set(made, app);
  return made;
}

/** What is behind what {@link tasks} has made. Throws `BAD_OPTION` for anything else. */
export function appOf(owner: string, made: object): App {
  const app = apps.get(Object(made));
  if (app !== undefined) return app;
  const message = `${owner}: app must be what tasks() has made, got ${show(made)}`;
  throw new BrokerlessError('BAD_OPTION', message);
}
