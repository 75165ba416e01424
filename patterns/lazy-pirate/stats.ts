/**
 * Stats: the numbers of a Lazy Pirate client, and its events.
 */
import type { DurationStats, Durations } from 'brokerless/kit';
import type { LazyPirateRules } from './rules.ts';
import type { Switch } from './servers-rules.ts';

/** The numbers of a Lazy Pirate client. */
export interface LazyPirateStats {
  /** Attempts sent. */
  readonly sent: number;
  /** Requests answered, with a result or a failure. */
  readonly received: number;
  /** Attempts after the first of their request. */
  readonly retried: number;
  /** Replies that came when nobody waited for them any more, and were dropped. */
  readonly late: number;
  /** Requests refused because too many were in flight. */
  readonly refused: number;
  /** Messages that made no sense, and were dropped. */
  readonly faults: number;
  /** Sockets opened after the first. */
  readonly reconnects: number;
  /** Requests that wait for answers. */
  readonly inFlight: number;
  /** Those of them that wait to be sent. */
  readonly depth: number;
  /** 1 while a server is connected, otherwise 0. Always 1 over inproc. */
  readonly connections: number;
  /** How long requests took that were answered, in milliseconds, all their attempts included. */
  readonly durations: DurationStats;
}

/** What there is to hear of a Lazy Pirate client. */
export interface LazyPirateEvents {
  /** A server has been left for another, or for a fresh socket to the same. */
  readonly switch: Switch;
}

/** What is counted outside the rules. */
export interface OwnCounts {
  /** Requests refused. */
  readonly refused: number;
  /** Messages that made no sense, and the rules did not see. */
  readonly faults: number;
  /** How long requests took. */
  readonly durations: Durations;
}

/** The numbers at this moment. */
export function statsOf(rules: LazyPirateRules<unknown>, own: OwnCounts): LazyPirateStats {
  const { sent, received, retried, late, faults, book, servers } = rules;
  return {
    sent,
    received,
    retried,
    late,
    refused: own.refused,
    faults: faults + own.faults,
    reconnects: servers.switches,
    inFlight: book.size,
    depth: book.waiting,
    connections: servers.isConnected ? 1 : 0,
    durations: own.durations.stats(),
  };
}
