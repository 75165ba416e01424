/**
 * Runs work queues for the tests: a hub, workers and producers on one transport, all closed when the scope ends.
 */
import {
  connectProducer,
  type FanOut,
  type FanOutOptions,
  type FanOutOutcome,
  fanOut,
  type Outcome,
  type Producer,
  type ProducerOptions,
  type QueueStats,
  type QueueWorker,
  type QueueWorkerOptions,
  startQueueWorker,
  startWorkQueue,
  type WorkQueue,
  type WorkQueueOptions,
} from 'brokerless/patterns/work-queue';
import { until } from '../../support/until.ts';

/** Where anything may be bound. */
export const TCP = 'tcp://127.0.0.1:*';

/** Where nobody is. */
export const NOWHERE = 'tcp://127.0.0.1:9';

/** How long a condition may take on a machine that has much else to do. */
export const LONG = { timeoutMs: 45_000 } as const;

/** How long a test may take that starts processes on such a machine. */
export const PATIENT = { timeout: 90_000 } as const;

let names = 0;

/** An endpoint of that transport that nobody has bound. */
export function freeEndpoint(transport: 'tcp' | 'ipc' | 'inproc'): string {
  names += 1;
  return { tcp: TCP, ipc: 'ipc://*', inproc: `inproc://work-${names}` }[transport];
}

/** A hub, to which workers and producers can be added. */
export class Shop implements AsyncDisposable {
  /** The hub. */
  readonly hub: WorkQueue;
  /** Its workers, also those that have left. */
  readonly workers: QueueWorker[] = [];
  readonly #producers: Producer<never, unknown>[] = [];

  constructor(hub: WorkQueue) {
    this.hub = hub;
  }

  /** Starts a worker and resolves when the hub has it. */
  async work<In = number, Out = unknown>(
    handler: QueueWorkerOptions<In, Out>['handler'],
    options: Partial<QueueWorkerOptions<In, Out>> = {},
  ): Promise<QueueWorker> {
    const worker = await startQueueWorker<In, Out>({
      queue: this.hub.workers,
      handler,
      ...options,
    });
    this.workers.push(worker);
    await until(() => worker.stats().connections === 1, { ...LONG, what: 'the worker is known' });
    return worker;
  }

  /** A producer, once the hub has it. */
  async producer<In = number, Out = unknown>(
    options: ProducerOptions = {},
  ): Promise<Producer<In, Out>> {
    const producer = await connectProducer<In, Out>(this.hub.producers, options);
    this.#producers.push(producer);
    await until(() => producer.stats().connections === 1, {
      ...LONG,
      what: 'the producer is known',
    });
    return producer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#producers.map((producer) => producer.close()));
    await Promise.all(this.workers.map((worker) => worker.close()));
    await this.hub.close();
  }
}

/** Starts a hub. */
export async function startShop(options: Partial<WorkQueueOptions> = {}): Promise<Shop> {
  return new Shop(await startWorkQueue({ producers: TCP, workers: TCP, retryMs: 1, ...options }));
}

/** Sends all of `items`, at once, and resolves with what they are called. */
export function sendAll<In>(
  producer: Producer<In, unknown>,
  items: readonly In[],
): Promise<string[]> {
  return Promise.all(items.map((item) => producer.send(item)));
}

/** How each of `ids` ends. */
export function outcomesOf<Out>(
  producer: Producer<never, Out>,
  ids: readonly string[],
): Promise<Outcome<Out>[]> {
  return Promise.all(ids.map((id) => producer.outcome(id, LONG)));
}

/** Has a worker do the items of a source and closes the fan-out when the scope ends. */
export async function startFanOut<In, Out>(
  source: Iterable<In> | AsyncIterable<In>,
  handler: QueueWorkerOptions<In, Out>['handler'],
  options: FanOutOptions = {},
): Promise<FanOut<In, Out>> {
  const running = await fanOut<In, Out>(source, { retryMs: 1, ...options });
  const worker = await startQueueWorker<In, Out>({ queue: running.endpoint, handler });
  const dispose = async (): Promise<void> => {
    await Promise.all([running.close(), worker.close()]);
  };
  return Object.assign(running, { [Symbol.asyncDispose]: dispose });
}

/** All that there is. */
export async function listOf<T>(all: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const each of all) list.push(each);
  return list;
}

/** All outcomes of a fan-out, in the order of its source. */
export async function inOrderOf<In, Out>(
  outcomes: AsyncIterable<FanOutOutcome<In, Out>>,
): Promise<FanOutOutcome<In, Out>[]> {
  return (await listOf(outcomes)).toSorted((a, b) => a.index - b.index);
}

/** How many items have ended, in one of the ways there are, or are still here: as many as were accepted. */
export function sumOf({ done, failed, discarded, cancelled, expired, unfinished }: QueueStats) {
  return done + failed + discarded + cancelled + expired + unfinished;
}

/** Waits until nothing is left to be done. */
export async function atRest({ hub }: { readonly hub: { stats(): QueueStats } }): Promise<void> {
  const isDone = (): boolean => {
    const { unfinished, unfinishedBytes, inFlight, depth } = hub.stats();
    return [unfinished, unfinishedBytes, inFlight, depth].every((left) => left === 0);
  };
  await until(isDone, { ...LONG, what: 'the queue is at rest' });
}

/** A promise for handlers to wait at, and what opens it. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

/** The same promise, of which nobody hears twice if the test fails before it waits for it. */
export function later<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
