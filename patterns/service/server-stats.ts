/**
 * Server stats: the numbers of a server, in all and by method.
 */
import { type DurationStats, Durations } from 'brokerless/kit';
import type { ServerRules } from './server-rules.ts';

/** What is counted of one method at a server. Counters start at 0 and only grow. */
export interface MethodCounts {
  /** How often it was begun. */
  readonly received: number;
  /** How often it has succeeded. */
  readonly done: number;
  /** How often its handler has failed. */
  readonly failed: number;
  /** How often it was given something that makes no sense. */
  readonly invalid: number;
  /** How often it was refused with `OVERLOADED`. */
  readonly refused: number;
  /** How often a copy was answered as the first with the same key. */
  readonly repeated: number;
  /** How often its client has cancelled it, or has gone before the answer. */
  readonly cancelled: number;
  /** How often its time was over before the answer. */
  readonly expired: number;
  /** How many are being carried out. */
  readonly inFlight: number;
}

/** The numbers of one method at a server. */
export interface MethodStats extends MethodCounts {
  /** How long it took, in milliseconds, from its beginning to its end. */
  readonly durations: DurationStats;
}

/** The numbers of a server. */
export interface ServerStats {
  /** Calls, streams and events that came. */
  readonly received: number;
  /** Answers and values of streams that were given. */
  readonly sent: number;
  /** How many were refused with `OVERLOADED`. */
  readonly refused: number;
  /** How many nobody waited for any more, as their time was over. */
  readonly expired: number;
  /** Messages that made no sense, and were dropped. */
  readonly faults: number;
  /** Messages that their clients did not take. */
  readonly dropped: number;
  /** How many are being carried out. */
  readonly inFlight: number;
  /** How many wait for that. */
  readonly depth: number;
  /** Answers that are kept for calls with the same key. */
  readonly replies: number;
  /** Clients there are. */
  readonly clients: number;
  /** The same by method. */
  readonly methods: Readonly<Record<string, MethodStats>>;
}

/** Counts what becomes of one method. */
export class MethodNumbers implements MethodCounts {
  received = 0;
  done = 0;
  failed = 0;
  invalid = 0;
  refused = 0;
  repeated = 0;
  cancelled = 0;
  expired = 0;
  inFlight = 0;
  readonly #durations = new Durations();

  /** One has ended that took so many milliseconds. */
  end(how: 'done' | 'failed' | 'invalid' | 'stopped', ms: number): void {
    this.inFlight -= 1;
    if (how !== 'stopped') this[how] += 1;
    this.#durations.record(ms);
  }

  /** The numbers at this moment. */
  stats(): MethodStats {
    const { received, done, failed, invalid, refused, repeated } = this;
    const { cancelled, expired, inFlight } = this;
    const ends = { done, failed, invalid, refused, repeated, cancelled, expired };
    return { received, ...ends, inFlight, durations: this.#durations.stats() };
  }
}

/** A server's numbers. */
export function serverStats(
  rules: ServerRules,
  faults: number,
  numbers: readonly (readonly [string, MethodNumbers])[],
): ServerStats {
  const methods = numbers.map(([name, each]) => [name, each.stats()] as const);
  const sum = (of: (stats: MethodStats) => number): number =>
    methods.reduce((total, [, stats]) => total + of(stats), 0);
  return {
    received: rules.clients.received,
    sent: rules.clients.speech.sent,
    refused: sum(({ refused }) => refused),
    expired: sum(({ expired }) => expired),
    faults: rules.clients.faults + faults,
    dropped: rules.dropped,
    inFlight: rules.jobs.running,
    depth: rules.jobs.depth,
    replies: rules.jobs.replies.size,
    clients: rules.clients.sessions.size,
    methods: Object.fromEntries(methods),
  };
}
