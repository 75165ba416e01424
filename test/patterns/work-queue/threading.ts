/**
 * Threads for the tests: a handler that does what it is asked, in a pool that is gone with its scope.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'vitest';
import type { ThreadPool, ThreadsOptions } from '../../../patterns/work-queue/threads.ts';
import { compiled } from '../../support/compiled.ts';
import { type Folder, temporaryFolder } from '../../support/consumer.ts';
import { until } from '../../support/until.ts';

/** How long a condition may take on a machine that has much else to do. */
export const LONG = { timeoutMs: 30_000 } as const;

/** How long a test may take on such a machine. */
export const PATIENT = { timeout: 90_000 } as const;

type Threads = typeof import('../../../patterns/work-queue/threads.ts');

/** The one that was compiled: its threads need no loader, which takes longer than what most of them do. */
export const { startThreads }: Threads = await import(compiled('patterns/work-queue/threads.ts'));

/** What makes threads read TypeScript. */
export const LOADER = ['--import', new URL('programs/register-tsx.mjs', import.meta.url).href];

/** What the handler of most tests is asked to do. */
interface Work {
  /** Which of the things it can do. */
  readonly how: string;
  /** What else it needs for that. */
  readonly with?: unknown;
}

/** Does as it is asked. */
export const HANDLER = `
import { threadId } from 'node:worker_threads';
class Discard extends Error { name = 'Discard'; }
const ways = {
  echo: (value) => value,
  where: () => threadId,
  context: (_, { signal, ...rest }) => ({ ...rest, aborted: signal.aborted }),
  loop(flag) {
    new Int32Array(flag)[0] = threadId;
    for (;;);
  },
  wait: async (flag) => {
    new Int32Array(flag)[0] = threadId;
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  },
  fail: ({ name, message, ...details }) => {
    throw Object.assign(new Error(message), { name }, details);
  },
  failOddly: () => {
    throw Object.assign(new Error('odd'), { code: 'ODD', data: () => {} });
  },
  throwText: () => { throw 'just text'; },
  discard: (reason) => { throw new Discard(reason); },
  exit: (code) => process.exit(code),
  crash: async () => {
    setTimeout(() => { throw new Error('out of the blue'); });
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  },
  crashLater: () => void setTimeout(() => { throw new Error('out of the blue'); }, 50),
  hoard: () => {
    const all = [];
    for (;;) all.push(new Array(100_000).fill(all.length));
  },
  odd: () => ({ inside: () => {} }),
};
export default async ({ how, with: what }, context) => ways[how](what, context);
`;

/** A pool, its folder, and short ways to use it; both gone with the scope. */
export interface Fixture extends ThreadPool {
  /** The address of the module. */
  readonly file: URL;
  /** Gives work to it, with an attempt and an id that do not matter. */
  do(how: string, what?: unknown, signal?: AbortSignal): Promise<unknown>;
}

/** Threads of a module with this text. */
export async function threadsOf(
  source: string = HANDLER,
  options: Partial<ThreadsOptions> = {},
  name = 'handler.mjs',
): Promise<Fixture> {
  const folder = await temporaryFolder();
  const file = await moduleIn(folder, source, name);
  const own = { file, threads: 1 };
  try {
    const pool = await startThreads({ ...own, ...options });
    const give = (how: string, what?: unknown, signal?: AbortSignal): Promise<unknown> =>
      pool.run({ how, with: what } satisfies Work, { attempt: 1, id: 'some', signal });
    const dispose = async (): Promise<void> => {
      await pool.close();
      await folder[Symbol.asyncDispose]();
    };
    return Object.assign(pool, { file, do: give, [Symbol.asyncDispose]: dispose });
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
}

/** Writes a module and gives its address. */
export async function moduleIn({ path }: Folder, source: string, name: string): Promise<URL> {
  const file = join(path, name);
  await writeFile(file, source);
  return pathToFileURL(file);
}

/** A cell that a thread can set, and what waits until one has. */
export function flag(): { readonly cell: SharedArrayBuffer; set(): Promise<number> } {
  const cell = new SharedArrayBuffer(4);
  const view = new Int32Array(cell);
  const set = async (): Promise<number> => {
    await until(() => Atomics.load(view, 0) !== 0, { ...LONG, what: 'the handler has begun' });
    return Atomics.load(view, 0);
  };
  return { cell, set };
}

/** Why a promise was rejected. */
export const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => expect.fail(`there is a result: ${String(value)}`),
    (reason: unknown) => reason,
  );
