/**
 * Ventilator: reads a source and deals its items out to whichever workers are connected.
 *
 *     source ──▶ ventilator ──PUSH──▶ workers ──PUSH──▶ sink
 *                     └────────────PUSH──────────────────▲
 *
 * Trouble it takes away: the first worker to connect swallowing everything, nobody knowing when all
 * is done, workers that run on for ever. It starts when enough workers are there, reads the source no
 * faster than they take items, tells the sink how many there are, and stops the workers at the end.
 * Guaranteed: an item goes to one worker, at most once. Lost: what a worker holds when it dies; the
 * sink says which items those are.
 */
import { Push } from 'brokerless';
import {
  boolean,
  type Checks,
  checkOptions,
  deferred,
  drive,
  integer,
  iterable,
  newId,
  type Running,
  shaped,
  text,
  waitFor,
} from 'brokerless/kit';
import {
  type VentilatorMessage,
  type VentilatorPort,
  VentilatorRules,
} from './ventilator-rules.ts';

// ── II. The sockets: a source, and two ways out ──────────────────────────────────────────────

/** Options of {@link startVentilator}. */
export interface VentilatorOptions {
  /** Where workers connect, such as `tcp://127.0.0.1:5557` or `tcp://127.0.0.1:*`. */
  readonly bind: string;
  /** Where the sink is bound. */
  readonly sink: string;
  /**
   * How many workers must be connected before the first item is dealt, so that early ones do not
   * swallow what late ones should share. Default 1. Over inproc, where nobody can count them, this many
   * are taken for granted, and told to stop.
   */
  readonly workers?: number | undefined;
  /** How long to wait for that many, in milliseconds; then one is enough. Default: for ever. */
  readonly waitMs?: number | undefined;
  /** Whether items may share a message. Quicker for small quick items; deals less evenly. Default false. */
  readonly batch?: boolean | undefined;
  /** Whether the workers are told to stop at the end. Default true. */
  readonly stopWorkers?: boolean | undefined;
  /** How long they may take to finish what they hold, in milliseconds. Default 30,000. */
  readonly stopMs?: number | undefined;
  /** The most bytes of one item once encoded. Default 1 MiB. */
  readonly maxMessageBytes?: number | undefined;
  /** Allows a TCP bind beyond loopback. Default false. */
  readonly insecure?: boolean | undefined;
  /** Kills the run when it fires, as {@link Ventilator.kill} does. */
  readonly signal?: AbortSignal | undefined;
}

/** The numbers of a ventilator. */
export interface VentilatorStats {
  /** Items dealt. */
  readonly sent: number;
  /** Workers connected. */
  readonly connections: number;
}

/** A ventilator at work. */
export interface Ventilator extends Running<VentilatorStats> {
  /** Where workers connect. */
  readonly endpoint: string;
  /**
   * Resolves with the number of items dealt once the source is read and the workers have stopped.
   * Rejects with what the source threw.
   */
  readonly finished: Promise<number>;
  /** Stops reading the source; the workers stop after what they hold. */
  kill(): void;
}

const optionChecks: Checks<VentilatorOptions> = {
  bind: text,
  sink: text,
  workers: integer(1),
  waitMs: integer(0),
  batch: boolean,
  stopWorkers: boolean,
  stopMs: integer(0),
  maxMessageBytes: integer(1),
  insecure: boolean,
  signal: shaped('an AbortSignal', 'addEventListener'),
};

/**
 * Starts dealing the items of `source`, any iterable, async iterable or stream.
 *
 * Rejects with `BAD_OPTION`, or as binding rejects.
 */
export async function startVentilator(
  source: Iterable<unknown> | AsyncIterable<unknown>,
  options: VentilatorOptions,
): Promise<Ventilator> {
  checkOptions('startVentilator', { source }, { source: iterable });
  checkOptions('startVentilator', options, optionChecks);
  const { workers, sink } = await openSockets(options);
  const rules = new VentilatorRules({
    run: newId(),
    workers: options.workers ?? 1,
    waitMs: options.waitMs ?? Number.POSITIVE_INFINITY,
    uncounted: isInproc(workers),
    stopWorkers: options.stopWorkers ?? true,
    stopMs: options.stopMs ?? 30_000,
  });
  const finished = deferred<number>();
  const driven = drive<VentilatorPort, VentilatorMessage, 'finished'>(rules, {
    ports: {
      source: { messages: each(source) },
      workers: { send: (message) => workers.send(message) },
      sink: { send: (message) => sink.send(message) },
    },
    tell: () => finished.resolve(rules.sent),
    onError: (error) => {
      finished.reject(error);
      kill();
    },
  });

  // Over inproc nobody can tell who is there, so as many as are wanted are taken for granted.
  const connections = (): number =>
    isInproc(workers) ? (options.workers ?? 1) : workers.stats().connections;
  const kill = (): void => driven.perform((now) => rules.kill(now));
  const count = (): void => {
    driven.perform((now) => rules.workersAre(connections(), now));
  };
  workers.on('handshake', count).on('disconnect', count);
  options.signal?.addEventListener('abort', kill, { once: true });
  if (options.signal?.aborted === true) kill();
  else count();

  async function close(): Promise<void> {
    options.signal?.removeEventListener('abort', kill);
    await waitFor('room', driven.settled('sink'), { timeoutMs: SETTLE_MS }).catch(() => {});
    driven.stop();
    await Promise.all([workers.close(), sink.close()]);
    finished.resolve(rules.sent);
  }
  return {
    endpoint: workers.endpoint,
    finished: finished.promise,
    kill,
    stats: () => ({ sent: rules.sent, connections: connections() }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

// How long the sink's last messages may take to find room when a ventilator is closed.
const SETTLE_MS = 1000;

// One item a message, one message a worker, and little room in the kernel: whatever waits there could
// not be given to a worker that is free.
const ONE_BY_ONE = { batch: false, maxQueueBytes: 1, highWaterMark: 1, kernelBufferBytes: 4096 };

async function openSockets(options: VentilatorOptions) {
  const { maxMessageBytes, insecure } = options;
  const shared = { maxMessageBytes, insecure };
  const workers = new Push<VentilatorMessage>(
    options.batch === true ? { ...shared, highWaterMark: 2 } : { ...shared, ...ONE_BY_ONE },
  );
  const sink = new Push<VentilatorMessage>();
  try {
    await sink.connect(options.sink);
    await workers.bind(options.bind);
    return { workers, sink };
  } catch (error) {
    await Promise.all([workers.close(), sink.close()]);
    throw error;
  }
}

function isInproc(workers: Push<VentilatorMessage>): boolean {
  return workers.endpoint.startsWith('inproc:');
}

async function* each(source: Iterable<unknown> | AsyncIterable<unknown>): AsyncGenerator {
  yield* source;
}
