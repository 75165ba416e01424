/**
 * Request options: what a Request and each of its calls can be told, and the checks of that.
 */
import type { BackoffOptions } from '../rules/backoff.ts';
import { type Check, type Checks, callback, integer, shaped } from '../rules/check.ts';
import type { RetryBudgetOptions } from '../rules/retry.ts';
import type { Clock } from '../run/clock.ts';
import type { BodyCodec } from '../wire/body.ts';
import { type Coding, codingOf } from '../wire/codec.ts';
import {
  queueChecks,
  type SocketOptions,
  socketChecks,
  type ValueOptions,
  valueChecks,
} from './options.ts';

/** How one request is made. */
export interface AskOptions {
  /** How long each attempt waits for its reply, in milliseconds. Default: the socket's `timeoutMs`. */
  readonly timeoutMs?: number | undefined;
  /** How long all attempts may take together, waits between them included. Default: no limit. */
  readonly deadlineMs?: number | undefined;
  /** How often to ask again when an attempt brings no reply in time. Default: the socket's `retries`. */
  readonly retries?: number | undefined;
  /** Ends the wait with `ABORTED`. A request that has been sent runs on at the server. */
  readonly signal?: AbortSignal | undefined;
}

/** Options that both ends of a request have. `codec` serves both directions. */
export interface BodyOptions<Out, In>
  extends Omit<SocketOptions<Out | In>, 'codec'>,
    ValueOptions<In> {
  /** How values become bytes. Default `'cbor'`. Both ends must agree. */
  readonly codec?: BodyCodec<Out | In> | undefined;
}

/** Options of a `Request`. All may be left out. */
export interface RequestOptions<Out, In> extends BodyOptions<Out, In> {
  /** How long each attempt waits for its reply, in milliseconds. Default 5000. */
  readonly timeoutMs?: number | undefined;
  /**
   * How often to ask again when an attempt brings no reply in time. Default 0: a server may have done
   * what it was asked although its reply was lost, so only ask twice for what may be done twice.
   */
  readonly retries?: number | undefined;
  /** The waits before retries: exponential with full jitter. Default `{ baseMs: 50, maxMs: 2000 }`. */
  readonly backoff?: BackoffOptions | undefined;
  /**
   * What all retries of the socket may come to: each request adds `ratio` to a stock of at most `max`,
   * each retry takes 1. Default `{ ratio: 0.2, max: 10 }`, so about one retry for five requests.
   */
  readonly retryBudget?: RetryBudgetOptions | undefined;
  /** How many requests may wait for replies; one more is refused with `QUEUE_FULL`. Default 65,536. */
  readonly maxInFlight?: number | undefined;
  /** Requests of so many bytes may wait to be sent. Default 8 MiB (8,388,608). */
  readonly maxQueueBytes?: number | undefined;
  /** Tells the time. Default: the computer's own clock. */
  readonly clock?: Clock | undefined;
  /** Gives numbers from 0 up to 1, for jitter. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

const MAX_MS = 0x7fff_ffff;

const positive: Check = (value) =>
  typeof value === 'number' && value >= 0 && value < Infinity ? undefined : 'a number from 0 up';

/** An object whose fields pass `checks`; none may be missing. */
const object =
  (what: string, checks: Readonly<Record<string, Check>>): Check =>
  (value) =>
    Object.entries(checks).every(
      ([name, check]) => check(Reflect.get(Object(value), name)) === undefined,
    )
      ? undefined
      : what;

/** The checks of {@link AskOptions}. */
export const askChecks: Checks<AskOptions> = {
  timeoutMs: integer(1, MAX_MS),
  deadlineMs: integer(1, MAX_MS),
  retries: integer(0, 1000),
  signal: shaped('an AbortSignal', 'addEventListener', 'removeEventListener'),
};

const codec: Check = (value) =>
  value === 'frames' ? 'a codec that makes one frame of a value' : socketChecks.codec(value);

/** The checks of {@link RequestOptions}. */
export const requestChecks: Checks<RequestOptions<never, never>> = {
  ...socketChecks,
  ...valueChecks,
  codec,
  timeoutMs: integer(1, MAX_MS),
  retries: integer(0, 1000),
  backoff: object('{ baseMs, maxMs }, whole numbers from 0', {
    baseMs: integer(0, MAX_MS),
    maxMs: integer(0, MAX_MS),
  }),
  retryBudget: object('{ ratio, max }, numbers from 0 up', { ratio: positive, max: positive }),
  maxInFlight: integer(1),
  maxQueueBytes: queueChecks.maxQueueBytes,
  clock: shaped('a Clock', 'now', 'at'),
  random: callback,
};

/** Options of a `Reply`. All may be left out. */
export type ReplyOptions<In, Out> = BodyOptions<Out, In>;

/** The checks of {@link ReplyOptions}. */
export const replyChecks: Checks<ReplyOptions<never, never>> = {
  ...socketChecks,
  ...valueChecks,
  codec,
};

/** How bodies become values and back, with these options. */
export function bodyCoding<T>(options: {
  readonly codec?: BodyCodec<T> | undefined;
}): Exclude<Coding<T>, 'frames'> {
  return codingOf(options.codec ?? 'cbor') as Exclude<Coding<T>, 'frames'>;
}
