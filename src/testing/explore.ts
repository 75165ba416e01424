/**
 * Explore: many seeds of a scenario, the first failure made small, and all that was seen on the way added up.
 */

import { shrink } from './shrink.ts';
import { type Outcome, type Scenario, type SimulationOptions, simulate } from './simulate.ts';

/** How a scenario is explored. */
export interface ExploreOptions extends Omit<SimulationOptions, 'seed' | 'faults' | 'trace'> {
  /** Which seeds: so many from 1 on, or so many from another. */
  readonly seeds: number | { readonly from: number; readonly count: number };
  /** Each so manieth seed is run twice, to see that both runs are the same. Default 100. */
  readonly replayEvery?: number | undefined;
}

/** What was found. */
export interface Exploration {
  /** How many seeds were run. */
  readonly seeds: number;
  /** How many events there were in all. */
  readonly events: number;
  /** The first failure, made small; undefined if there was none. */
  readonly failure: Outcome | undefined;
  /** The same failure as it was found, with all of its faults. */
  readonly found: Outcome | undefined;
  /** How often each mark was passed, over all seeds. */
  readonly marks: ReadonlyMap<string, number>;
}

/** Runs a scenario with one seed after the other, and stops at the first that fails. */
export function explore(scenario: Scenario, options: ExploreOptions): Exploration {
  const { seeds: range, replayEvery = 100, ...rest } = options;
  const { from, count } = typeof range === 'number' ? { from: 1, count: range } : range;
  const marks = new Map<string, number>();
  let events = 0;
  for (let seed = from; seed < from + count; seed += 1) {
    let outcome = simulate(scenario, { ...rest, seed });
    events += outcome.events;
    for (const [name, times] of outcome.marks) marks.set(name, (marks.get(name) ?? 0) + times);
    if ((seed - from) % replayEvery === 0) outcome = sameAgain(scenario, outcome, rest);
    if (outcome.failure === undefined) continue;
    const failure = outcome.failure instanceof Unsteady ? outcome : shrink(scenario, outcome, rest);
    return { seeds: seed - from + 1, events, failure, found: outcome, marks };
  }
  return { seeds: count, events, failure: undefined, found: undefined, marks };
}

/** The failure of a seed that two runs of it were not the same. */
class Unsteady extends Error {}

function sameAgain(
  scenario: Scenario,
  outcome: Outcome,
  options: Omit<SimulationOptions, 'seed'>,
): Outcome {
  const { hash } = simulate(scenario, { ...options, seed: outcome.seed });
  if (hash === outcome.hash) return outcome;
  const failure = new Unsteady(
    'two runs of this seed were not the same: the scenario, or the rules, draw on something outside',
  );
  return { ...outcome, failure };
}
