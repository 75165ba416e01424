/**
 * The bench `assign`: how long do requests take when one of the workers is slow, by who gets the next one?
 *
 * Four workers, of which three take 2 ms and one takes 20. Requests come at half of what they can do
 * together, at random and whoever is free (a Poisson process). The rules of a Paranoid Pirate queue
 * decide, and time is only counted: sockets, timers and the machine's load have no part in it, so the
 * figures are the policies' own. Each round has other random numbers.
 */
import { type AssignName, assignBy } from 'brokerless/kit';
import { percentile, simulated } from './rules/simulated.ts';
import type { Brief, Outcome } from './support/report.ts';
import { alternate, type Contestant, compare } from './support/rounds.ts';

const SLOW_MS = 20;
const SLOW_FIRST = [SLOW_MS, 2, 2, 2];
const SLOW_LAST = [2, 2, 2, SLOW_MS];
const LOAD = 0.5;
const REQUESTS = 50_000;

interface Policy {
  readonly name: string;
  readonly assign: AssignName;
  /** How long each worker takes, in the order in which they joined. */
  readonly delaysMs: readonly number[];
}

const longestIdle: Policy = {
  name: 'longest-idle',
  assign: 'longest-idle',
  delaysMs: SLOW_FIRST,
};

// By 'priority' whoever joined first comes first, so that it matters which one is slow.
const others: readonly Policy[] = [
  { name: 'round-robin', assign: 'round-robin', delaysMs: SLOW_FIRST },
  { name: 'random', assign: 'random', delaysMs: SLOW_FIRST },
  { name: 'priority, the first is slow', assign: 'priority', delaysMs: SLOW_FIRST },
  { name: 'priority, the last is slow', assign: 'priority', delaysMs: SLOW_LAST },
];

/** What is asked of each, of how long the requests took, the shortest first. */
const questions: readonly {
  readonly name: string;
  readonly unit: string;
  readonly of: (tookMs: readonly number[]) => number;
}[] = [
  { name: 'mean', unit: 'ms', of: (tookMs) => tookMs.reduce((a, b) => a + b, 0) / tookMs.length },
  { name: 'p50', unit: 'ms', of: (tookMs) => percentile(tookMs, 0.5) },
  { name: 'p99', unit: 'ms', of: (tookMs) => percentile(tookMs, 0.99) },
  // With half the load hardly any waits so long for one of the others.
  { name: 'took 20 ms or more', unit: '%', of: (tookMs) => (slowOf(tookMs) / tookMs.length) * 100 },
];

/** Compares every policy that was asked for with the default. */
export async function assign(brief: Brief): Promise<Outcome> {
  const cases = others.flatMap(({ name }) =>
    questions.map((question) => ({
      ...question,
      policy: name,
      title: `${name}, ${question.name}`,
    })),
  );
  const wanted = cases.filter(({ title }) => brief.wants(title));
  if (wanted.length === 0) return { rows: [] };
  const series = await alternate([longestIdle, ...others].map(contestant), brief.rounds);
  const rows = wanted.map(({ policy, title, unit, of }) => {
    const seen = (name: string): number[] => (series.get(name) ?? []).map(of);
    return {
      bench: 'assign',
      case: title,
      class: 'none',
      unit,
      floorName: longestIdle.name,
      ...compare(seen(policy), seen(longestIdle.name)),
    } as const;
  });
  return { rows };
}

function contestant({ name, assign: policy, delaysMs }: Policy): Contestant<readonly number[]> {
  const perMs = delaysMs.reduce((sum, delayMs) => sum + 1 / delayMs, 0) * LOAD;
  const task = { assign: assignBy(policy), delaysMs, perMs, count: REQUESTS };
  return { name, measure: (round) => Promise.resolve(simulated({ ...task, seed: round + 1 })) };
}

function slowOf(tookMs: readonly number[]): number {
  return tookMs.filter((ms) => ms >= SLOW_MS).length;
}
