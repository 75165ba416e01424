/**
 * Job: what is measured in one process of the bench `rules`.
 */

/** One contestant, one kind of rules. */
export interface RulesJob {
  readonly way: 'ours' | 'floor';
  readonly subject: string;
}

/** How many workers there are, and whose rules are asked. */
export interface Crowd {
  readonly broker: 'Paranoid Pirate' | 'load balancer';
  readonly workers: number;
}

/** The crowds, by the names of their cases. */
export const crowds: ReadonlyMap<string, Crowd> = new Map(
  (['Paranoid Pirate', 'load balancer'] as const).flatMap((broker) =>
    [16, 1000].map((workers) => [`${broker}, ${workers} workers`, { broker, workers }] as const),
  ),
);

/** The case of a worker's lane. */
export const LANE = 'worker lane';

/** The case of a client. */
export const CLIENT = 'Lazy Pirate, 64 in flight';

/** The cases of a fan-out: how many workers there are. */
export const fans: ReadonlyMap<string, number> = new Map([
  ['fan-out, 1 worker', 1],
  ['fan-out, 16 workers', 16],
]);

/** Each case, and what stands beside it as its floor. */
export const subjects: ReadonlyMap<string, string> = new Map([
  ...[...crowds.keys()].map((name) => [name, 'idle list'] as const),
  [LANE, 'echo'],
  [CLIENT, 'Map of calls'],
  ...[...fans.keys()].map((name) => [name, 'Map of items'] as const),
]);
