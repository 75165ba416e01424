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

// How much work may go by between two looks at the clock. A look is not free, and the first of a turn
// costs the event loop a round: too much for one message, nothing for the many of a tight loop.
const LOOK_EVERY = 256;

/** How much work a message is, in units of a small value's. */
export function workOf(values: number, bytes: number): number {
  return 16 + values + (bytes >> 8);
}

let unseen = 0; // Work since the last look at the clock.
let startedAt: number | undefined; // Of the current turn; undefined until someone asks.
let next: Promise<void> | undefined; // Shared by all who wait for the next turn.
let resolveNext: (() => void) | undefined;
let after: Promise<void> | undefined; // Shared by all who wait for the end of this one.

/**
 * Whether the current turn has lasted longer than {@link TURN_MS}, as far as it is worth a look: `work`
 * says how much has been done since the last call ({@link workOf}), and small amounts add up first.
 */
export function overdue(work: number): boolean {
  unseen += work;
  if (unseen < LOOK_EVERY) return false;
  unseen = 0;
  return systemClock.now() - startOfTurn() > TURN_MS;
}

function startOfTurn(): number {
  if (startedAt === undefined) {
    startedAt = systemClock.now();
    setImmediate(endTurn);
  }
  return startedAt;
}

/** Resolves in the next turn of the event loop, after timers and sockets had their chance. */
export function nextTurn(): Promise<void> {
  startOfTurn();
  next ??= new Promise((resolve) => {
    resolveNext = resolve;
  });
  return next;
}

/** Calls `action` when all that is ready in this turn has been done: the promises that are settled, and theirs. */
export function atTurnEnd(action: () => void): void {
  queueMicrotask(() => process.nextTick(action));
}

/** Resolves when all that is ready in this turn has been done, and what {@link atTurnEnd} put off until then. */
export function afterTurn(): Promise<void> {
  after ??= new Promise((resolve) => {
    atTurnEnd(() =>
      process.nextTick(() => {
        after = undefined;
        resolve();
      }),
    );
  });
  return after;
}

/**
 * A rejection, in the next turn of the event loop if this one is overdue: a loop that is refused again
 * and again must let go of the event loop too.
 */
export function politely(refused: Promise<never>): Promise<never> {
  if (!overdue(workOf(1, 0))) return refused;
  refused.catch(() => {}); // Nobody else hears of it before the next turn.
  const later = nextTurn().then(() => refused);
  later.catch(() => {}); // Whoever refuses says whether it must be handled.
  return later;
}

function endTurn(): void {
  const resolve = resolveNext;
  startedAt = undefined;
  next = undefined;
  resolveNext = undefined;
  resolve?.();
}
