/**
 * Caller: whoever asked and waits: for one answer, or for the values of a stream.
 */
import { BrokerlessError } from 'brokerless';
import { decodeFailure, messageOf } from 'brokerless/kit';
import type { ClientCall } from './call-rules.ts';
import type { AskedNumbers } from './client-stats.ts';
import type { Heeding } from './heeding.ts';
import type { Arrival } from './schemas.ts';

/** A method as a client asks it. */
export interface AskedMethod {
  /** Its name. */
  readonly name: string;
  /** Turns an item of CBOR into a value. Throws if it makes no sense. */
  readonly decode: (item: Uint8Array) => unknown;
  /** Checks what it gives. */
  readonly arrival: Arrival | undefined;
  /** Counts what becomes of it. */
  readonly numbers: AskedNumbers;
}

/** Somebody who waits. */
export interface Caller {
  /** What was asked. */
  readonly method: AskedMethod;
  /** It has ended well: with this item of CBOR, if it was a call. */
  end(result: Uint8Array | undefined): void;
  /** It has not. */
  fail(error: BrokerlessError): void;
  /** A value of a stream has come: an item of CBOR. */
  take(item: Uint8Array): void;
}

/** The error of a call that has ended without a result. */
export function errorOf({ failure, trouble, mayHaveRun }: ClientCall): BrokerlessError {
  if (failure !== undefined) return handlerError(failure);
  const { code = 'SOCKET', message = 'no answer', data } = trouble ?? {};
  return new BrokerlessError(code, message, { data, mayHaveRun });
}

function handlerError(failure: Uint8Array): BrokerlessError {
  try {
    const { code, message, ...facts } = decodeFailure(failure);
    const data = { code, ...facts };
    return new BrokerlessError('HANDLER_FAILED', message, { data, mayHaveRun: 'maybe' });
  } catch (cause) {
    return senseless(cause);
  }
}

/** The error of an answer that makes no sense. */
export function senseless(cause: unknown): BrokerlessError {
  const message = `the answer makes no sense: ${messageOf(cause)}`;
  return new BrokerlessError('BAD_MESSAGE', message, { cause, mayHaveRun: 'maybe' });
}

/** Whoever waits for one answer; or for an event to have been sent. */
export class PendingCall implements Caller {
  readonly method: AskedMethod;
  /** What it waits for. */
  readonly answer: Promise<unknown>;
  /** Takes its listeners off signals, if there are any. */
  heeding: Heeding | undefined = undefined;
  #resolve: (value: unknown) => void = unset;
  #reject: (error: unknown) => void = unset;

  constructor(method: AskedMethod) {
    this.method = method;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  end(result: Uint8Array | undefined): void {
    this.heeding?.end();
    try {
      const { decode, arrival } = this.method;
      const value = result && decode(result);
      if (arrival === undefined || result === undefined) this.#resolve(value);
      else this.#arrive(arrival(value));
    } catch (cause) {
      this.#reject(senseless(cause));
    }
  }

  fail(error: unknown): void {
    this.heeding?.end();
    this.#reject(error);
  }

  take(): void {
    // One answer is all that it waits for.
  }

  #arrive(checked: unknown): void {
    if (!(checked instanceof Promise)) return this.#resolve(checked);
    checked.then(this.#resolve, (cause: unknown) => this.#reject(senseless(cause)));
  }
}

function unset(): void {
  // A promise hands over what settles it while it is made.
}
