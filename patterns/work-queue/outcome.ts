/**
 * Outcome: how an item has ended, in values.
 */
import { type Bodies, decodeFailure, type Failure, messageOf } from 'brokerless/kit';
import type { KnownStatus } from './messages.ts';

/** What went wrong with an item. */
export type ItemFailure = Pick<Failure, 'code' | 'message' | 'data'>;

/** How an item has ended. */
export type Outcome<Out> =
  | {
      /** What the item is called. */
      readonly id: string;
      /** It was done. */
      readonly status: 'done';
      /** What the handler returned. */
      readonly value: Out;
      /** How often it was given to a worker. */
      readonly attempts: number;
    }
  | {
      readonly id: string;
      /** Nobody could do it: it is a dead letter now. */
      readonly status: 'failed';
      /** What went wrong the last time. */
      readonly error: ItemFailure;
      readonly attempts: number;
    }
  | {
      readonly id: string;
      /** A handler has thrown `Discard`. */
      readonly status: 'discarded';
      /** Why, as the handler says. */
      readonly reason: string;
      /** The same, with its code and data. */
      readonly error: ItemFailure;
      readonly attempts: number;
    }
  | {
      readonly id: string;
      /**
       * It was cancelled, its deadline has passed; or the queue that had accepted it is gone or has forgotten it,
       * so that nobody knows what has become of it.
       */
      readonly status: 'cancelled' | 'expired' | 'lost';
      readonly attempts: number;
    };

/** The outcome that is told of an item. Results that cannot be read are failures. */
export function outcomeOf<Out>(
  id: string,
  { status, attempts, body }: { status: KnownStatus; attempts: number; body: Uint8Array },
  bodies: Pick<Bodies<never, Out>, 'decode'>,
): Outcome<Out> {
  switch (status) {
    case 'done':
      try {
        return { id, status, value: bodies.decode(body), attempts };
      } catch (error) {
        const failure = { code: 'BAD_MESSAGE', message: `the result: ${messageOf(error)}` };
        return { id, status: 'failed', error: failure, attempts };
      }
    case 'failed':
      return { id, status, error: failureIn(body), attempts };
    case 'discarded': {
      const error = failureIn(body);
      return { id, status, reason: error.message, error, attempts };
    }
    default:
      return { id, status, attempts };
  }
}

/** The result in a body; undefined if it cannot be read. */
export function resultIn<Out>(
  body: Uint8Array,
  bodies: Pick<Bodies<never, Out>, 'decode'>,
): { readonly value: Out } | undefined {
  try {
    return { value: bodies.decode(body) };
  } catch {
    return undefined;
  }
}

function failureIn(body: Uint8Array): ItemFailure {
  try {
    return decodeFailure(body);
  } catch (error) {
    return { code: 'BAD_MESSAGE', message: `the failure: ${messageOf(error)}` };
  }
}
