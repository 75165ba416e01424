/**
 * Paranoid Pirate worker: does what a queue gives it, says that it is alive, and finds the queue again.
 *
 *     ROUTER [ queue ] ◀──DEALER── lane: one request at a time
 *                      ◀──DEALER── lane
 *
 * A worker has as many lanes as it may do requests at once, and each is a worker of its own to the queue.
 * Spec: rfc.zeromq.org/spec/6 (PPP). The decisions are in worker-rules.ts.
 */
import { Dealer } from 'brokerless';
import {
  boolean,
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

/** Options of {@link startPirateWorker}. */
export interface PirateWorkerOptions<In, Out> extends WorkerOptions<In, Out> {
  /** Where the queue expects workers, such as `tcp://127.0.0.1:5556`. */
  readonly queue: string;
  /** How often to beat, and to expect a beat, in milliseconds. The queue must agree. Default 1000. */
  readonly heartbeatMs?: number | undefined;
  /** How many beats the queue may miss before it is lost. Default 3. */
  readonly missesAllowed?: number | undefined;
  /**
   * Whether to beat while a request is in hand. Default true. Set it to false for a queue that takes any
   * sign of life for readiness, as the Guide's ppqueue does.
   */
  readonly heartbeatWhileBusy?: boolean | undefined;
  /** Whether the end of a connection is a reason to look for the queue at once. Default true. */
  readonly notifications?: boolean | undefined;
}

/** The checks of {@link PirateWorkerOptions}. */
export const pirateWorkerChecks: Checks<
  Partial<Record<keyof PirateWorkerOptions<never, never>, unknown>>
> = {
  ...workerChecks,
  queue: text,
  heartbeatMs: integer(1, 600_000),
  missesAllowed: integer(1, 1000),
  heartbeatWhileBusy: boolean,
  notifications: boolean,
};

/** A worker at work. Closing it ends it at once: the queue gives what it has in hand to another. */
export type PirateWorker = LaneWorker;

/** The numbers of a worker. */
export type PirateWorkerStats = WorkerStats;

// Whoever asks too much of it shall hear so: what is too long is found when the body is decoded.
const NO_LIMIT = 0x7fff_ffff;

const RECONNECT_MS = 100;

/**
 * Starts taking requests. Rejects with `BAD_OPTION`, or as connecting rejects; that the queue is not there
 * yet is no reason to.
 */
export async function startPirateWorker<In, Out>(
  options: PirateWorkerOptions<In, Out>,
): Promise<PirateWorker> {
  checkOptions('startPirateWorker', options, pirateWorkerChecks);
  const { heartbeatMs = 1000, missesAllowed = 3, heartbeatWhileBusy = true } = options;
  const beats = { heartbeatMs, missesAllowed, heartbeatWhileBusy };
  const common = laneOptions(options);
  return startLanes(options, {
    owner: 'startPirateWorker',
    endpoint: options.queue,
    newRules: () => new LaneRules({ ...common, ...beats }),
    openSocket: () =>
      new Dealer<Frames>({
        codec: 'frames',
        maxMessageBytes: NO_LIMIT,
        // READY waits for a connection no longer than for a few beats.
        reconnectMs: RECONNECT_MS,
        reconnectMaxMs: Math.max(RECONNECT_MS, heartbeatMs),
      }),
    notifications: options.notifications ?? true,
    drainMs: 0,
  });
}
