/**
 * Inputs: what a caller gives and says, as it travels.
 */
import { BrokerlessError } from 'brokerless';
import { type Bodies, type Checks, checkOptions } from 'brokerless/kit';
import {
  type AskOptions,
  askChecks,
  type EventOptions,
  eventChecks,
  type Headers,
  type StreamOptions,
  streamChecks,
} from './ask-options.ts';
import type { Asked } from './call-rules.ts';
import type { ConnectOptions } from './client-options.ts';
import type { Method } from './contract.ts';
import { META_BYTES } from './messages.ts';
import { type Departure, departureOf } from './schemas.ts';

/** What a caller may say, of whatever it asks. */
export type AnyOptions = AskOptions & StreamOptions;

const NO_OPTIONS: AnyOptions = {};

// What is handed on of the headers that came with what is being handled: W3C Trace Context.
const TRACE = ['traceparent', 'tracestate'];

const checksBy: Readonly<Record<Method['kind'], Checks<EventOptions>>> = {
  call: askChecks,
  stream: streamChecks,
  event: eventChecks,
};

/** How many values of a stream may be under way unless its reader says otherwise. */
export const CREDIT: number = 256;

/** Makes what travels of what callers give, for one method. */
export class Inputs {
  readonly #name: string;
  readonly #place: number;
  readonly #method: Method;
  readonly #options: ConnectOptions;
  readonly #bodies: Bodies<unknown, unknown>;
  readonly #departure: Departure | undefined;

  constructor(
    name: string,
    place: number,
    method: Method,
    { options, bodies }: { options: ConnectOptions; bodies: Bodies<unknown, unknown> },
  ) {
    this.#name = name;
    this.#place = place;
    this.#method = method;
    this.#options = options;
    this.#bodies = bodies;
    this.#departure = departureOf(method.input, `${name} is given what it should not`);
  }

  /**
   * The options of a caller, checked.
   *
   * @throws BrokerlessError `BAD_OPTION`.
   */
  optionsOf(options: AnyOptions = NO_OPTIONS): AnyOptions {
    if (options === NO_OPTIONS) return options;
    checkOptions<EventOptions>(this.#name, options, checksBy[this.#method.kind]);
    return options;
  }

  /** Checks an input, if anything does. A promise if that takes time. Throws or rejects with `BAD_VALUE`. */
  check(input: unknown): undefined | Promise<undefined> {
    return this.#departure?.(input);
  }

  /**
   * What is asked.
   *
   * @throws BrokerlessError `BAD_VALUE`, `TOO_LARGE`, `TIMEOUT` if there is no time left, `ABORTED` if a signal has
   * fired by now.
   */
  askedOf(input: unknown, options: AnyOptions, now: number): Asked {
    for (const signal of [options.signal, options.within?.signal]) {
      if (signal?.aborted === true) throw abortedError(this.#name, signal, 'no');
    }
    const { kind } = this.#method;
    return {
      kind,
      askedAt: now,
      method: this.#place,
      input: this.#bodies.encode(input),
      meta: options === NO_OPTIONS ? undefined : this.#metaOf(options),
      deadline: now + this.#timeoutOf(options),
      until: kind === 'event' ? now + (options.within?.remainingMs ?? Infinity) : undefined,
      retries: kind === 'call' ? this.#retriesOf(options) : 0,
      credit: options.credit ?? CREDIT,
    };
  }

  #timeoutOf({ timeoutMs, within }: AnyOptions): number {
    const isStream = this.#method.kind === 'stream';
    const general = isStream ? Infinity : (this.#options.timeoutMs ?? 5000);
    const own = timeoutMs ?? this.#method.timeoutMs ?? general;
    const left = within?.remainingMs ?? Infinity;
    if (left > 0) return Math.min(own, left);
    const message = `${this.#name}: no time is left of what it is asked within`;
    throw new BrokerlessError('TIMEOUT', message, { data: { progress: 'waiting', attempts: 0 } });
  }

  #retriesOf({ retries, key }: AnyOptions): number {
    if (retries !== undefined) return retries;
    const mayRepeat = this.#method.isIdempotent || key !== undefined;
    return mayRepeat ? (this.#options.retries ?? 3) : 0;
  }

  #metaOf({ key, headers, within }: AnyOptions): Uint8Array | undefined {
    const all: Headers = { ...traceOf(within?.headers), ...headers };
    const hasHeaders = Object.keys(all).length > 0;
    if (key === undefined && !hasHeaders) return undefined;
    const meta = this.#bodies.encode({
      ...(key === undefined ? {} : { key }),
      ...(hasHeaders ? { headers: all } : {}),
    });
    if (meta.length <= META_BYTES) return meta;
    throw new BrokerlessError('TOO_LARGE', `${this.#name}: headers of ${meta.length} bytes`);
  }
}

function traceOf(headers: Headers = {}): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([word]) => TRACE.includes(word)));
}

/** The error of a wait that a signal has ended. */
export function abortedError(
  name: string,
  signal: AbortSignal,
  mayHaveRun: 'no' | 'maybe',
): BrokerlessError {
  const details = { cause: signal.reason, mayHaveRun };
  return new BrokerlessError('ABORTED', `${name}: aborted while waiting for an answer`, details);
}
