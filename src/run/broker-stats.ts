/**
 * Broker stats: the numbers of a broker, in the one vocabulary that everything here counts in.
 */
import type { Crew } from '../broker/crew.ts';
import type { Requests } from '../broker/requests.ts';
import type { DurationStats, Durations } from './durations.ts';

/** The numbers of a broker. Counters start at 0 and only grow. */
export interface BrokerStats {
  /** Requests taken on. */
  readonly received: number;
  /** Replies of workers sent to clients. */
  readonly sent: number;
  /** Requests that went back in line, because their worker was lost or could not be reached. */
  readonly redelivered: number;
  /** Requests given up, with the failure `WORKER_LOST`, because their workers were lost. */
  readonly deadLettered: number;
  /** Requests whose time was over first; they got `EXPIRED`, or `WORKER_LOST` if a worker had them. */
  readonly expired: number;
  /** Requests turned away with the failure `QUEUE_FULL`. */
  readonly refused: number;
  /** Answers refused: of an earlier attempt or broker, or of a worker that had been given up. */
  readonly late: number;
  /** Replies whose client was gone or took no more, and requests of clients that had gone. */
  readonly dropped: number;
  /** Messages of peers that made no sense. */
  readonly faults: number;
  /** Workers there are. */
  readonly workers: number;
  /** Those of them that wait for a request. */
  readonly idle: number;
  /** Those of them that have one in hand. */
  readonly busy: number;
  /** Requests that workers have in hand. */
  readonly inFlight: number;
  /** Requests that wait for a worker. */
  readonly waiting: number;
  /** The same: how long the line is. */
  readonly depth: number;
  /** Bytes of the requests that wait, bookkeeping included. */
  readonly depthBytes: number;
  /** How long the request that came first has waited, in milliseconds; 0 if none waits. */
  readonly oldestMs: number;
  /** How long answered requests took from their arrival here, in milliseconds. */
  readonly durations: DurationStats;
}

/** What the rules of a broker count. */
export interface BrokerCounts {
  /** Replies sent to clients. */
  readonly answered: number;
  /** Answers refused: nobody had asked for them, or nobody waits for them any more. */
  readonly late: number;
  /** Replies that no client was there to take, and requests of clients that had gone. */
  readonly dropped: number;
  /** Messages that made no sense. */
  readonly faults: number;
  /** Requests that wait for a worker. */
  readonly requests: Requests;
  /** The workers. */
  readonly crew: Crew;
}

/** A broker's numbers, of what its rules count and what its sockets do. */
export function brokerStats(
  { requests, crew, answered, late, dropped, faults }: BrokerCounts,
  faultsOfSockets: number,
  durations: Durations,
  now: number,
): BrokerStats {
  return {
    received: requests.received,
    sent: answered,
    redelivered: requests.redelivered,
    deadLettered: requests.deadLettered,
    expired: requests.expired,
    refused: requests.refused,
    late,
    dropped,
    faults: faults + faultsOfSockets,
    workers: crew.size,
    idle: crew.idle,
    busy: crew.busy,
    inFlight: crew.busy,
    waiting: requests.waiting,
    depth: requests.waiting,
    depthBytes: requests.waitingBytes,
    oldestMs: requests.oldestMs(now),
    durations: durations.stats(),
  };
}
