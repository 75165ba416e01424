/**
 * Job: what a contestant's process is told to do, handed over as its one argument.
 */

/** Which end of the connection a process plays. The receiver binds, the sender connects. */
export type Role = 'push' | 'pull';

/**
 * What is sent.
 *
 * - `bytes`: a Uint8Array whose first byte is another one each time, as values in life are.
 * - `constant`: one Uint8Array again and again, never written to.
 * - `object`: `{id, name, args, ts, ok}`, each with its own id.
 */
export type Values = 'bytes' | 'constant' | 'object';

/** Which end to play, and where the other one is (known to the sender only). */
export interface Place {
  readonly role: Role;
  readonly endpoint: string;
}

/** Send as fast as one can: `warm` values that are not timed, then `count` that are. */
export interface ThroughputTask {
  readonly task: 'throughput';
  readonly values: Values;
  /** The length of a Uint8Array; an object has none. */
  readonly size: number;
  readonly warm: number;
  readonly count: number;
}

/** Send each value when it is due: see `pacing.ts`. */
export interface LatencyTask {
  readonly task: 'latency';
  readonly size: number;
  /** Values a second. */
  readonly rate: number;
  /** Values sent one a turn of the event loop, before the schedule begins. */
  readonly warm: number;
  /** Values on the schedule. */
  readonly count: number;
}

/** Send `count` values, whatever comes of it, to a receiver that receives none. */
export interface StallTask {
  readonly task: 'stall';
  readonly size: number;
  readonly count: number;
}

/** The job of this process: its first argument, read back. */
export function givenJob(): (ThroughputTask | LatencyTask) & Place {
  return given() as (ThroughputTask | LatencyTask) & Place;
}

/** The same, for a process that sends to a stalled receiver. */
export function givenStall(): StallTask & Pick<Place, 'endpoint'> {
  return given() as StallTask & Place;
}

function given(): unknown {
  return JSON.parse(process.argv[2] ?? '{}');
}
