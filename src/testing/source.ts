/**
 * Source: a port that gives rules one value after the other, as fast as they accept them, and then ends.
 */
import { BrokerlessError } from '../errors.ts';
import type { Driveable, Reader, SimPort, Taken } from './port.ts';

/** A list, or whatever else can be gone through, as a port. */
export class SimSource implements SimPort, Driveable {
  readonly depth = 0;
  reader: Reader | undefined;
  #values: Iterator<unknown> | undefined;

  /** @param values What it gives; it is asked for no value before the rules accept one. */
  constructor(values: Iterable<unknown>) {
    this.#values = values[Symbol.iterator]();
  }

  get hasMessage(): boolean {
    return this.#values !== undefined;
  }

  take(): Taken | undefined {
    const next = this.#values?.next();
    if (next === undefined) return undefined;
    if (next.done !== true) return { kind: 'message', value: next.value };
    this.#values = undefined;
    return { kind: 'ended' };
  }

  send(): BrokerlessError | boolean {
    throw new BrokerlessError('BAD_OPTION', 'a source takes nothing');
  }

  read(receive: (message: unknown) => void): void {
    for (let taken = this.take(); taken?.kind === 'message'; taken = this.take()) {
      receive(taken.value);
    }
  }

  close(): void {
    this.#values?.return?.();
    this.#values = undefined;
  }
}
