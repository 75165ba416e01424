/**
 * Worker options: what a worker can be told, with defaults and checks.
 */
import {
  type BodyCodec,
  type Checks,
  type Clock,
  callback,
  integer,
  isBodyCodec,
  shaped,
  text,
} from 'brokerless/kit';

/** What a handler may look at besides the request. */
export interface JobContext {
  /**
   * Aborts when nobody waits for the answer any more: the connection to the broker has ended, which tells the
   * client so, or this worker has been closed and the time for that is over.
   */
  readonly signal: AbortSignal;
}

/** Options of `startBalancedWorker`. */
export interface BalancedWorkerOptions<In, Out> {
  /** Where the broker expects workers, such as `tcp://127.0.0.1:5556`. */
  readonly broker: string;
  /** Answers a request; what it throws reaches the client as a failure. */
  readonly handler: (request: In, context: JobContext) => Out | Promise<Out>;
  /** How many requests to work on at once. Default 1. Each is a connection of its own. */
  readonly concurrency?: number | undefined;
  /** How values become bytes. Default `'cbor'`. Clients must agree. */
  readonly codec?: BodyCodec<In | Out> | undefined;
  /** The most that the first wait before a new connection may take; it doubles. Default 500. */
  readonly reconnectMs?: number | undefined;
  /** What no such wait exceeds. Default 10,000. */
  readonly reconnectMaxMs?: number | undefined;
  /** How long `close()` lets the requests in hand take, in milliseconds. Default 10,000. */
  readonly drainMs?: number | undefined;
  /** The most bytes of one request or reply. Default 1 MiB (1,048,576). */
  readonly maxMessageBytes?: number | undefined;
  /** Makes it leave: it finishes what it has in hand and takes no more. */
  readonly signal?: AbortSignal | undefined;
  /** Hears what the handler throws, and of requests that make no sense. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Tells the time. Default: the computer's own clock. */
  readonly clock?: Clock | undefined;
  /** Gives numbers from 0 up to but not including 1. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** The checks of {@link BalancedWorkerOptions}. */
export const workerChecks: Checks<
  Partial<Record<keyof BalancedWorkerOptions<never, never>, unknown>>
> = {
  broker: text,
  handler: callback,
  concurrency: integer(1, 1000),
  codec: isBodyCodec,
  reconnectMs: integer(1, 600_000),
  reconnectMaxMs: integer(1, 600_000),
  drainMs: integer(0, 0x7fff_ffff),
  maxMessageBytes: integer(1, 0x7fff_ffff),
  signal: shaped('an AbortSignal', 'addEventListener'),
  onError: callback,
  clock: shaped('an object with now and at', 'now', 'at'),
  random: callback,
};
