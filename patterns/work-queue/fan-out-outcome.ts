/**
 * Fan-out outcome: values of a source on their way out, and how they have ended.
 */
import { BrokerlessError } from 'brokerless';
import { type Bodies, encodeFailure, failureOf } from 'brokerless/kit';
import type { Piece } from './fan-out-rules.ts';
import type { Item } from './item-rules.ts';
import { idOf } from './messages.ts';
import { type Outcome, outcomeOf, resultIn } from './outcome.ts';

/** How an item of a source has ended. */
export type FanOutOutcome<In, Out> = Outcome<Out> & {
  /** The item. */
  readonly item: In;
  /** Its place in the source, from 0. */
  readonly index: number;
};

/** A value as the rules are given it. One that cannot travel has failed already. */
export function pieceOf<In>(value: In, bodies: Pick<Bodies<In, unknown>, 'encode'>): Piece {
  try {
    return { value, body: bodies.encode(value), failure: undefined, index: 0 };
  } catch (error) {
    return { value, body: NOTHING, failure: encodeFailure(failureOf(error)), index: 0 };
  }
}

/** How an item has ended. */
export function endOf<In, Out>(
  { n, owner, ending, attempts }: Item,
  epoch: string,
  bodies: Pick<Bodies<never, Out>, 'decode'>,
): FanOutOutcome<In, Out> {
  const { value, index } = owner as Piece;
  const { status, body } = ending as NonNullable<Item['ending']>;
  const id = idOf(epoch, n);
  const item = value as In;
  // Most are done: those are made in one piece, which is much quicker.
  const result = status === 'done' ? resultIn(body, bodies) : undefined;
  if (result !== undefined)
    return { id, status: 'done', value: result.value, attempts, item, index };
  return { ...outcomeOf(id, { status, attempts, body }, bodies), item, index };
}

/** The results alone. Anything but `done` is handed to `onOther`, or ends it with an error. */
export async function* valuesOf<In, Out>(
  outcomes: AsyncIterable<FanOutOutcome<In, Out>>,
  onOther: ((outcome: FanOutOutcome<In, Out>) => void) | undefined,
): AsyncGenerator<Out> {
  for await (const outcome of outcomes) {
    if (outcome.status === 'done') yield outcome.value;
    else if (onOther !== undefined) onOther(outcome);
    else throw notDone(outcome);
  }
}

function notDone<In, Out>(outcome: FanOutOutcome<In, Out>): BrokerlessError {
  const why = outcome.status === 'failed' ? `: ${outcome.error.message}` : '';
  const message = `item ${outcome.index} was not done but ${outcome.status}${why}`;
  return new BrokerlessError('HANDLER_FAILED', message, { data: outcome, mayHaveRun: 'maybe' });
}

const NOTHING = new Uint8Array(0);
