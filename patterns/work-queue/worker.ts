/**
 * Worker: does the items of a work queue, several at once if it may, and answers for each.
 *
 *     ROUTER [ queue ] ◀──DEALER── worker ──▶ handler
 *
 * Returning acknowledges an item, throwing has it tried again, throwing `Discard` does not. The decisions are in
 * worker-rules.ts.
 */
import {
  type Check,
  type Checks,
  callback,
  checkArgument,
  checkOptions,
  type DurationStats,
  Durations,
  deferred,
  either,
  hear,
  integer,
  once,
  type Running,
  shaped,
  systemClock,
  text,
} from 'brokerless/kit';
import {
  Connection,
  type ConnectionOptions,
  connectionChecks,
  linkOptions,
  otherVersion,
} from './connection.ts';
import { Handlers, type ItemContext } from './handlers.ts';
import type { WorkerTold } from './job-rules.ts';
import { startThreads, type ThreadPool } from './threads.ts';
import { WorkerRules } from './worker-rules.ts';

/** Does an item. What it returns is the result. */
export type ItemHandler<In, Out> = (item: In, context: ItemContext) => Out | Promise<Out>;

/** Options of {@link startQueueWorker}. */
export interface QueueWorkerOptions<In, Out> extends ConnectionOptions {
  /** Where the queue expects workers, such as `tcp://127.0.0.1:5558`. */
  readonly queue: string;
  /** Does an item; or the address of a module whose default export does, in a thread. */
  readonly handler: ItemHandler<In, Out> | URL;
  /** How many threads do items, if the handler is a module. Default 1. */
  readonly threads?: number | undefined;
  /** The flags of Node.js for those threads. Default: those of this process. */
  readonly execArgv?: readonly string[] | undefined;
  /** How many items may be done at once. Default 1, or as many as there are threads. */
  readonly concurrency?: number | undefined;
  /**
   * How many unfinished items it holds at most (prefetch). Default: as many as it does in some 20 ms, and at least
   * twice its concurrency.
   */
  readonly credit?: number | undefined;
  /** Hears what the handler throws, besides the queue, and of a queue that speaks another version. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Leaves when it fires, as {@link QueueWorker.leave} does. */
  readonly signal?: AbortSignal | undefined;
}

const isUrl: Check = (value) => (value instanceof URL ? undefined : 'the URL of a module');
const isHandler = either(callback, isUrl);

const workerChecks: Checks<Partial<Record<keyof QueueWorkerOptions<never, never>, unknown>>> = {
  ...connectionChecks,
  queue: text,
  handler: isHandler,
  threads: integer(1, 1000),
  execArgv: shaped('an array', 'map'),
  concurrency: integer(1, 100_000),
  credit: integer(0, 10_000),
  onError: callback,
  signal: shaped('an AbortSignal', 'addEventListener'),
};

/** The numbers of a worker. */
export interface QueueWorkerStats {
  /** Items received. */
  readonly received: number;
  /** Answers sent: results, failures, and what was discarded. */
  readonly sent: number;
  /** Answers thrown away, because the queue that had given the item was lost meanwhile. */
  readonly dropped: number;
  /** Messages that made no sense. */
  readonly faults: number;
  /** How often a new connection was made because one was lost. */
  readonly reconnects: number;
  /** Items in hand. */
  readonly inFlight: number;
  /** Those of them that are being done. */
  readonly running: number;
  /** 1 while the queue knows it, otherwise 0. */
  readonly connections: number;
  /** How long the handler took, in milliseconds. */
  readonly durations: DurationStats;
}

/** A worker at work. Closing it ends it at once: the queue gives what it has in hand to another. */
export interface QueueWorker extends Running<QueueWorkerStats> {
  /** Resolves once it has left or been closed. */
  readonly finished: Promise<void>;
  /**
   * Gives back what it has not begun, finishes the rest, and resolves when it has gone. A queue that has not
   * answered yet is waited for no longer than a beat.
   */
  leave(): Promise<void>;
}

/**
 * Starts taking items. Rejects with `BAD_OPTION`, or as connecting rejects; that the queue is not there yet is no
 * reason to.
 */
export async function startQueueWorker<In, Out>(
  options: QueueWorkerOptions<In, Out>,
): Promise<QueueWorker> {
  checkOptions('startQueueWorker', options, workerChecks);
  checkArgument('startQueueWorker', 'queue', options.queue, text);
  checkArgument('startQueueWorker', 'handler', options.handler, isHandler);
  const { handler, threads = 1, execArgv, onError } = options;
  if (typeof handler === 'function') return startWith(options, handler, undefined);
  const pool = await startThreads({ file: handler, threads, execArgv, onError });
  const inThread = (item: In, context: ItemContext): Promise<Out> =>
    pool.run(item, context) as Promise<Out>;
  return startWith({ concurrency: threads, ...options }, inThread, pool);
}

async function startWith<In, Out>(
  options: QueueWorkerOptions<In, Out>,
  handler: ItemHandler<In, Out>,
  pool: ThreadPool | undefined,
): Promise<QueueWorker> {
  const { clock = systemClock, signal, onError, concurrency = 1, credit } = options;
  const durations = new Durations();
  const finished = deferred<void>();
  const rules = new WorkerRules({ ...linkOptions(options), concurrency, credit });
  const connection = new Connection<WorkerTold>(rules, options.queue, options, (told) => {
    if (told.kind === 'begin') handlers.begin(told.job);
    else if (told.kind === 'stop') handlers.abandon(told.jobs, told.reason);
    else if (told.kind === 'over') void close();
    else hear(onError, otherVersion(told.theirs));
  });
  const handlers = new Handlers<In, Out>(handler, {
    maxMessageBytes: options.maxMessageBytes ?? 1 << 20,
    onError,
    answer: (job, said, body) => connection.perform((now) => rules.answer(job, said, body, now)),
    answerAndBegin(job, said, body, now) {
      const next = rules.answerAndBegin(job, said, body, now);
      // Only now and then: what is said at the end of the turn is cheaper.
      if (rules.isFull) connection.perform(() => rules.flush());
      else if (next === undefined) connection.perform(() => []);
      return next;
    },
    pause: () => connection.perform(() => []),
    record: (ms) => durations.record(ms),
    clock,
  });
  const close = once(async () => {
    handlers.stop();
    signal?.removeEventListener('abort', onAbort);
    await Promise.all([connection.close(), pool?.close()]);
    finished.resolve();
  });
  const leave = (): Promise<void> => {
    connection.perform((now) => rules.leave(now));
    return finished.promise;
  };
  const onAbort = (): void => void leave();
  try {
    await connection.connect();
  } catch (error) {
    await close();
    throw error;
  }
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted === true) onAbort();
  return {
    finished: finished.promise,
    leave,
    stats: () => ({
      received: rules.received,
      sent: rules.sent,
      dropped: rules.dropped,
      faults: rules.faults,
      reconnects: rules.link.reconnects,
      inFlight: rules.inFlight,
      running: rules.running,
      connections: Number(rules.link.isMet && rules.link.isUp),
      durations: durations.stats(),
    }),
    close,
    [Symbol.asyncDispose]: close,
  };
}
