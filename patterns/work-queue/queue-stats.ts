/**
 * Queue stats: the numbers of a work queue, in the one vocabulary that everything here counts in.
 */
import type { DurationStats, Durations } from 'brokerless/kit';
import type { Alarm } from './alarms.ts';
import type { Queue } from './queue-rules.ts';
import type { Workers } from './workers-rules.ts';

/** The numbers of a work queue. Counters start at 0 and only grow. */
export interface QueueStats {
  /** Items taken on: done, failed, discarded, cancelled and expired ones, and those that are here. */
  readonly accepted: number;
  /** Items that were done. */
  readonly done: number;
  /** Items that nobody could do. */
  readonly failed: number;
  /** Items that a handler has discarded. */
  readonly discarded: number;
  /** Items that were cancelled. */
  readonly cancelled: number;
  /** Items whose time was over. */
  readonly expired: number;
  /** Items that are here: waiting, with a worker, or on their way to or from the store. */
  readonly unfinished: number;
  /** Bytes of those. */
  readonly unfinishedBytes: number;
  /** Items that workers hold. */
  readonly inFlight: number;
  /** Items that are ready and wait for a worker. */
  readonly depth: number;
  /** How long the one that is ready for longest has been, in milliseconds; 0 if none is. */
  readonly oldestMs: number;
  /** Attempts made again because a handler threw. */
  readonly retried: number;
  /** Items given out again because their worker was lost. */
  readonly redelivered: number;
  /** Items that have become dead letters, those that were sent again among them. */
  readonly deadLettered: number;
  /** Dead letters there are. */
  readonly deadLetters: number;
  /** What came too late: results of an earlier attempt, and what peers say that are not known, or not any more. */
  readonly late: number;
  /** Messages of peers that made no sense. */
  readonly faults: number;
  /** Workers there are. */
  readonly workers: number;
  /** How long ended items took from the moment they were put in, in milliseconds. */
  readonly durations: DurationStats;
}

/** What is counted. */
interface Counted {
  readonly queue: Queue;
  readonly workers: Workers;
}

/** How much waits, and how long. */
export function depthOf({ queue }: Counted, now: number): Alarm {
  const { ready, suspects, oldestAt } = queue.backlog;
  return { depth: ready + suspects, oldestMs: oldestAt === undefined ? 0 : now - oldestAt };
}

/** A queue's numbers, of what its rules count and what its sockets do. */
export function statsOf(
  rules: Counted,
  faults: number,
  durations: Durations,
  now: number,
): QueueStats {
  const { queue, workers } = rules;
  return {
    accepted: queue.accepted,
    ...queue.ends,
    unfinished: queue.stock.size,
    unfinishedBytes: queue.stock.bytes,
    inFlight: workers.hands.held,
    ...depthOf(rules, now),
    retried: queue.retried,
    redelivered: queue.redelivered,
    deadLettered: queue.ends.failed,
    deadLetters: queue.letters.size,
    late: workers.late,
    faults: faults + workers.faults,
    workers: workers.hands.size,
    durations: durations.stats(),
  };
}
