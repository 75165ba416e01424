/**
 * Worker: takes items from a ventilator, does something with each, and tells a sink the outcome.
 *
 *     ventilator ──PUSH──▶ worker ──PUSH──▶ sink
 *
 * Workers may come and go at any time, on any host. A worker takes an item when it is free for one,
 * goes on until the ventilator tells it to stop, and then has done all that was dealt to it.
 * Guaranteed: a handler that throws is reported to the sink as a failed item. Lost: what a worker
 * holds, and the few items on their way to it, when it is killed or leaves before it is told to,
 * because PUSH takes nothing back; the sink says which items those are.
 */
import { Pull, Push } from 'brokerless';
import {
  boolean,
  type Checks,
  callback,
  checkArgument,
  checkOptions,
  deferred,
  drive,
  integer,
  newId,
  once,
  type Running,
  shaped,
  text,
  waitFor,
} from 'brokerless/kit';
import type { ToSink } from './messages.ts';
import {
  type Job,
  type WorkerAct,
  type WorkerPort,
  WorkerRules,
  type WorkerTold,
} from './worker-rules.ts';

// ── II. The sockets: one to take from, one to tell ───────────────────────────────────────────

/** What a handler is told besides the item. */
export interface HandlerContext {
  /** The item's number in its batch, from 0. */
  readonly id: number;
  /** Fires when the worker is closed before the handler has returned. */
  readonly signal: AbortSignal;
}

/** Options of {@link startWorker}. */
export interface WorkerOptions<Item, Result> {
  /** The ventilator's endpoint. */
  readonly from: string;
  /** The sink's endpoint. */
  readonly to: string;
  /** Works on one item. What it returns goes to the sink; what it throws does too, as a failure. */
  readonly handler: (item: Item, context: HandlerContext) => Result | Promise<Result>;
  /** How many items to work on at once. Default 1. */
  readonly concurrency?: number | undefined;
  /** What the sink calls this worker. Default: a name that nothing else has. */
  readonly name?: string | undefined;
  /** Whether results may share a message. Default false. */
  readonly batch?: boolean | undefined;
  /** The most bytes of one item or result once encoded. Default 1 MiB. */
  readonly maxMessageBytes?: number | undefined;
  /** Stops the worker when it fires, after what it has in hand; what is on its way to it is lost. */
  readonly signal?: AbortSignal | undefined;
}

/** The numbers of a worker. */
export interface WorkerStats {
  /** Items taken. */
  readonly received: number;
  /** Items whose handler threw, or gave what cannot travel. */
  readonly failed: number;
  /** Messages that made no sense. */
  readonly faults: number;
  /** Items in hand. */
  readonly inFlight: number;
}

/** A worker at work. */
export interface Worker extends Running<WorkerStats> {
  /** What the sink calls it. */
  readonly name: string;
  /** Resolves once it has stopped and its last result has left. */
  readonly finished: Promise<void>;
}

const optionChecks: Checks<WorkerOptions<never, unknown>> = {
  from: text,
  to: text,
  handler: callback,
  concurrency: integer(1),
  name: text,
  batch: boolean,
  maxMessageBytes: integer(1),
  signal: shaped('an AbortSignal', 'addEventListener'),
};

/**
 * Starts taking items. Rejects with `BAD_OPTION`, or as connecting rejects; that the ventilator is not
 * there yet is no reason to.
 */
export async function startWorker<Item, Result>(
  options: WorkerOptions<Item, Result>,
): Promise<Worker> {
  checkOptions('startWorker', options, optionChecks);
  checkArgument('startWorker', 'handler', options.handler, callback);
  const { maxMessageBytes, batch = false, handler, signal } = options;
  const from = new Pull({ maxMessageBytes, highWaterMark: 1, kernelBufferBytes: 4096 });
  const to = new Push<ToSink>({ maxMessageBytes, batch });
  const name = options.name ?? newId();
  const rules = new WorkerRules({ name, concurrency: options.concurrency ?? 1 });
  const finished = deferred<void>();
  const leaving = new AbortController();

  async function work(job: Job): Promise<void> {
    let outcome: () => readonly WorkerAct[];
    try {
      const result = await handler(job.value as Item, { id: job.id, signal: leaving.signal });
      outcome = () => rules.done(job, result);
    } catch (error) {
      outcome = () => rules.fail(job, error);
    }
    driven.perform(outcome);
  }
  const driven = drive<WorkerPort, ToSink, WorkerTold>(rules, {
    ports: { from: { messages: from }, to: { send: (message) => to.send(message) } },
    tell: (told) => void (told === 'finished' ? close() : work(told)),
    onError: finished.reject,
  });

  const stop = (): void => driven.perform(() => rules.stop());
  const close = once(async () => {
    signal?.removeEventListener('abort', stop);
    leaving.abort();
    await from.close();
    await waitFor('room', driven.settled('to'), { timeoutMs: FLUSH_MS }).catch(() => {});
    await to.close({ drainMs: FLUSH_MS });
    driven.stop();
    finished.resolve();
  });
  try {
    await Promise.all([to.connect(options.to), from.connect(options.from)]);
  } catch (error) {
    await close();
    throw error;
  }
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted === true) stop();
  return {
    name,
    finished: finished.promise,
    stats: () => ({
      received: rules.received,
      failed: rules.failed,
      faults: rules.faults,
      inFlight: rules.inFlight,
    }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

// The last results are worth more than a second of waiting for a sink that is busy.
const FLUSH_MS = 10_000;
