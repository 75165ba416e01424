/**
 * Producer: sends items to a work queue, and hears how they end if it wants to.
 *
 *     producer ──DEALER──▶ ROUTER [ queue ]
 *
 * The decisions are in producer-rules.ts.
 */
import {
  boolean,
  type Checks,
  callback,
  checkArgument,
  checkOptions,
  integer,
  type Running,
  text,
} from 'brokerless/kit';
import { type ConnectionOptions, connectionChecks } from './connection.ts';
import type { Outcome } from './outcome.ts';
import { Sender } from './sender.ts';
import type { ItemOptions } from './wishes.ts';

/** Options of {@link connectProducer}. All may be left out. */
export interface ProducerOptions extends ConnectionOptions {
  /** Whether it hears how all its items end; see {@link Producer}. Default false. */
  readonly outcomes?: boolean | undefined;
  /** How many outcomes may be awaited or wait to be read; then `send` rejects. Default 100,000. */
  readonly maxOutcomes?: number | undefined;
  /** How many items may wait to be accepted; then `send` takes longer. Default 10,000. */
  readonly maxUnanswered?: number | undefined;
  /** How long `close` lets items wait to be accepted, in milliseconds. Default 1000. */
  readonly drainMs?: number | undefined;
  /** Hears of a queue that speaks another version. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

const producerChecks: Checks<ProducerOptions> = {
  ...connectionChecks,
  outcomes: boolean,
  maxOutcomes: integer(1),
  maxUnanswered: integer(1),
  drainMs: integer(0, 0x7fff_ffff),
  onError: callback,
};

/** The numbers of a producer. */
export interface ProducerStats {
  /** Items sent, those sent again not counted. */
  readonly sent: number;
  /** Items accepted. */
  readonly accepted: number;
  /** Items refused. */
  readonly refused: number;
  /** Items that wait to be accepted. */
  readonly unanswered: number;
  /** Items whose end is awaited. */
  readonly inFlight: number;
  /** Outcomes that wait to be read. */
  readonly depth: number;
  /** Messages that made no sense. */
  readonly faults: number;
  /** How often a new connection was made because one was lost. */
  readonly reconnects: number;
  /** 1 while the queue knows it, otherwise 0. */
  readonly connections: number;
}

/** Sends items. With `outcomes: true` it is an async iterable of how they end. */
export interface Producer<In, Out>
  extends Running<ProducerStats>,
    AsyncIterable<Outcome<Out>, undefined> {
  /**
   * Sends an item, and resolves with what it is called when the queue has accepted it, be it on a later
   * connection. Sends need not be awaited one by one.
   *
   * Rejects with `BAD_OPTION`; with `BAD_VALUE` or `TOO_LARGE` for an item that cannot travel; with `QUEUE_FULL`
   * if the queue refuses it or too many outcomes wait to be read; with `STORE_FAILED`, `ABORTED` or `CLOSED`.
   */
  send(item: In, options?: ItemOptions): Promise<string>;
  /**
   * How an item ends, be it another producer's. A queue knows it for a while after the end; later the answer is
   * `lost`. Rejects with `TIMEOUT`, `ABORTED` or `CLOSED`.
   */
  outcome(
    id: string,
    options?: { readonly timeoutMs?: number; readonly signal?: AbortSignal },
  ): Promise<Outcome<Out>>;
  /** Cancels an item, if it has not ended. */
  cancel(id: string): void;
}

/**
 * Connects to the endpoint of a queue that is for producers. Rejects with `BAD_OPTION`, or as connecting rejects;
 * that the queue is not there yet is no reason to.
 */
export async function connectProducer<In = unknown, Out = unknown>(
  endpoint: string,
  options: ProducerOptions = {},
): Promise<Producer<In, Out>> {
  checkArgument('connectProducer', 'endpoint', endpoint, text);
  checkOptions('connectProducer', options, producerChecks);
  const producer = new Sender<In, Out>(endpoint, options);
  await producer.connect();
  return producer;
}
