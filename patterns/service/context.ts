/**
 * Context: what a handler may look at besides what it is asked, and what it hands on when it asks others.
 */
import { BrokerlessError } from 'brokerless';
import type { Clock } from 'brokerless/kit';
import type { Headers, Within } from './ask-options.ts';
import type { Served } from './served-rules.ts';

/** A failure that a handler has declared, on its way to whoever asked. */
export class DeclaredFailure extends Error {
  /** A word to branch on. */
  readonly code: string;
  /** Facts for a program. */
  readonly data: unknown;

  constructor(code: string, data: unknown, message: string) {
    super(message);
    this.name = 'DeclaredFailure';
    this.code = code;
    this.data = data;
  }
}

/** What a handler may look at. `Fails` are the failures that its method declares. */
export interface CallContext<Fails> extends Within {
  /** The name of the method. */
  readonly method: string;
  /** The name of the client's connection. */
  readonly client: string;
  /** Under which name the effect is kept, if its caller has given one. */
  readonly key: string | undefined;
  /** What came beside what was asked, such as `traceparent`. */
  readonly headers: Headers;
  /** What is left of its time, in milliseconds; Infinity if there is no limit, 0 if it is over. */
  readonly remainingMs: number;
  /** Aborts when nobody waits for it any more: see its reason. */
  readonly signal: AbortSignal;
  /** A failure that the contract declares, to be thrown: `throw context.failure('SOLD_OUT', { left: 0 })`. */
  failure<Code extends keyof Fails & string>(
    code: Code,
    data: Fails[Code],
    message?: string,
  ): DeclaredFailure;
}

const NO_HEADERS: Headers = {};

/** The context of one job. Its signal is made when somebody looks at it: most handlers do not. */
export class ServedContext implements CallContext<Readonly<Record<string, unknown>>> {
  readonly method: string;
  readonly #served: Served;
  readonly #clock: Clock;
  #controller: AbortController | undefined;
  #reason: BrokerlessError | undefined;

  constructor(method: string, served: Served, clock: Clock) {
    this.method = method;
    this.#served = served;
    this.#clock = clock;
  }

  get client(): string {
    return this.#served.came.session.peer;
  }

  get key(): string | undefined {
    return this.#served.came.meta?.key;
  }

  get headers(): Headers {
    return this.#served.came.meta?.headers ?? NO_HEADERS;
  }

  get remainingMs(): number {
    return Math.max(0, this.#served.came.deadline - this.#clock.now());
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Whether its signal has fired, or would have. */
  get isAborted(): boolean {
    return this.#reason !== undefined;
  }

  failure(code: string, data: unknown, message: string = code): DeclaredFailure {
    return new DeclaredFailure(code, data, message);
  }

  /** Nobody waits for it any more. */
  abort(reason: BrokerlessError): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#controller?.abort(reason);
  }
}

/** Why nobody waits for an answer any more, as the reason of a signal. */
export function unwantedError(why: 'cancelled' | 'expired' | 'gone'): BrokerlessError {
  if (why === 'expired') return new BrokerlessError('TIMEOUT', 'the time of the call is over');
  if (why === 'gone') return new BrokerlessError('CLOSED', 'the client is there no longer');
  return new BrokerlessError('ABORTED', 'the client has cancelled the call');
}
