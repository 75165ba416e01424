/**
 * Compose: several tasks as one. They are put together in the process that waits for them.
 */
import { BrokerlessError } from 'brokerless';
import { show, type WaitOptions, waitFor } from 'brokerless/kit';
import type { TaskResult } from './result.ts';
import type { Call, Link } from './task.ts';
import { TaskError } from './task-error.ts';

/** The results of calls, each in its place. */
export type Results<Calls extends readonly Call<unknown>[]> = {
  -readonly [Place in keyof Calls]: Calls[Place] extends Call<infer Out> ? Out : never;
};

/**
 * Does one task after the other, each with the result of the one before it, and resolves with the result of the last.
 * Rejects with the `TaskError` of the part that came to nothing, whose `part` says which that was, or as sending does;
 * the parts after it are not sent. With `TIMEOUT` or `ABORTED` what is at work is cancelled.
 */
export function chain<A, B = A, C = B, D = C, E = D, F = E, G = F, H = G>(
  parts: readonly [
    Call<A>,
    Link<A, B>?,
    Link<B, C>?,
    Link<C, D>?,
    Link<D, E>?,
    Link<E, F>?,
    Link<F, G>?,
    Link<G, H>?,
  ],
  options: WaitOptions = {},
): Promise<H> {
  const links = parts as readonly Link<unknown, unknown>[];
  return asOne('chain', links, options, async (run) => {
    let value: unknown;
    for (const [part, link] of links.entries()) value = await run(part, link.on(value));
    return value as H;
  });
}

/**
 * Does all tasks at once, and resolves with their results in the order of the calls. Rejects with the `TaskError` of
 * the first part that comes to nothing, whose `part` says which that was, or as sending does, with `TIMEOUT` or
 * `ABORTED`; then the parts that have not ended are cancelled.
 */
export function group<const Calls extends readonly Call<unknown>[]>(
  calls: Calls,
  options: WaitOptions = {},
): Promise<Results<Calls>> {
  return asOne('group', calls, options, (run) => all(calls, run));
}

/**
 * Does a group, and then a task with its results: their list is the first argument of the task. Resolves with the
 * result of that one. Rejects as {@link group} does; the part after the last call is that task.
 */
export function chord<const Calls extends readonly Call<unknown>[], Out>(
  calls: Calls,
  then: Link<Results<Calls>, Out>,
  options: WaitOptions = {},
): Promise<Out> {
  return asOne('chord', calls, options, async (run) => {
    return run(calls.length, then.on(await all(calls, run)));
  });
}

/** Does a part, and resolves with its result. */
type Run = <Out>(part: number, call: Call<Out>) => Promise<Out>;

async function all<const Calls extends readonly Call<unknown>[]>(
  calls: Calls,
  run: Run,
): Promise<Results<Calls>> {
  const results = await Promise.all(calls.map((call, part) => run(part, call)));
  return results as Results<Calls>;
}

/** However the whole ends, nothing of it is sent after that, and nothing goes on that nobody waits for. */
async function asOne<Out>(
  owner: string,
  parts: readonly unknown[],
  options: WaitOptions,
  work: (run: Run) => Promise<Out>,
): Promise<Out> {
  if (!Array.isArray(parts)) {
    throw new BrokerlessError('BAD_OPTION', `${owner}: parts must be an array, got ${show(parts)}`);
  }
  const unfinished = new Set<TaskResult<unknown>>();
  const over = new AbortController();
  const run: Run = async (part, call) => {
    over.signal.throwIfAborted();
    const result = await call.delay();
    unfinished.add(result);
    if (over.signal.aborted) cancel(unfinished);
    const outcome = await result.outcome();
    unfinished.delete(result);
    if (outcome.status !== 'done') throw new TaskError(outcome, { task: result.task, part });
    return outcome.value;
  };
  try {
    return await waitFor(owner, work(run), options);
  } finally {
    over.abort();
    cancel(unfinished);
  }
}

function cancel(unfinished: ReadonlySet<TaskResult<unknown>>): void {
  for (const result of unfinished) result.cancel().catch(() => {}); // The client is closed, and waits for nothing.
}
