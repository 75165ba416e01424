/**
 * Paranoid Pirate queue: stands between clients and workers, and notices when a worker dies.
 *
 *     clients ──REQ──▶ ROUTER [ queue ] ROUTER ◀──DEALER── workers
 *
 * Spec: rfc.zeromq.org/spec/6 (PPP). The decisions are in queue-rules.ts.
 */
import { Router } from 'brokerless';
import {
  type Broker,
  type BrokerEvents,
  type BrokerOptions,
  type BrokerStats,
  brokerChecks,
  brokerRuleOptions,
  type Checks,
  checkOptions,
  type Frames,
  integer,
  startBroker,
} from 'brokerless/kit';
import { QueueRules, type WorkerLoss } from './queue-rules.ts';

/** Options of {@link startPirateQueue}. */
export interface PirateQueueOptions extends BrokerOptions {
  /** How often to beat, and to expect a beat, in milliseconds. Workers must agree. Default 1000. */
  readonly heartbeatMs?: number | undefined;
  /** How many beats a worker may miss before it is lost. Default 3. */
  readonly missesAllowed?: number | undefined;
  /** How often a request may be given to a worker, whose loss may be its doing. Default 3. */
  readonly maxAttempts?: number | undefined;
}

/** The checks of {@link PirateQueueOptions}. */
export const queueChecks: Checks<PirateQueueOptions> = {
  ...brokerChecks,
  heartbeatMs: integer(1, 600_000),
  missesAllowed: integer(1, 1000),
  maxAttempts: integer(1, 60_000),
};

/** A queue at work. */
export type PirateQueue = Broker<WorkerLoss>;

/** The numbers of a queue. */
export type PirateQueueStats = BrokerStats;

/** What there is to hear of a queue. */
export type PirateQueueEvents = BrokerEvents<WorkerLoss>;

/** Starts a queue. Rejects with `BAD_OPTION`, or as binding rejects. */
export async function startPirateQueue(options: PirateQueueOptions): Promise<PirateQueue> {
  checkOptions('startPirateQueue', options, queueChecks);
  const { heartbeatMs = 1000, missesAllowed = 3, maxAttempts = 3 } = options;
  const rules = new QueueRules({
    ...brokerRuleOptions(options),
    heartbeatMs,
    missesAllowed,
    maxAttempts,
  });
  return startBroker(rules, options, (given) => new Router<Frames>(given));
}
