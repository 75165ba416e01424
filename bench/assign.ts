/**
 * The bench `assign`: how long do requests take when one of the workers is slow, by who gets the next one?
 *
 * Four workers, of which three take 2 ms and one takes 20. Requests come at a tenth of what they can do
 * together, at half of it and at four fifths, at random and whoever is free (a Poisson process). The rules
 * of a Paranoid Pirate queue decide, and time is only counted: sockets, timers and the machine's load have
 * no part in it, so the figures are the policies' own. Each round has other random numbers.
 */
import { type AssignName, assignBy } from 'brokerless/kit';
import { percentile, simulated } from './rules/simulated.ts';
import type { Brief, Outcome, Row } from './support/report.ts';
import { alternate, type Contestant, compare } from './support/rounds.ts';

const SLOW_MS = 20;
const SLOW_FIRST = [SLOW_MS, 2, 2, 2];
const SLOW_LAST = [2, 2, 2, SLOW_MS];
const LOADS = [0.1, 0.5, 0.8];
const REQUESTS = 50_000;

interface Policy {
  readonly name: string;
  readonly assign: AssignName;
  /** How long each worker takes, in the order in which they joined. */
  readonly delaysMs: readonly number[];
}

const floor: Policy = { name: 'longest-idle', assign: 'longest-idle', delaysMs: SLOW_FIRST };

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
  readonly of: (tookMs: readonly number[]) => number;
}[] = [
  { name: 'mean', of: (tookMs) => tookMs.reduce((a, b) => a + b, 0) / tookMs.length },
  { name: 'p95', of: (tookMs) => percentile(tookMs, 0.95) },
  { name: 'p99', of: (tookMs) => percentile(tookMs, 0.99) },
];

/** Compares every policy that was asked for with the default. */
export async function assign(brief: Brief): Promise<Outcome> {
  const rows: Row[] = [];
  for (const load of LOADS) {
    const title = (policy: Policy, name: string): string =>
      `${policy.name}, ${load * 100} % load, ${name}`;
    const wanted = others.flatMap((policy) =>
      questions
        .map((question) => ({ policy, title: title(policy, question.name), of: question.of }))
        .filter((each) => brief.wants(each.title)),
    );
    if (wanted.length === 0) continue;
    const contestants = [floor, ...others].map((policy) => contestant(policy, load));
    const series = await alternate(contestants, brief.rounds);
    for (const { policy, title: name, of } of wanted) {
      const seen = (each: Policy): number[] => (series.get(each.name) ?? []).map(of);
      rows.push({
        bench: 'assign',
        case: name,
        class: 'none',
        unit: 'ms',
        floorName: floor.name,
        ...compare(seen(policy), seen(floor)),
      });
    }
  }
  return { rows };
}

function contestant(policy: Policy, load: number): Contestant<readonly number[]> {
  const { name, delaysMs } = policy;
  const perMs = delaysMs.reduce((sum, delayMs) => sum + 1 / delayMs, 0) * load;
  const task = { assign: assignBy(policy.assign), delaysMs, perMs, count: REQUESTS };
  return { name, measure: (round) => Promise.resolve(simulated({ ...task, seed: round + 1 })) };
}
