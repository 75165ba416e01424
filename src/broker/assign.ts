/**
 * Assign: which of the idle workers gets the next request. Small pure functions; your own is as good.
 */
import { type Check, show } from '../rules/check.ts';

/** As much of a worker as matters to whoever assigns work. */
export interface IdleWorker {
  /** Its name while it is connected. */
  readonly id: string;
  /** How many workers joined before it. */
  readonly joined: number;
  /** How many requests it has answered. */
  readonly answered: number;
}

/** What else there is to know. */
export interface AssignContext {
  /** The worker that was assigned work last, idle or not; undefined at first. */
  readonly last: IdleWorker | undefined;
  /** The priority of the request, 0 to 255. */
  readonly priority: number;
  /** A number from 0 up to but not including 1. */
  readonly random: number;
}

/**
 * Picks one of `idle`, which are never none and in order: whoever has been idle longest comes first. None,
 * or one that is not among them, counts as the first.
 */
export type Assign = (
  idle: ReadonlySet<IdleWorker>,
  context: AssignContext,
) => IdleWorker | undefined;

/** The ways to assign work that have names. */
export type AssignName = 'longest-idle' | 'round-robin' | 'random' | 'priority';

/** Whoever has been idle longest. A slow worker is idle less often, and so gets less. */
const longestIdle: Assign = (idle) => firstOf(idle);

/** The next in the order in which they joined, then from the beginning: each as often as the others. */
const roundRobin: Assign = (idle, { last }) => {
  const after = last?.joined ?? -1;
  let next = firstOf(idle);
  for (const worker of idle) {
    if (turnsFrom(after, worker) < turnsFrom(after, next)) next = worker;
  }
  return next;
};

/** How long it is until a worker's turn, when the one that joined as number `after` had the last. */
const turnsFrom = (after: number, { joined }: IdleWorker): number =>
  joined > after ? joined - after : joined + Number.MAX_SAFE_INTEGER / 2;

/** Any of them. */
const atRandom: Assign = (idle, { random }) => {
  let left = Math.floor(random * idle.size);
  for (const worker of idle) {
    if (left === 0) return worker;
    left -= 1;
  }
  return firstOf(idle);
};

/** Whoever joined first. Those that came later are a reserve for when it is busy. */
const byPriority: Assign = (idle) => {
  let best = firstOf(idle);
  for (const worker of idle) if (worker.joined < best.joined) best = worker;
  return best;
};

const named: Readonly<Record<AssignName, Assign>> = {
  'longest-idle': longestIdle,
  'round-robin': roundRobin,
  random: atRandom,
  priority: byPriority,
};

/**
 * The function behind a name, or the user's own. `onError` hears what that throws, which counts as no
 * choice; left out, it is thrown on.
 */
export function assignBy(assign: AssignName | Assign, onError?: (error: unknown) => void): Assign {
  if (typeof assign === 'string') return named[assign];
  if (onError === undefined) return assign;
  return (idle, context) => {
    try {
      return assign(idle, context);
    } catch (error) {
      onError(error);
      return undefined;
    }
  };
}

/** A check of the option `assign`. */
export const isAssign: Check = (value) =>
  typeof value === 'function' || Object.hasOwn(named, String(value))
    ? undefined
    : `${Object.keys(named).map(show).join(', ')} or a function`;

/** The item that has been in a set for longest, which has at least one. */
export function firstOf<T>(set: ReadonlySet<T>): T {
  return set.values().next().value as T;
}
