/**
 * Tries every order of events in a small world. Rules cannot be copied, so each order is played anew from
 * the beginning; a state that has been seen before is not gone on from again.
 */
import type { SmallEvent, SmallWorld } from './small-world.ts';

/** What was tried. */
export interface Exhausted {
  /** Different states that were reached. */
  readonly states: number;
  /** Different states in which nothing more could happen. */
  readonly ends: number;
  /** Runs that were cut off at the depth. */
  readonly cut: number;
}

/**
 * Plays all orders of up to `depth` events in the worlds that `make` makes. Throws what breaks a promise,
 * with the events that led there.
 */
export function exhaust(make: () => SmallWorld, depth: number): Exhausted {
  const seen = new Set<string>();
  let ends = 0;
  let cut = 0;
  const look = (path: readonly number[]): void => {
    const { world, events } = replay(make, path);
    const { fingerprint } = world;
    if (seen.has(fingerprint)) return;
    seen.add(fingerprint);
    if (events.length === 0) {
      ends += 1;
      blame(path, make, () => world.end());
    } else if (path.length >= depth) cut += 1;
    else for (const choice of events.keys()) look([...path, choice]);
  };
  look([]);
  return { states: seen.size, ends, cut };
}

function replay(
  make: () => SmallWorld,
  path: readonly number[],
): { world: SmallWorld; events: SmallEvent[] } {
  const world = make();
  let events = world.events();
  for (const choice of path) {
    const event = events[choice] as SmallEvent;
    blame(path, make, () => event.happen());
    events = world.events();
  }
  return { world, events };
}

function blame(path: readonly number[], make: () => SmallWorld, action: () => void): void {
  try {
    action();
  } catch (error) {
    throw new Error(`${storyOf(path, make)}: ${String(error)}`, { cause: error });
  }
}

/** The events of a path by name, as far as they can be played. */
function storyOf(path: readonly number[], make: () => SmallWorld): string {
  const names: string[] = [];
  try {
    const world = make();
    for (const choice of path) {
      const event = world.events()[choice] as SmallEvent;
      names.push(event.name);
      event.happen();
    }
  } catch {
    // The last of them is what broke.
  }
  return names.join(', ');
}
