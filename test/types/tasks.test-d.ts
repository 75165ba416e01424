/**
 * Types of tasks: what must compile, and what must not. Checked by the compiler, never run.
 */
import {
  type Call,
  chain,
  chord,
  connectTasks,
  group,
  isTaskError,
  type Link,
  startTaskWorker,
  type TaskClient,
  type TaskContext,
  type TaskResult,
  type TaskStatus,
  tasks,
} from 'brokerless/patterns/tasks';

interface Page {
  readonly url: string;
  readonly words: number;
}

const app = tasks({
  add: (x: number, y: number) => x + y,
  /** What it promises is what whoever waits for it gets. */
  fetch: async (url: string, depth?: number): Promise<Page> => ({ url, words: depth ?? 0 }),
  total: (pages: readonly Page[], factor: number) => pages.length * factor,
  shout: (text: string) => text.toUpperCase(),
  sum: (...xs: number[]) => xs.length,
  now: () => new Date(0),
  /** The context needs no type of its own. */
  patient(ms: number) {
    const { signal, attempt, id, task }: TaskContext = this;
    return [this.signal === signal, attempt + ms, id + task] as const;
  },
  explicit(this: TaskContext, text: string) {
    return text + this.attempt;
  },
});

export async function send(): Promise<void> {
  const result: TaskResult<number> = await app.add.delay(4, 4);
  const eight: number = await result.get({ timeoutMs: 1, signal: AbortSignal.timeout(1) });
  const page: Page = await (await app.fetch.delay('a')).get();
  const status: TaskStatus = await app.add.result(result.id).status();
  const [same]: readonly [boolean, number, string] = await (await app.patient.delay(eight)).get();
  const text: string = await (await app.explicit.delay(page.url)).get();
  const asked = { delayMs: 1, priority: 1, attempts: 2, key: 'a', notBefore: new Date(1) };
  await app.fetch
    .with(asked)
    .with({ unique: true })
    .delay(text, same ? 1 : 2);
  await app.sum.delay(1, 2, 3);
  await app.now.delay();
  const outcome = await result.outcome();
  if (outcome.status === 'done') outcome.value.toFixed();
  if (status === 'pending') await result.cancel();

  // @ts-expect-error: add takes numbers
  await app.add.delay('4', 4);
  // @ts-expect-error: add takes two of them
  await app.add.delay(4);
  // @ts-expect-error: and no third
  await app.add.delay(4, 4, 4);
  // @ts-expect-error: there is no such task
  await app.subtract.delay(4, 4);
  // @ts-expect-error: what add returns is no text
  const wrong: string = await result.get();
  await app.shout.delay(wrong);
  // @ts-expect-error: there is no such option
  app.add.with({ retries: 3 });
  // @ts-expect-error: there is no such status
  if (status === 'running') return;
}

/** Calls for later. */
export const call: Call<number> = app.add.s(1, 2);
export const after: Link<string, Page> = app.fetch.after(2);
export const afterNothing: Link<string, Page> = app.fetch.after();
// @ts-expect-error: the second argument of add is a number
app.add.after('8');
// @ts-expect-error: and it is needed
app.add.after();

export async function compose(): Promise<void> {
  const sixteen: number = await chain([app.add.s(2, 2), app.add.after(4), app.add.after(8)]);
  const page: Page = await chain([app.shout.s('a'), app.fetch.after()], { timeoutMs: sixteen });
  const first: number = await chain([app.add.s(1, 2)]);
  const unlike: string = await chain([app.add.s(1, 2), app.shout.s(page.url)]);
  const [n, p]: [number, Page] = await group([app.add.s(first, 2), app.fetch.s(unlike)]);
  const many: number[] = await group([1, 2, n].map((x) => app.add.s(x, x)));
  const pages = [app.fetch.s('a'), app.fetch.s(p.url)];
  const total: number = await chord(pages, app.total.after(many.length));
  await chord([app.fetch.s('a'), app.fetch.s('b')], app.total.after(total));

  // @ts-expect-error: the first part waits for nothing
  await chain([app.add.after(2), app.add.after(4)]);
  // @ts-expect-error: a sum is no text
  await chain([app.add.s(1, 2), app.shout.after()]);
  // @ts-expect-error: nor further down
  await chain([app.add.s(1, 2), app.add.after(2), app.shout.after()]);
  // @ts-expect-error: numbers are no pages
  await chord([app.add.s(1, 2)], app.total.after(1));
  // @ts-expect-error: a result is no call
  await group([await app.add.delay(1, 2)]);
}

export async function connect(): Promise<void> {
  const client: TaskClient = await connectTasks(app, { queue: 'tcp://127.0.0.1:5557' });
  await startTaskWorker(app, { queue: 'tcp://127.0.0.1:5558', concurrency: 4 });
  await client.close();

  // @ts-expect-error: it must know where to connect
  await connectTasks(app, {});
  // @ts-expect-error: results are asked for one by one
  await connectTasks(app, { queue: 'tcp://127.0.0.1:5557', outcomes: true });
  // @ts-expect-error: the app is the handler
  await startTaskWorker(app, { queue: 'tcp://127.0.0.1:5558', handler: () => 1 });
}

export function recognise(error: unknown): string {
  // @ts-expect-error: it may be anything
  if (error.code === 'LOST') return '';
  if (!isTaskError(error)) return 'another';
  return error.code + error.status + error.task + error.id + String(error.part);
}

// @ts-expect-error: a task is a function
export const none = tasks({ add: 5 });
