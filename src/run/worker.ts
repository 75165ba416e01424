/**
 * Worker: answers what a broker gives it, on as many lanes as it may do requests at once.
 *
 *     ROUTER [ broker ] ◀──DEALER── lane: one request at a time
 *                       ◀──DEALER── lane
 *
 * Each lane is a worker of its own to the broker.
 */
import type { BackoffOptions } from '../rules/backoff.ts';
import { type Checks, callback, checkArgument, integer, shaped } from '../rules/check.ts';
import { type BodyCodec, bodiesBy, isBodyCodec } from '../wire/body.ts';
import { type Clock, systemClock } from './clock.ts';
import { type DurationStats, Durations } from './durations.ts';
import { type JobContext, Lane, type LaneSocket, type WorkerRules } from './lane.ts';
import { once, type Running } from './running.ts';
import { waitFor } from './wait.ts';

/** Options of every worker. */
export interface WorkerOptions<In, Out> {
  /** Answers a request; what it throws reaches the client as a failure. */
  readonly handler: (request: In, context: JobContext) => Out | Promise<Out>;
  /** How many requests to work on at once. Default 1. Each is a connection of its own. */
  readonly concurrency?: number | undefined;
  /** How values become bytes. Default `'cbor'`. Clients must agree. */
  readonly codec?: BodyCodec<In | Out> | undefined;
  /** The most that the first wait before a new connection may take; it doubles. Default 500. */
  readonly reconnectMs?: number | undefined;
  /** What no such wait exceeds. Default 10,000. */
  readonly reconnectMaxMs?: number | undefined;
  /** The most bytes of one request or reply. Default 1 MiB (1,048,576). */
  readonly maxMessageBytes?: number | undefined;
  /** Makes it leave: it finishes what it has in hand and takes no more. */
  readonly signal?: AbortSignal | undefined;
  /** Hears what the handler throws, and of requests that make no sense. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Tells the time. Default: the computer's own clock. */
  readonly clock?: Clock | undefined;
  /** Gives numbers from 0 up to but not including 1. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** The checks of {@link WorkerOptions}. */
export const workerChecks: Checks<Partial<Record<keyof WorkerOptions<never, never>, unknown>>> = {
  handler: callback,
  concurrency: integer(1, 1000),
  codec: isBodyCodec,
  reconnectMs: integer(1, 600_000),
  reconnectMaxMs: integer(1, 600_000),
  maxMessageBytes: integer(1, 0x7fff_ffff),
  signal: shaped('an AbortSignal', 'addEventListener'),
  onError: callback,
  clock: shaped('an object with now and at', 'now', 'at'),
  random: callback,
};

/** What the rules of every lane are told at the start. */
export interface LaneOptions {
  /** How the waits before a new connection grow. */
  readonly reconnect: BackoffOptions;
  /** Gives numbers from 0 up to but not including 1. */
  readonly random: () => number;
}

/** What the options mean to the rules of each lane. */
export function laneOptions({
  reconnectMs = 500,
  reconnectMaxMs = 10_000,
  random = Math.random,
}: Pick<WorkerOptions<never, never>, 'reconnectMs' | 'reconnectMaxMs' | 'random'>): LaneOptions {
  return {
    reconnect: { baseMs: reconnectMs, maxMs: Math.max(reconnectMs, reconnectMaxMs) },
    random,
  };
}

/** The numbers of a worker, all its lanes together. */
export interface WorkerStats {
  /** Requests received. */
  readonly received: number;
  /** Replies sent. */
  readonly sent: number;
  /** Answers thrown away, because the connection that the request came by had been lost. */
  readonly dropped: number;
  /** Messages that made no sense. */
  readonly faults: number;
  /** How often a lane made a new connection because one was lost. */
  readonly reconnects: number;
  /** Requests in hand. */
  readonly inFlight: number;
  /** Lanes that have met the broker. */
  readonly connections: number;
  /** How long the handler took, in milliseconds. */
  readonly durations: DurationStats;
}

/** A worker at work. */
export interface LaneWorker extends Running<WorkerStats> {
  /** Resolves once it has left or been closed. */
  readonly finished: Promise<void>;
  /** Leaves: finishes what it has in hand, takes no more, and resolves when it has gone. */
  leave(): Promise<void>;
}

/** What a pattern gives its workers. */
export interface WorkerMakings {
  /** Names the worker in errors. */
  readonly owner: string;
  /** Where the broker is. */
  readonly endpoint: string;
  /** The decisions of a new lane. */
  readonly newRules: () => WorkerRules;
  /** Opens a socket that is not connected yet. */
  readonly openSocket: () => LaneSocket;
  /** Whether the end of a connection is told to the rules. */
  readonly notifications: boolean;
  /** How long closing lets requests in hand take, in milliseconds. */
  readonly drainMs: number;
}

/**
 * Starts a worker. Rejects with `BAD_OPTION` without a handler, or as connecting rejects; nothing is left open
 * then. That the broker is not there yet is no reason to.
 */
export async function startLanes<In, Out>(
  options: WorkerOptions<In, Out>,
  { owner, newRules, drainMs, ...makings }: WorkerMakings,
): Promise<LaneWorker> {
  const { handler, codec = 'cbor', maxMessageBytes = 1 << 20, onError, signal } = options;
  checkArgument(owner, 'handler', handler, callback);
  const { concurrency = 1, clock = systemClock } = options;
  const durations = new Durations();
  const responder = { handler, bodies: bodiesBy<Out, In>(codec, maxMessageBytes), onError };
  const lanes = Array.from(
    { length: concurrency },
    () => new Lane(newRules(), { ...makings, responder, durations, clock }),
  );
  const finished = Promise.all(lanes.map(({ over }) => over.promise)).then(() => {});
  const leave = (): Promise<void> => {
    for (const lane of lanes) lane.leave();
    return finished;
  };
  const onSignal = (): void => void leave();
  const close = once(async () => {
    if (drainMs > 0) await waitFor('end', leave(), { timeoutMs: drainMs }, clock).catch(() => {});
    await Promise.all(lanes.map((lane) => lane.close()));
  });
  void finished.then(() => signal?.removeEventListener('abort', onSignal));
  try {
    await Promise.all(lanes.map(({ connected }) => connected));
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

function statsOf(lanes: readonly WorkerRules[], durations: Durations): WorkerStats {
  const sum = (of: (lane: WorkerRules) => number): number =>
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
