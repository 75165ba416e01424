/**
 * Threads: handlers that compute for long, in threads, so that heartbeats and sockets need not wait for them.
 *
 * The threads are piscina's, which replaces one that ends, for whatever reason. What runs in them is in
 * in-thread.ts. No socket of this package belongs into a handler's module: a thread that is ended while it
 * has one takes the process with it.
 */
import { BrokerlessError } from 'brokerless';
import {
  type Check,
  type Checks,
  callback,
  checkArgument,
  checkOptions,
  integer,
  messageOf,
  once,
  surface,
} from 'brokerless/kit';
import type { ThreadAnswer, ThreadError, ThreadOrder } from './in-thread.ts';
import { openPool, type Pool } from './piscina.ts';

/** Options of {@link startThreads}. */
export interface ThreadsOptions {
  /**
   * The handler's module: its default export is called with an item and `{ signal, attempt, id }`. It must be a
   * file of its own, not a part of a bundle. One in TypeScript needs a Node.js that reads it (22.18 up), or a
   * loader in `execArgv` that works in threads. `--import tsx` does not: it minds the main thread only. A file
   * for `--import` does that imports `register` of `tsx/esm/api` and calls it.
   */
  readonly file: URL;
  /** How many threads there shall be. */
  readonly threads: number;
  /** The flags of Node.js, such as `['--import', './register-tsx.js']`. Default: those of this process. */
  readonly execArgv?: readonly string[] | undefined;
  /** How much a thread may keep in its heap, in MiB; beyond that it is ended. Default: as Node.js has it. */
  readonly maxHeapMb?: number | undefined;
  /** Hears of threads that ended with an error while they had nothing to do. Default: an uncaught exception. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

const fileUrl: Check = (value) =>
  value instanceof URL && value.protocol === 'file:'
    ? undefined
    : 'a file: URL, such as new URL("./handler.js", import.meta.url)';

const texts: Check = (value) =>
  Array.isArray(value) && value.every((each) => typeof each === 'string')
    ? undefined
    : 'an array of strings';

/** The checks of {@link ThreadsOptions}. */
export const threadsChecks: Checks<ThreadsOptions> = {
  file: fileUrl,
  threads: integer(1, 1000),
  execArgv: texts,
  maxHeapMb: integer(1, 0x7fff_ffff),
  onError: callback,
};

/** What a handler in a thread is told about its item. */
export interface ThreadRun {
  /** Ends the work on this item, and with it the thread; another takes the thread's place. */
  readonly signal?: AbortSignal | undefined;
  /** How often the item has been tried, this time included. */
  readonly attempt: number;
  /** Names the item. */
  readonly id: string;
}

/** Threads at work. They do not keep the process running while they have nothing to do. */
export interface ThreadPool extends AsyncDisposable {
  /**
   * How many threads there are at this moment, those that are starting included. Of those that have ended some
   * may be replaced only when they are needed.
   */
  readonly size: number;
  /**
   * Gives an item to the handler in the next thread that is free, and answers with its result. Item and result
   * are copied as `structuredClone` does.
   *
   * Rejects with what the handler throws: an Error of its name, message, `code` and `data`. Rejects with the
   * signal's reason; with `BAD_VALUE` if item or result cannot be copied; with `HANDLER_FAILED` if the thread
   * ends, such as by `process.exit`, for want of memory or of an error that nobody caught; with `CLOSED`.
   */
  run(item: unknown, run: ThreadRun): Promise<unknown>;
  /** Ends all threads, also those at work. Closing again changes nothing. */
  close(): Promise<void>;
}

/**
 * Starts threads, and loads the handler's module in each. Rejects with `BAD_OPTION`, also if there is no such
 * module or it has no function as its default export.
 */
export async function startThreads(options: ThreadsOptions): Promise<ThreadPool> {
  checkOptions('startThreads', options, threadsChecks);
  checkArgument('startThreads', 'file', options.file, fileUrl);
  checkArgument('startThreads', 'threads', options.threads, threadsChecks.threads);
  const { file, threads: count, execArgv, maxHeapMb, onError = surface } = options;
  const pool = await openPool({
    filename: ENTRY,
    minThreads: count,
    maxThreads: count,
    // A thread with nothing to do shall not stand still: what its handler left open goes on.
    atomics: 'disabled',
    ...(execArgv === undefined ? {} : { execArgv: [...execArgv] }),
    ...(maxHeapMb === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: maxHeapMb } }),
  });
  const threads = new Threads(pool, { file: file.href, count, onError });
  try {
    await threads.started();
  } catch (error) {
    await threads.close();
    throw error;
  }
  return threads;
}

