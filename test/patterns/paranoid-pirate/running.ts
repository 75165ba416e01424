/**
 * Runs queues, workers and clients for the tests: the parts on one transport, all closed when the scope
 * ends.
 */
import { Request, type RequestOptions } from 'brokerless';
import {
  type PirateQueue,
  type PirateQueueOptions,
  type PirateWorker,
  type PirateWorkerOptions,
  startPirateQueue,
  startPirateWorker,
} from 'brokerless/patterns/paranoid-pirate';
import { until } from '../../support/until.ts';

/** Where anything may be bound. */
export const TCP = 'tcp://127.0.0.1:*';

/** How often all beat unless a test says otherwise: nobody dies of a busy machine. */
export const CALM_MS = 1000;

/** How long a condition may take on a machine that has much else to do. */
export const LONG = { timeoutMs: 20_000 } as const;

/** How long a test may take that starts processes on such a machine. */
export const PATIENT = { timeout: 90_000 } as const;

let names = 0;

/** An endpoint of that transport that nobody has bound. */
export function freeEndpoint(transport: 'tcp' | 'ipc' | 'inproc'): string {
  names += 1;
  return { tcp: TCP, ipc: 'ipc://*', inproc: `inproc://pirates-${names}` }[transport];
}

/** A queue, to which workers and clients can be added. */
export class Pirates implements AsyncDisposable {
  /** The queue. */
  readonly queue: PirateQueue;
  /** Its workers, also those that have left. */
  readonly workers: PirateWorker[] = [];
  readonly #heartbeatMs: number;
  readonly #clients: Request[] = [];

  constructor(queue: PirateQueue, heartbeatMs: number) {
    this.queue = queue;
    this.#heartbeatMs = heartbeatMs;
  }

  /** Starts a worker and resolves when the queue has all its lanes. */
  async work<In, Out>(
    handler: PirateWorkerOptions<In, Out>['handler'],
    options: Partial<PirateWorkerOptions<In, Out>> = {},
  ): Promise<PirateWorker> {
    let joined = 0;
    const onJoin = (): void => void (joined += 1);
    this.queue.on('worker:join', onJoin);
    const worker = await startPirateWorker<In, Out>({
      queue: this.queue.workers,
      heartbeatMs: this.#heartbeatMs,
      handler,
      ...options,
    });
    this.workers.push(worker);
    const lanes = options.concurrency ?? 1;
    await until(() => joined >= lanes, LONG);
    this.queue.off('worker:join', onJoin);
    return worker;
  }

  /** A client of ours, who waits long. */
  async client<Out = unknown, In = unknown>(
    options: RequestOptions<Out, In> = {},
  ): Promise<Request<Out, In>> {
    const client = await Request.connect<Out, In>(this.queue.clients, {
      timeoutMs: LONG.timeoutMs,
      ...options,
    });
    this.#clients.push(client as Request);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close({ drainMs: 0 })));
    await Promise.all(this.workers.map((worker) => worker.close()));
    await this.queue.close();
  }
}

/** Starts a queue. */
export async function startPirates(options: Partial<PirateQueueOptions> = {}): Promise<Pirates> {
  const heartbeatMs = options.heartbeatMs ?? CALM_MS;
  const where = { clients: TCP, workers: TCP };
  const queue = await startPirateQueue({ ...where, heartbeatMs, ...options });
  return new Pirates(queue, heartbeatMs);
}

/** Asks for all of `values`, so many at a time; the outcomes in the order of the values. */
export async function askAll<In, Out>(
  values: readonly In[],
  inFlight: number,
  ask: (value: In) => Promise<Out>,
): Promise<PromiseSettledResult<Out>[]> {
  const outcomes: PromiseSettledResult<Out>[] = [];
  let next = 0;
  const one = async (): Promise<void> => {
    for (let at = next; at < values.length; at = next) {
      next += 1;
      const [outcome] = await Promise.allSettled([ask(values[at] as In)]);
      outcomes[at] = outcome;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, one));
  return outcomes;
}

/** What became of requests: the results of those that were answered, and why the others were not. */
export function sorted<Out>(outcomes: readonly PromiseSettledResult<Out>[]): {
  answers: Out[];
  failures: unknown[];
} {
  return {
    answers: outcomes.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])),
    failures: outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason] : [])),
  };
}

/** Expects that all workers are idle and nothing waits: what a queue is at rest. */
export async function atRest(
  { queue }: { readonly queue: PirateQueue },
  lanes: number,
): Promise<void> {
  await until(
    () => {
      const { workers, idle, busy, waiting, depthBytes } = queue.stats();
      return [workers - lanes, idle - lanes, busy, waiting, depthBytes].every((left) => left === 0);
    },
    { ...LONG, what: `the queue rests with ${lanes} idle workers` },
  );
}

/** A promise for handlers to wait at, and what opens it. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

/** The same request, of which nobody hears twice if the test fails before it waits for it. */
export function later<Out>(request: Promise<Out>): Promise<Out> {
  request.catch(() => {});
  return request;
}
