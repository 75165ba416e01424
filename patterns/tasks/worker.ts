/**
 * Worker: does the tasks of an app.
 *
 *     ROUTER [ queue ] ◀──DEALER── worker ──▶ a function of the app
 *
 * Which function that is, registry-rules.ts decides.
 */
import { BrokerlessError } from 'brokerless';
import {
  Discard,
  type ItemContext,
  type ItemHandler,
  type QueueWorker,
  type QueueWorkerOptions,
  startQueueWorker,
} from 'brokerless/patterns/work-queue';
import { appOf } from './app.ts';
import type { TaskContext } from './registry-rules.ts';

/** Options of {@link startTaskWorker}: those of the work queue's worker, its handler aside. */
export type TaskWorkerOptions = Omit<
  QueueWorkerOptions<unknown, unknown>,
  'handler' | 'threads' | 'execArgv'
>;

/** Starts doing the tasks of an app. Rejects as `startQueueWorker` does. */
export async function startTaskWorker(
  app: object,
  options: TaskWorkerOptions,
): Promise<QueueWorker> {
  const handler = handlerOf('startTaskWorker', app);
  for (const name of ['handler', 'threads', 'execArgv']) {
    if (!Object.hasOwn(Object(options), name)) continue;
    throw new BrokerlessError('BAD_OPTION', `startTaskWorker: unknown option ${name}`);
  }
  return startQueueWorker<unknown, unknown>({ ...options, handler });
}

/**
 * The handler of an app, for a worker of the work queue: as the default export of a module it does tasks in threads.
 * Throws `BAD_OPTION`.
 */
export function taskHandler(app: object): ItemHandler<unknown, unknown> {
  return handlerOf('taskHandler', app);
}

function handlerOf(owner: string, app: object): ItemHandler<unknown, unknown> {
  const { registry } = appOf(owner, app);
  return (item, context) => {
    const found = registry.find(item);
    if (found.kind === 'refused') throw new Discard(found.reason);
    const { task, args } = found.item;
    return Reflect.apply(found.run, new Context(task, context), args);
  };
}

class Context implements TaskContext {
  readonly task: string;
  readonly #item: ItemContext;

  constructor(task: string, item: ItemContext) {
    this.task = task;
    this.#item = item;
  }

  get id(): string {
    return this.#item.id;
  }

  get attempt(): number {
    return this.#item.attempt;
  }

  // Made when it is first asked for.
  get signal(): AbortSignal {
    return this.#item.signal;
  }
}
