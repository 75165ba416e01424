/**
 * In thread: what each thread of threads.ts runs. It loads the handler's module and calls it.
 *
 * What it answers is plain data: an error that is copied from thread to thread loses its name, code and data.
 */

/** What a thread is asked to do with its handler. */
export interface ThreadOrder {
  /** The address of the handler's module. */
  readonly file: string;
  /** What the handler is given. */
  readonly item: unknown;
  /** How often the item has been tried, this time included. */
  readonly attempt: number;
  /** Names the item. */
  readonly id: string;
}

/** An error as it travels from thread to thread. */
export interface ThreadError {
  /** Its class, as it calls itself. */
  readonly name: string;
  /** What went wrong, for people. */
  readonly message: string;
  /** Where it was thrown. */
  readonly stack?: string;
  /** A word to branch on. */
  readonly code?: unknown;
  /** Facts for a program; left out if they cannot be copied. */
  readonly data?: unknown;
}

/**
 * What a thread answers: a result, or an error of the `handler`'s, of the `module` that has none, or of a `value`
 * that cannot be copied.
 */
export type ThreadAnswer =
  | { readonly kind: 'result'; readonly value: unknown }
  | { readonly kind: 'handler' | 'module' | 'value'; readonly error: ThreadError };

type Handler = (item: unknown, context: object) => unknown;

/** Loads the handler's module, so that the first item need not wait for it. */
export async function load({ file }: Pick<ThreadOrder, 'file'>): Promise<ThreadAnswer> {
  const handler = await handlerOf(file);
  return typeof handler === 'function' ? { kind: 'result', value: undefined } : handler;
}

/** Gives an item to the handler. Never rejects. */
export async function work({ file, item, attempt, id }: ThreadOrder): Promise<ThreadAnswer> {
  const handler = await handlerOf(file);
  if (typeof handler !== 'function') return handler;
  let value: unknown;
  try {
    // Never fires: whoever aborts ends the whole thread.
    value = await handler(item, { signal: new AbortController().signal, attempt, id });
  } catch (thrown) {
    return { kind: 'handler', error: told(thrown) };
  }
  try {
    // What cannot be copied would end the thread with an error that says nothing.
    if (typeof value === 'object' || typeof value === 'function') structuredClone(value);
    return { kind: 'result', value };
  } catch (thrown) {
    return { kind: 'value', error: told(thrown) };
  }
}

async function handlerOf(file: string): Promise<Handler | ThreadAnswer> {
  try {
    const module = (await import(file)) as { readonly default?: unknown };
    if (typeof module.default === 'function') return module.default as Handler;
    throw new TypeError(`its default export is ${'default' in module ? 'no function' : 'missing'}`);
  } catch (thrown) {
    return { kind: 'module', error: told(thrown) };
  }
}

function told(thrown: unknown): ThreadError {
  const { name, message, stack, code, data } = Object(thrown) as Partial<ThreadError>;
  return {
    name: typeof name === 'string' ? name : 'Error',
    message: textOf(message ?? thrown),
    ...(typeof stack === 'string' ? { stack } : {}),
    ...(isCopied(code) ? { code } : {}),
    ...(isCopied(data) ? { data } : {}),
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : 'something without a message was thrown';
}

function isCopied(value: unknown): boolean {
  if (value === undefined) return false;
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}
