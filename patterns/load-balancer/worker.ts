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
import {
  bodiesBy,
  callback,
  checkArgument,
  checkOptions,
  type DurationStats,
  Durations,
  once,
  type Running,
  systemClock,
  waitFor,
} from 'brokerless/kit';
import { Lane } from './lane.ts';
import { type BalancedWorkerOptions, workerChecks } from './worker-options.ts';
import type { LaneRules } from './worker-rules.ts';

/** The numbers of a worker, all its lanes together. */
export interface BalancedWorkerStats {
  /** Requests received. */
  readonly received: number;
  /** Replies sent. */
  readonly sent: number;
  /** Answers thrown away, because the connection that the request came by has ended. */
  readonly dropped: number;
  /** Messages that made no sense. */
  readonly faults: number;
  /** How often a lane made a new connection because its own had ended. */
  readonly reconnects: number;
  /** Requests in hand. */
  readonly inFlight: number;
  /** Lanes that have met the broker. */
  readonly connections: number;
  /** How long the handler took, in milliseconds. */
  readonly durations: DurationStats;
}

/** A worker at work. Closing it lets requests in hand take up to `drainMs`. */
export interface BalancedWorker extends Running<BalancedWorkerStats> {
  /** Resolves once it has left or been closed. */
  readonly finished: Promise<void>;
  /** Leaves: finishes what it has in hand, takes no more, and resolves when it has gone. */
  leave(): Promise<void>;
}

/**
 * Starts taking requests. Rejects with `BAD_OPTION`, or as connecting rejects; that the broker is not there
 * yet is no reason to.
 */
export async function startBalancedWorker<In, Out>(
  options: BalancedWorkerOptions<In, Out>,
): Promise<BalancedWorker> {
  checkOptions('startBalancedWorker', options, workerChecks);
  checkArgument('startBalancedWorker', 'handler', options.handler, callback);
  const { signal, concurrency = 1, drainMs = 10_000, clock = systemClock } = options;
  const durations = new Durations();
  const bodies = bodiesBy<Out, In>(options.codec ?? 'cbor', options.maxMessageBytes ?? 1 << 20);
  const makings = { options, bodies, durations, clock };
  const lanes = Array.from({ length: concurrency }, () => new Lane(makings));
  const finished = Promise.all(lanes.map(({ over }) => over.promise)).then(() => {});
  const leave = (): Promise<void> => {
    for (const lane of lanes) lane.leave();
    return finished;
  };
  const onSignal = (): void => void leave();
  const close = once(async () => {
    await waitFor('end', leave(), { timeoutMs: drainMs }, clock).catch(() => {});
    await Promise.all(lanes.map((lane) => lane.close()));
  });
  void finished.then(() => signal?.removeEventListener('abort', onSignal));
  try {
    await Promise.all(lanes.map((lane) => lane.connected));
  } catch (error) {
    await close();
    throw error;
  }
  signal?.addEventListener('abort', onSignal, { once: true });
  if (signal?.aborted === true) onSignal();
  return {
    finished,
    leave,
    stats: () =>
      statsOf(
        lanes.map(({ rules }) => rules),
        durations,
      ),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function statsOf(lanes: readonly LaneRules[], durations: Durations): BalancedWorkerStats {
  const sum = (of: (lane: LaneRules) => number): number =>
    lanes.reduce((total, lane) => total + of(lane), 0);
  return {
    received: sum(({ received }) => received),
    sent: sum(({ sent }) => sent),
    dropped: sum(({ dropped }) => dropped),
    faults: sum(({ faults }) => faults),
    reconnects: sum(({ reconnects }) => reconnects),
    inFlight: sum(({ isBusy }) => Number(isBusy)),
    connections: sum(({ isConnected }) => Number(isConnected)),
    durations: durations.stats(),
  };
}
