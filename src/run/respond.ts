/**
 * Respond: from the body of a request, by way of a handler, to the body of its reply.
 */

import type { Bodies } from '../wire/body.ts';
import { DELIMITER, encodeFailure, failureOf } from '../wire/envelope.ts';
import { hear } from './hear.ts';

/** How requests are answered. */
export interface Responder<In, Out, Context> {
  /** Answers a request. What it throws reaches whoever asked. */
  readonly handler: (request: In, context: Context) => Out | Promise<Out>;
  /** Turns bodies into values and values into bodies. */
  readonly bodies: Bodies<Out, In>;
  /** Hears what the handler throws, of results that cannot travel, and of requests that make no sense. */
  readonly onError: ((error: unknown) => void) | undefined;
}

/**
 * The frames after the empty one of the reply to a request with this `body`: the result, or a failure. Never
 * rejects.
 */
export async function respond<In, Out, Context>(
  { handler, bodies, onError }: Responder<In, Out, Context>,
  body: readonly Uint8Array[],
  context: Context,
): Promise<readonly Uint8Array[]> {
  try {
    const [frame] = body;
    if (frame === undefined || body.length > 1) {
      throw new Error(`a request of ${body.length} body frames, where one was expected`);
    }
    return [bodies.encode(await handler(bodies.decode(frame), context))];
  } catch (error) {
    hear(onError, error);
    return [DELIMITER, encodeFailure(failureOf(error))];
  }
}
