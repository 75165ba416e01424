/**
 * Job: what a contestant's process is told to do, handed over as its one argument.
 */

/** Which end of the connection a process plays: one binds, the others connect to it. */
export type Role = 'bind' | 'connect';

/**
 * What is sent.
 *
 * - `bytes`: a Uint8Array whose first byte is another one each time, as values in life are.
 * - `constant`: one Uint8Array again and again, never written to.
 * - `object`: `{id, name, args, ts, ok}`, each with its own id.
 */
export type Values = 'bytes' | 'constant' | 'object';

/** Which end to play, and where the other one is (known to those who connect only). */
export interface Place {
  readonly role: Role;
  readonly endpoint: string;
}

/** How much there is to do: `warm` values that are not timed, then `count` that are. */
export interface Counted {
  readonly warm: number;
  readonly count: number;
}

/** Send as fast as one can. */
export interface ThroughputTask extends Counted {
  readonly task: 'throughput';
  readonly values: Values;
  /** The length of a Uint8Array; an object has none. */
  readonly size: number;
  /** Whether the values come one by one, as they do when each has its time. Default: all are there. */
  readonly oneByOne?: boolean;
}

/** Send each value when it is due: see `pacing.ts`. */
export interface LatencyTask {
  readonly task: 'latency';
  readonly size: number;
  /** Values a second. */
  readonly rate: number;
  /** Values sent before the schedule begins, at a rate that grows to the whole. */
  readonly warm: number;
  /** Values on the schedule. */
  readonly count: number;
  /** Values leave at most once in so many microseconds. Default: in every turn of the event loop. */
  readonly turnUs?: number;
}

/** Send `count` values, whatever comes of it, to a receiver that receives none. */
export interface StallTask {
  readonly task: 'stall';
  readonly size: number;
  readonly count: number;
}

/** Send each Uint8Array there and have it sent back: so many are under way at any time. */
export interface RoundTripTask extends Counted {
  readonly size: number;
  readonly inFlight: number;
  /** What the one that binds is to bind. */
  readonly address: string;
}

/** Publish Uint8Arrays on one topic as fast as one can, to so many subscribers who lose none. */
export interface PublishTask extends Counted {
  readonly size: number;
  readonly subscribers: number;
}

/** A task and the place to do it. */
export type Job<Task> = Task & Place;

/** The job of this process: its first argument, read back. */
export function givenJob(): unknown {
  return JSON.parse(process.argv[2] ?? '{}');
}