// Beside this file and in its language: TypeScript from source, JavaScript once built.
const ENTRY = import.meta.url.replace(/[^/]+(?=\.\w+$)/, 'in-thread');

interface ThreadsMakings {
  readonly file: string;
  readonly count: number;
  readonly onError: (error: unknown) => void;
}

class Threads implements ThreadPool {
  readonly close: () => Promise<void> = once(async () => {
    this.#isClosed = true;
    await this.#pool.destroy();
  });
  readonly #file: string;
  readonly #count: number;
  readonly #pool: Pool;
  #onIdleError: (error: unknown) => void;
  #isClosed = false;

  constructor(pool: Pool, { file, count, onError }: ThreadsMakings) {
    this.#pool = pool;
    this.#file = file;
    this.#count = count;
    this.#onIdleError = onError;
    pool.on('error', (error) => this.#onIdleError(error));
  }

  get size(): number {
    return this.#pool.threads.length;
  }

  /** Resolves when all have loaded the module. */
  async started(): Promise<void> {
    const onError = this.#onIdleError;
    // A thread that cannot even run its entry leaves whatever it was to do waiting for ever.
    const failed = new Promise<never>((_, reject) => {
      this.#onIdleError = (error) => reject(this.#badModule(error));
    });
    const load = async (): Promise<void> => {
      const loaded = this.#pool.run({ file: this.#file }, { name: 'load' });
      const answer = await loaded.catch((error: unknown) => Promise.reject(this.#badModule(error)));
      if (answer.kind !== 'result') throw this.#failure(answer);
    };
    await Promise.race([failed, Promise.all(Array.from({ length: this.#count }, load))]);
    this.#onIdleError = onError;
  }

  async run(item: unknown, { signal, attempt, id }: ThreadRun): Promise<unknown> {
    if (this.#isClosed) throw this.#closed();
    signal?.throwIfAborted();
    const order: ThreadOrder = { file: this.#file, item, attempt, id };
    const options = { name: 'work', ...(signal === undefined ? {} : { signal }) };
    let answer: ThreadAnswer;
    try {
      answer = await this.#pool.run(order, options);
    } catch (error) {
      this.#refill();
      if (signal?.aborted === true) throw signal.reason;
      throw this.#ended(error);
    }
    if (answer.kind === 'result') return answer.value;
    throw this.#failure(answer);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * A thread that is ended while it starts makes the pool careful: it then replaces those that end only when it
   * is asked for something. Whoever waits for a thread shall not wait for that.
   */
  #refill(): void {
    if (this.#isClosed || this.size === this.#count) return;
    this.#pool.run({ file: this.#file }, { name: 'load' }).catch(() => {});
  }

  /** The error of an answer that is no result. */
  #failure({ kind, error }: Exclude<ThreadAnswer, { kind: 'result' }>): unknown {
    const cause = revived(error);
    if (kind === 'handler') return cause;
    if (kind === 'module') return this.#badModule(cause);
    return this.#badValue('result', cause, 'maybe');
  }

  /** The error of an item that got no answer. */
  #ended(cause: unknown): BrokerlessError {
    if (this.#isClosed) return this.#closed('maybe');
    const { name } = Object(cause) as { readonly name?: unknown };
    if (name === 'DataCloneError') return this.#badValue('item', cause, 'no');
    const message = `a thread of ${this.#file} ended instead of giving a result: ${messageOf(cause)}`;
    return new BrokerlessError('HANDLER_FAILED', message, { cause, mayHaveRun: 'maybe' });
  }

  #badModule(cause: unknown): BrokerlessError {
    const rule =
      'a module whose default export is a function (item, { signal, attempt, id }) => result';
    const message = `startThreads: file must be ${rule}, got ${this.#file}: ${messageOf(cause)}`;
    return new BrokerlessError('BAD_OPTION', message, { cause });
  }

  #badValue(what: string, cause: unknown, mayHaveRun: 'no' | 'maybe'): BrokerlessError {
    const rule = `the ${what} of the handler in ${this.#file} must be what structuredClone copies`;
    const message = `${rule}: ${messageOf(cause)}`;
    return new BrokerlessError('BAD_VALUE', message, { cause, mayHaveRun });
  }

  #closed(mayHaveRun: 'no' | 'maybe' = 'no'): BrokerlessError {
    return new BrokerlessError('CLOSED', `the threads of ${this.#file} are closed`, { mayHaveRun });
  }
}

/** An error that has come from a thread, as it was there. */
function revived({ name, message, ...details }: ThreadError): Error {
  const error = Object.assign(new Error(message), details);
  Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true });
  return error;
}
