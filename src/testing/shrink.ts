/**
 * Shrink: from the many faults of a run that failed to the few that matter.
 */
import type { Fault } from './faults.ts';
import { type Outcome, type Scenario, type SimulationOptions, simulate } from './simulate.ts';

/**
 * Leaves out of a failed run whatever faults it fails without: by halves, then by smaller and smaller parts,
 * until none that is left can be spared (Zeller's delta debugging), and makes those shorter that may be.
 * Answers with the outcome of the shortest, all of its trace included; with that of the same run if nothing
 * can be left out.
 */
export function shrink(
  scenario: Scenario,
  outcome: Outcome,
  options: Omit<SimulationOptions, 'seed' | 'faults'> = {},
): Outcome {
  const play = (faults: readonly Fault[], trace = false): Outcome =>
    simulate(scenario, { ...options, seed: outcome.seed, faults, trace });
  const fails = (faults: readonly Fault[]): boolean => play(faults).failure !== undefined;
  const few = shorten(fewest(outcome.faults, fails), fails);
  const small = play(few, true);
  return small.failure === undefined ? outcome : small; // Who draws on something outside is no help here.
}

function fewest(all: readonly Fault[], fails: (faults: readonly Fault[]) => boolean): Fault[] {
  if (fails([])) return [];
  let left = [...all];
  let parts = 2;
  while (left.length > 1) {
    const spared = withoutPart(left, parts).find(fails);
    if (spared !== undefined) {
      left = spared;
      parts = Math.max(2, parts - 1);
    } else if (parts >= left.length) break;
    else parts = Math.min(left.length, parts * 2);
  }
  return left;
}

/** The list in so many parts, each time with another of them left out. */
function withoutPart(faults: readonly Fault[], parts: number): Fault[][] {
  const size = Math.ceil(faults.length / parts);
  const starts = Array.from({ length: parts }, (_, part) => part * size);
  return starts
    .filter((start) => start < faults.length)
    .map((start) => [...faults.slice(0, start), ...faults.slice(start + size)]);
}

/** The same faults, each for half the time as often as that still does. */
function shorten(faults: Fault[], fails: (faults: readonly Fault[]) => boolean): Fault[] {
  let shortest = faults;
  for (let i = 0; i < faults.length; i += 1) {
    for (;;) {
      const shorter = shortest.map((fault, at) =>
        at === i ? { ...fault, forMs: Math.floor(fault.forMs / 2) } : fault,
      );
      if ((shorter[i]?.forMs ?? 0) < 1 || !fails(shorter)) break;
      shortest = shorter;
    }
  }
  return shortest;
}
