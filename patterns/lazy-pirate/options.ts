/**
 * Options: what a Lazy Pirate client and each of its requests can be told, with defaults and checks.
 */
import type { BrokerlessError, Schema } from 'brokerless';
import {
  type BackoffOptions,
  type BodyCodec,
  type Check,
  type Checks,
  type Clock,
  callback,
  either,
  integer,
  isBodyCodec,
  isSchema,
  newBytes,
  shaped,
} from 'brokerless/kit';
import type { Patience } from './request-rules.ts';
import type { LazyPirateRulesOptions } from './rules.ts';

/** How one request is made. What is left out is as for the client. */
export interface PirateAskOptions {
  /** How long each attempt waits for its reply, in milliseconds. */
  readonly timeoutMs?: number | undefined;
  /** How many attempts there may be. */
  readonly attempts?: number | undefined;
  /** How long all attempts may take together, waits between them included, in milliseconds. */
  readonly deadlineMs?: number | undefined;
  /** What a broker is told of its urgency, 0 to 255; the greater goes first. */
  readonly priority?: number | undefined;
  /** Ends the wait with `ABORTED`. A request that has been sent runs on at the server. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of a `LazyPirate`. All but `servers` may be left out. */
export interface LazyPirateOptions<Out, In> {
  /** Where the server is, such as `tcp://127.0.0.1:5555`; or several, one of which is asked at a time. */
  readonly servers: string | readonly string[];
  /**
   * How long each attempt waits for its reply, in milliseconds: longer than a server needs. Default 2500. An
   * attempt that cannot leave waits as long for a server.
   */
  readonly timeoutMs?: number | undefined;
  /** How many attempts there may be, so how often a request may be carried out. Default 3. */
  readonly attempts?: number | undefined;
  /**
   * How long all attempts of a request may take together, in milliseconds. Default: as long as its attempts
   * and the waits between them may.
   */
  readonly deadlineMs?: number | undefined;
  /** The waits between attempts: exponential with full jitter. Default `{ baseMs: 50, maxMs: 2000 }`. */
  readonly backoff?: BackoffOptions | undefined;
  /**
   * After how many attempts in a row, each begun after the last was over, without any reply the server is left
   * for the next of the list, on a fresh socket. Default 2.
   */
  readonly freshAfter?: number | undefined;
  /** How long a server may be away, or take to be connected, before it is left. Default 1000. */
  readonly connectMs?: number | undefined;
  /** What a broker is told of the urgency of requests, 0 to 255; the greater goes first. Default 0. */
  readonly priority?: number | undefined;
  /** How values become bytes. Default `'cbor'`. Servers must agree. */
  readonly codec?: BodyCodec<Out | In> | undefined;
  /** Checks each answer, by any library that speaks Standard Schema. Default: no check. */
  readonly schema?: Schema<In> | undefined;
  /** The most bytes of one request or answer. Default 1 MiB (1,048,576). */
  readonly maxMessageBytes?: number | undefined;
  /** How many requests may wait for answers; one more is refused with `QUEUE_FULL`. Default 65,536. */
  readonly maxInFlight?: number | undefined;
  /** How many bytes those may take together, as they are kept to be sent again. Default 64 MiB (67,108,864). */
  readonly maxInFlightBytes?: number | undefined;
  /** Hears of each message that was dropped because it made no sense. May be called very often. */
  readonly onFault?: ((fault: BrokerlessError) => void) | undefined;
  /** Tells the time. Default: the computer's own clock. */
  readonly clock?: Clock | undefined;
  /** Gives numbers from 0 up to but not including 1, for jitter. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** The default of `maxMessageBytes`. */
export const MAX_MESSAGE_BYTES: number = 1 << 20;

const MAX_MS = 0x7fff_ffff;
const ENDPOINT = /^(?:tcp:\/\/.*[^:]:\d{1,5}|ipc:\/\/.+|inproc:\/\/.+)$/s;

const endpoint: Check = (value) =>
  typeof value === 'string' && ENDPOINT.test(value)
    ? undefined
    : 'an endpoint, tcp://HOST:PORT, ipc://PATH or inproc://NAME';

const endpoints: Check = (value) =>
  Array.isArray(value) && value.length > 0 && value.every((each) => endpoint(each) === undefined)
    ? undefined
    : 'a filled array of such';

const backoff: Check = (value) => {
  const { baseMs, maxMs } = Object(value) as Partial<Record<string, unknown>>;
  const isMs = integer(0, MAX_MS);
  return isMs(baseMs) === undefined && isMs(maxMs) === undefined
    ? undefined
    : '{ baseMs, maxMs }, whole numbers from 0';
};
/** The checks of {@link PirateAskOptions}. */
export const askChecks: Checks<PirateAskOptions> = {
  timeoutMs: integer(1, MAX_MS),
  attempts: integer(1, 1000),
  deadlineMs: integer(1, MAX_MS),
  priority: integer(0, 255),
  signal: shaped('an AbortSignal', 'addEventListener', 'removeEventListener'),
};

/** The checks of {@link LazyPirateOptions}. */
export const pirateChecks: Checks<LazyPirateOptions<never, never>> = {
  servers: either(endpoint, endpoints),
  timeoutMs: askChecks.timeoutMs,
  attempts: askChecks.attempts,
  deadlineMs: askChecks.deadlineMs,
  backoff,
  freshAfter: integer(1),
  connectMs: integer(1, MAX_MS),
  priority: askChecks.priority,
  codec: isBodyCodec,
  schema: isSchema,
  maxMessageBytes: integer(1, 0x7fff_ffff),
  maxInFlight: integer(1),
  maxInFlightBytes: integer(1),
  onFault: callback,
  clock: shaped('an object with now and at', 'now', 'at'),
  random: callback,
};

// Bytes that no other client has by chance, so that a server that mixes up its clients harms nobody.
const SALT_BYTES = 8;

/** What the options mean to the rules. Each call makes a new salt. */
export function ruleOptions<Out, In>(
  options: LazyPirateOptions<Out, In>,
  startedAt: number,
): LazyPirateRulesOptions {
  const { servers } = options;
  return {
    servers: typeof servers === 'string' ? [servers] : [...servers],
    freshAfter: options.freshAfter ?? 2,
    connectMs: options.connectMs ?? 1000,
    startedAt,
    backoff: options.backoff ?? { baseMs: 50, maxMs: 2000 },
    random: options.random ?? Math.random,
    salt: newBytes(SALT_BYTES),
    window: 1,
  };
}

/** How a request is tried: as it says itself, or else as the client does. */
export function patienceOf<Out, In>(
  own: PirateAskOptions,
  all: LazyPirateOptions<Out, In>,
): Patience {
  return {
    timeoutMs: own.timeoutMs ?? all.timeoutMs ?? 2500,
    attempts: own.attempts ?? all.attempts ?? 3,
    deadlineMs: own.deadlineMs ?? all.deadlineMs ?? Number.POSITIVE_INFINITY,
    priority: own.priority ?? all.priority ?? 0,
  };
}
