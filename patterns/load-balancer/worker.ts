/**
 * Worker: answers what a load balancer gives it, one request at a time on each of its connections.
 *
 *     ROUTER [ broker ] ◀──DEALER── lane: one request at a time
 *                       ◀──DEALER── lane
 *
 * It speaks as a REQ worker does, from a DEALER: so it can say READY again after its broker was restarted,
 * where a REQ would wait for ever, and can leave without a request being lost on its way to it. The
 * decisions are in worker-rules.ts.
 */
import { Dealer } from 'brokerless';
import {
  type Checks,
  checkOptions,
  type Frames,
  integer,
  type LaneWorker,
  laneOptions,
  startLanes,
  text,
  type WorkerOptions,
  type WorkerStats,
  workerChecks,
} from 'brokerless/kit';
import { LaneRules } from './worker-rules.ts';

/** Options of {@link startBalancedWorker}. */
export interface BalancedWorkerOptions<In, Out> extends WorkerOptions<In, Out> {
  /** Where the broker expects workers, such as `tcp://127.0.0.1:5556`. */
  readonly broker: string;
  /** How long `close()` lets the requests in hand take, in milliseconds. Default 10,000. */
  readonly drainMs?: number | undefined;
}

/** The checks of {@link BalancedWorkerOptions}. */
export const balancedWorkerChecks: Checks<
  Partial<Record<keyof BalancedWorkerOptions<never, never>, unknown>>
> = {
  ...workerChecks,
  broker: text,
  drainMs: integer(0, 0x7fff_ffff),
};

/** A worker at work. Closing it lets requests in hand take up to `drainMs`. */
export type BalancedWorker = LaneWorker;

/** The numbers of a worker. */
export type BalancedWorkerStats = WorkerStats;

// Whoever asks too much of it shall hear so: what is too long is found when the body is decoded.
const NO_LIMIT = 0x7fff_ffff;

/**
 * Starts taking requests. Rejects with `BAD_OPTION`, or as connecting rejects; that the broker is not there
 * yet is no reason to.
 */
export async function startBalancedWorker<In, Out>(
  options: BalancedWorkerOptions<In, Out>,
): Promise<BalancedWorker> {
  checkOptions('startBalancedWorker', options, balancedWorkerChecks);
  const common = laneOptions(options);
  return startLanes(options, {
    owner: 'startBalancedWorker',
    endpoint: options.broker,
    newRules: () => new LaneRules(common),
    openSocket: () => new Dealer<Frames>({ codec: 'frames', maxMessageBytes: NO_LIMIT }),
    notifications: true,
    drainMs: options.drainMs ?? 10_000,
  });
}
