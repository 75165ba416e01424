/**
 * Worker options: what a worker can be told, with defaults and checks.
 */
import {
  type BodyCodec,
  boolean,
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
   * Aborts when nobody waits for the answer any more: the queue was lost, and gives the request to another
   * worker, or this one was told to end at once.
   */
  readonly signal: AbortSignal;
}

/** Options of `startPirateWorker`. */
export interface PirateWorkerOptions<In, Out> {
  /** Where the queue expects workers, such as `tcp://127.0.0.1:5556`. */
  readonly queue: string;
  /** Answers a request; what it throws reaches the client as a failure. */
  readonly handler: (request: In, context: JobContext) => Out | Promise<Out>;
  /** How many requests to work on at once. Default 1. Each is a connection of its own. */
  readonly concurrency?: number | undefined;
  /** How values become bytes. Default `'cbor'`. Clients must agree. */
  readonly codec?: BodyCodec<In | Out> | undefined;
  /** How often to beat, and to expect a beat, in milliseconds. The queue must agree. Default 1000. */
  readonly heartbeatMs?: number | undefined;
  /** How many beats the queue may miss before it is lost. Default 3. */
  readonly missesAllowed?: number | undefined;
  /**
   * Whether to beat while a request is in hand. Default true. Set it to false for a queue that takes any
   * sign of life for readiness, as the Guide's ppqueue does.
   */
  readonly heartbeatWhileBusy?: boolean | undefined;
  /** The most that the first wait before a new connection may take; it doubles. Default 500. */
  readonly reconnectMs?: number | undefined;
  /** What no such wait exceeds. Default 10,000. */
  readonly reconnectMaxMs?: number | undefined;
  /** The most bytes of one request or reply. Default 1 MiB (1,048,576). */
  readonly maxMessageBytes?: number | undefined;
  /** Whether the end of a connection is a reason to look for the queue at once. Default true. */
  readonly notifications?: boolean | undefined;
  /** Makes it leave: it finishes what it has in hand and takes no more. */
  readonly signal?: AbortSignal | undefined;
  /** Hears what the handler throws, and of requests that make no sense. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Tells the time. Default: the computer's own clock. */
  readonly clock?: Clock | undefined;
  /** Gives numbers from 0 up to but not including 1. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** The checks of {@link PirateWorkerOptions}. */
export const workerChecks: Checks<
  Partial<Record<keyof PirateWorkerOptions<never, never>, unknown>>
> = {
  queue: text,
  handler: callback,
  concurrency: integer(1, 1000),
  codec: isBodyCodec,
  heartbeatMs: integer(1, 600_000),
  missesAllowed: integer(1, 1000),
  heartbeatWhileBusy: boolean,
  reconnectMs: integer(1, 600_000),
  reconnectMaxMs: integer(1, 600_000),
  maxMessageBytes: integer(1, 0x7fff_ffff),
  notifications: boolean,
  signal: shaped('an AbortSignal', 'addEventListener'),
  onError: callback,
  clock: shaped('an object with now and at', 'now', 'at'),
  random: callback,
};
