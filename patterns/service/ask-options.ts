/**
 * Ask options: what a caller may say of one call, one stream or one event.
 */
import { type Check, type Checks, integer, shaped, text } from 'brokerless/kit';

/** Words that travel beside what is asked, such as `traceparent` of W3C Trace Context. */
export type Headers = Readonly<Record<string, string>>;

/** Within what something is asked: what is left of its time, its end, and its trace. A context of a handler is one. */
export interface Within {
  /** What is left of its time, in milliseconds; Infinity if there is no limit. */
  readonly remainingMs: number;
  /** Aborts when nobody waits for it any more. */
  readonly signal: AbortSignal;
  /** What came beside what was asked. */
  readonly headers: Headers;
}

/** What may be said of an event. */
export interface EventOptions {
  /** Ends the wait for a server with `ABORTED`. */
  readonly signal?: AbortSignal | undefined;
  /** For how long it waits for a server, in milliseconds. Default: as the client's options say. */
  readonly timeoutMs?: number | undefined;
  /** Travel beside it. */
  readonly headers?: Headers | undefined;
  /** The context of the handler that asks: it must be over as soon as that, and is part of the same trace. */
  readonly within?: Within | undefined;
}

/** What may be said of a call. */
export interface AskOptions extends EventOptions {
  /**
   * How often it may be asked again after the first time, when a server is lost or refuses. Default: as the
   * client's `retries` for an idempotent method, 0 for another.
   */
  readonly retries?: number | undefined;
  /**
   * A name for its effect: a server that knows it carries the call out once, and answers another with the same
   * key as it has answered the first. For as long and as many as its options say.
   */
  readonly key?: string | undefined;
}

/** What may be said of a stream. `timeoutMs` is for all of it, and there is none by default. */
export interface StreamOptions extends EventOptions {
  /** How many values may be under way or wait here to be read. Default 256. */
  readonly credit?: number | undefined;
}

/** The most bytes of a key. */
const MAX_KEY = 512;

const isHeaders: Check = (value) => {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  const isAll = isRecord && Object.values(value).every((word) => typeof word === 'string');
  return isAll ? undefined : 'an object of texts';
};

const isKey: Check = (value) =>
  text(value) === undefined && (value as string).length <= MAX_KEY
    ? undefined
    : `a non-empty string of at most ${MAX_KEY} characters`;

/** The checks of {@link EventOptions}. */
export const eventChecks: Checks<EventOptions> = {
  signal: shaped('an AbortSignal', 'addEventListener', 'removeEventListener'),
  timeoutMs: integer(1, 0x7fff_ffff),
  headers: isHeaders,
  within: (value) => {
    const { remainingMs } = Object(value) as Partial<Within>;
    return typeof remainingMs === 'number' ? undefined : 'the context of a handler';
  },
};

/** The checks of {@link AskOptions}. */
export const askChecks: Checks<AskOptions> = {
  ...eventChecks,
  retries: integer(0, 1000),
  key: isKey,
};

/** The checks of {@link StreamOptions}. */
export const streamChecks: Checks<StreamOptions> = {
  ...eventChecks,
  credit: integer(1, 1_000_000),
};
