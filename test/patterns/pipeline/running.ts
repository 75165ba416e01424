/**
 * Runs pipelines for the tests: the parts on one transport, all closed when the scope ends, and what
 * comes out at the sink to the very end.
 */
import { isBrokerlessError } from 'brokerless';
import {
  type Result,
  type Sink,
  type SinkOptions,
  startSink,
  startVentilator,
  startWorker,
  type Ventilator,
  type VentilatorOptions,
  type Worker,
  type WorkerOptions,
} from 'brokerless/patterns/pipeline';
import { until } from '../../support/until.ts';

/** The transports that a pipeline runs over. */
export const transports = ['tcp', 'ipc', 'inproc'] as const;

let names = 0;

/** An endpoint of that transport that nobody has bound. */
export function freeEndpoint(transport: (typeof transports)[number] = 'tcp'): string {
  names += 1;
  const endpoints = { tcp: 'tcp://127.0.0.1:*', ipc: 'ipc://*', inproc: `inproc://pipe-${names}` };
  return endpoints[transport];
}

/** All that a sink gave, and how it ended. */
export interface Ending<Value> {
  /** The results, in the order in which they came. */
  readonly results: readonly Result<Value>[];
  /** The values of those that succeeded, in the order of their items. */
  readonly values: readonly Value[];
  /** The numbers of the items without a result; empty if the end was exact. */
  readonly missing: readonly number[];
}

/** Reads a sink to its end. Rejects as its iteration does, except for results that are missing. */
export async function drain<Value>(
  sink: Sink<Value>,
  onResult: (count: number) => void = () => {},
): Promise<Ending<Value>> {
  const results: Result<Value>[] = [];
  let missing: readonly number[] = [];
  try {
    for await (const result of sink) {
      results.push(result);
      onResult(results.length);
    }
  } catch (error) {
    if (!isBrokerlessError(error, 'MISSING_RESULTS')) throw error;
    ({ missing } = error.data as { missing: readonly number[] });
  }
  const ranked = results.toSorted((a, b) => a.id - b.id);
  const values = ranked.flatMap((result) => (result.ok ? [result.value] : []));
  return { results, values, missing };
}

/** A sink and a ventilator, to which workers can be added; closed in one go. */
export class Pipeline<Value> implements AsyncDisposable {
  /** Its sink. */
  readonly sink: Sink<Value>;
  /** Its ventilator. */
  readonly ventilator: Ventilator;
  /** Its workers, also those that have left. */
  readonly workers: Worker[] = [];

  constructor(sink: Sink<Value>, ventilator: Ventilator) {
    this.sink = sink;
    this.ventilator = ventilator;
  }

  /** Starts a worker of this pipeline. */
  async work<Item>(
    handler: WorkerOptions<Item, unknown>['handler'],
    options: Partial<WorkerOptions<Item, unknown>> = {},
  ): Promise<Worker> {
    const [from, to] = [this.ventilator.endpoint, this.sink.endpoint];
    const worker = await startWorker<Item, unknown>({ from, to, handler, ...options });
    this.workers.push(worker);
    return worker;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.ventilator, this.sink, ...this.workers].map((part) => part.close()));
  }
}

/** How a pipeline is started; all may be left out. */
export interface PipelineOptions {
  /** What its endpoints are made of. Default tcp. */
  readonly transport?: (typeof transports)[number];
  /** Options of the ventilator. */
  readonly ventilator?: Partial<VentilatorOptions>;
  /** Options of the sink. By default it waits for 5 s of silence. */
  readonly sink?: Partial<SinkOptions>;
}

/** Starts a sink, and a ventilator that deals the items of `source`. */
export async function startPipeline<Value>(
  source: Iterable<unknown> | AsyncIterable<unknown>,
  { transport, ventilator, sink }: PipelineOptions = {},
): Promise<Pipeline<Value>> {
  const started = await startSink<Value>({
    bind: freeEndpoint(transport),
    silenceMs: 5000,
    ...sink,
  });
  const options = { bind: freeEndpoint(transport), sink: started.endpoint, ...ventilator };
  return new Pipeline(started, await startVentilator(source, options));
}

/** A gate that handlers wait at until it is opened. */
export class Gate {
  /** Resolves once the gate is open. */
  readonly opened: Promise<void>;
  /** Opens it. */
  open: () => void = () => {};

  constructor() {
    this.opened = new Promise((resolve) => {
      this.open = resolve;
    });
  }
}

/** Resolves once `read` has given the same number for `quietMs`: what it counts has come to a halt. */
export async function settled(read: () => number, quietMs = 300): Promise<number> {
  let [value, since] = [read(), performance.now()];
  await until(
    () => {
      const next = read();
      if (next !== value) [value, since] = [next, performance.now()];
      return performance.now() - since >= quietMs;
    },
    { what: 'the count has settled', timeoutMs: 15_000 },
  );
  return value;
}
