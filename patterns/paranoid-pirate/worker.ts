/**
 * Paranoid Pirate worker: does what a queue gives it, says that it is alive, and finds the queue again.
 *
 *     ROUTER [ queue ] ◀──DEALER── lane: one request at a time
 *                      ◀──DEALER── lane
 *
 * A worker has as many lanes as it may do requests at once, and each is a worker of its own to the queue.
 * Spec: rfc.zeromq.org/spec/6 (PPP). The decisions are in worker-rules.ts.
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
} from 'brokerless/kit';
import { Lane, type LaneMakings } from './lane.ts';
import { type PirateWorkerOptions, workerChecks } from './worker-options.ts';
import type { LaneRules } from './worker-rules.ts';

/** The numbers of a worker, all its lanes together. */
export interface PirateWorkerStats {
  /** Requests received. */
  readonly received: number;
  /** Replies sent. */
  readonly sent: number;
  /** Answers thrown away because the queue that asked had been lost meanwhile. */
  readonly dropped: number;
  /** Messages that made no sense. */
  readonly faults: number;
  /** How often a lane made a new connection because the queue did not answer. */
  readonly reconnects: number;
  /** Requests in hand. */
  readonly inFlight: number;
  /** Lanes whose queue has been heard of. */
  readonly connections: number;
  /** How long the handler took, in milliseconds. */
  readonly durations: DurationStats;
}

/** A worker at work. */
export interface PirateWorker extends Running<PirateWorkerStats> {
  /** Resolves once it has left or been closed. */
  readonly finished: Promise<void>;
  /** Leaves: finishes what it has in hand, takes no more, and resolves when it has gone. */
  leave(): Promise<void>;
}

/**
 * Starts taking requests. Rejects with `BAD_OPTION`, or as connecting rejects; that the queue is not there
 * yet is no reason to.
 */
export async function startPirateWorker<In, Out>(
  options: PirateWorkerOptions<In, Out>,
): Promise<PirateWorker> {
  checkOptions('startPirateWorker', options, workerChecks);
  checkArgument('startPirateWorker', 'handler', options.handler, callback);
  const shared: LaneMakings<In, Out> = {
    options,
    bodies: bodiesBy<Out, In>(options.codec ?? 'cbor', options.maxMessageBytes ?? 1 << 20),
    durations: new Durations(),
    clock: options.clock ?? systemClock,
  };
  const { signal, concurrency = 1 } = options;
  const lanes = Array.from({ length: concurrency }, () => new Lane(shared));
  const all = Promise.all(lanes.map((lane) => lane.over.promise)).then(() => {});
  const leave = (): Promise<void> => {
    for (const lane of lanes) lane.leave();
    return all;
  };
  const onSignal = (): void => void leave();
  const close = once(async () => {
    await Promise.all(lanes.map((lane) => lane.close()));
  });
  void all.then(() => signal?.removeEventListener('abort', onSignal));
  try {
    await Promise.all(lanes.map((lane) => lane.connected));
  } catch (error) {
    await close();
    throw error;
  }
  signal?.addEventListener('abort', onSignal, { once: true });
  if (signal?.aborted === true) onSignal();
  return {
    finished: all,
    leave,
    stats: () =>
      statsOf(
        lanes.map(({ rules }) => rules),
        shared.durations,
      ),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function statsOf(lanes: readonly LaneRules[], durations: Durations): PirateWorkerStats {
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
