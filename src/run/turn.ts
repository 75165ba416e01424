/**
 * Turn: how long the current turn of the event loop has lasted, and a promise of the next one.
 *
 * A loop that awaits settled promises never lets go of the event loop: timers, sockets and signals
 * of the whole process wait for it. Whoever may take part in such a loop asks {@link overdue} now and
 * then, and if told yes waits for {@link nextTurn}. One turn is shared by all sockets of a thread,
 * because they share its event loop.
 */
import { systemClock } from './clock.ts';

/** How long a turn may last before it is overdue, in milliseconds. */
export const TURN_MS = 4;

let startedAt: number | undefined; // Of the current turn; undefined until someone asks.
let next: Promise<void> | undefined; // Shared by all who wait for the next turn.
let resolveNext: (() => void) | undefined;

/** Whether the current turn has lasted longer than {@link TURN_MS}. Costs one look at the clock. */
export function overdue(): boolean {
  const now = systemClock.now();
  if (startedAt === undefined) {
    startedAt = now;
    setImmediate(endTurn);
    return false;
  }
  return now - startedAt > TURN_MS;
}

/** Resolves in the next turn of the event loop, after timers and sockets had their chance. */
export function nextTurn(): Promise<void> {
  if (startedAt === undefined) overdue();
  next ??= new Promise((resolve) => {
    resolveNext = resolve;
  });
  return next;
}

function endTurn(): void {
  const resolve = resolveNext;
  startedAt = undefined;
  next = undefined;
  resolveNext = undefined;
  resolve?.();
}
