/**
 * Client stats: the numbers of a client, in all and by method.
 */
import { type DurationStats, Durations } from 'brokerless/kit';
import type { ClientRules } from './client-rules.ts';

/** What is counted of one method at a client. Counters start at 0 and only grow. */
export interface AskedCounts {
  /** How often it was asked. */
  readonly asked: number;
  /** How often it was answered; a stream, read to its end; an event, sent. */
  readonly done: number;
  /** How often it has ended in any other way, given up by its caller among them. */
  readonly failed: number;
}

/** The numbers of one method at a client. */
export interface AskedStats extends AskedCounts {
  /** How many have not ended. */
  readonly inFlight: number;
  /** How long those took that were answered, in milliseconds, all their attempts included. */
  readonly durations: DurationStats;
}

/** The numbers of a client. */
export interface ClientStats {
  /** Attempts sent. */
  readonly sent: number;
  /** Calls, streams and events that have succeeded. */
  readonly received: number;
  /** Attempts after the first. */
  readonly retried: number;
  /** Answers that came when nobody waited for them any more, and were dropped. */
  readonly late: number;
  /** Calls refused here because too many were under way. */
  readonly refused: number;
  /** Events that were given to a connection that has ended. */
  readonly dropped: number;
  /** Messages that made no sense, and were dropped. */
  readonly faults: number;
  /** Calls and streams that have not ended. */
  readonly inFlight: number;
  /** Those of them that no server has at present. */
  readonly depth: number;
  /** Servers that are there and take calls. */
  readonly connections: number;
  /** The same by method. */
  readonly methods: Readonly<Record<string, AskedStats>>;
}

/** Counts what becomes of one method. */
export class AskedNumbers implements AskedCounts {
  asked = 0;
  done = 0;
  failed = 0;
  readonly #durations = new Durations();

  /** One was answered after so many milliseconds. */
  succeed(ms: number): void {
    this.done += 1;
    this.#durations.record(ms);
  }

  /** The numbers at this moment. */
  stats(): AskedStats {
    const { asked, done, failed } = this;
    return {
      asked,
      done,
      failed,
      inFlight: asked - done - failed,
      durations: this.#durations.stats(),
    };
  }
}

/** A client's numbers. */
export function clientStats(
  rules: ClientRules<unknown>,
  own: { readonly refused: number; readonly faults: number },
  numbers: readonly (readonly [string, AskedNumbers])[],
): ClientStats {
  const { calls, inquiries, links } = rules;
  const methods = numbers.map(([name, each]) => [name, each.stats()] as const);
  return {
    sent: calls.sent,
    received: methods.reduce((sum, [, { done }]) => sum + done, 0),
    retried: calls.retried,
    late: calls.late + inquiries.late,
    refused: own.refused,
    dropped: calls.dropped,
    faults: rules.faults + own.faults,
    inFlight: calls.size,
    depth: calls.waiting,
    connections: links.ready,
    methods: Object.fromEntries(methods),
  };
}
