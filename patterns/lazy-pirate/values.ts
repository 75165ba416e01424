/**
 * Values: how what is asked becomes bytes, and how bytes become an answer.
 */
import { BrokerlessError } from 'brokerless';
import { type Bodies, bodiesBy, checkOne, messageOf } from 'brokerless/kit';
import { type LazyPirateOptions, MAX_MESSAGE_BYTES } from './options.ts';

/** Turns values into bodies and bodies into values. */
export class Values<Out, In> {
  readonly #check: ((value: unknown) => In | Promise<In>) | undefined;
  readonly #bodies: Bodies<Out, In>;
  readonly #onFault: (fault: BrokerlessError) => void;

  /** @param onFault Hears of each answer that makes no sense. */
  constructor(options: LazyPirateOptions<Out, In>, onFault: (fault: BrokerlessError) => void) {
    const { codec = 'cbor', maxMessageBytes = MAX_MESSAGE_BYTES } = options;
    this.#check = options.schema && checkOne(options.schema);
    this.#bodies = bodiesBy<Out, In>(codec, maxMessageBytes);
    this.#onFault = onFault;
  }

  /** The body of a request. Throws `BAD_VALUE` or `TOO_LARGE`. */
  encode(value: Out): Uint8Array {
    return this.#bodies.encode(value);
  }

  /** The answer in a body, as the schema makes it. Throws, or rejects with, `BAD_MESSAGE`. */
  decode(body: Uint8Array): In | Promise<In> {
    try {
      const value = this.#bodies.decode(body);
      const checked = this.#check === undefined ? value : this.#check(value);
      if (!(checked instanceof Promise)) return checked;
      return checked.catch((error: unknown) => {
        throw this.#senseless(error);
      });
    } catch (error) {
      throw this.#senseless(error);
    }
  }

  #senseless(cause: unknown): BrokerlessError {
    const message = `the reply makes no sense: ${messageOf(cause)}`;
    const fault = new BrokerlessError('BAD_MESSAGE', message, { cause, mayHaveRun: 'maybe' });
    this.#onFault(fault);
    return fault;
  }
}
