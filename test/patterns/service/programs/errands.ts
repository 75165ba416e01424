/**
 * What the servers of the tests can be asked that are processes of their own.
 */
import { call, contract, event, stream } from 'brokerless/patterns/service';

/** What is given back, and after how many milliseconds. */
export interface Errand {
  readonly n: number;
  readonly ms: number;
}

/** The contract. */
export const errands = contract('errands', {
  /** Says which process it is. */
  who: call<void, number>({ idempotent: true }),
  /** Gives back what it is given; may be done twice. */
  read: call<Errand, number>({ idempotent: true }),
  /** The same, but may not. */
  write: call<Errand, number>(),
  /** Never ends, until its signal fires. */
  hold: call<string, never>(),
  /** Blocks the event loop for so many milliseconds. */
  block: call<number, number>({ idempotent: true }),
  /** Counts, for ever. */
  count: stream<void, number>(),
  /** Is heard of by the test. */
  noted: event<string>(),
});
