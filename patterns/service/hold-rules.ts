/**
 * Hold: when a message to a server waits a little, so that more can go with it.
 *
 *     one leaves ──── a quarter of the time of an answer, at most 1 ms ────▶ the next one may
 *
 * A message wakes a thread on each side of it, and that costs more than many calls do. Whoever asks for calls as they
 * come up, and not in crowds, would send one message in each turn of its event loop, and what is answered as it comes
 * is answered in as many: both sides would do little but wake up, and answers would take ten times as long. So while
 * many calls are under way, few messages share the time of an answer. What is held leaves with the next turn after
 * its wait.
 *
 * It is measured by the quickest answer of those that came last: if others take long, that does not hold up calls that
 * are answered at once. Pure: time is an argument, in milliseconds.
 */

// The most that a message waits after the one before it.
const LONGEST_MS = 1;

// How many messages may leave in the time that an answer takes.
const MESSAGES = 4;

/** Of one server: when something left for it last, and how soon it answers. */
export class Hold {
  readonly #crowd: number;
  #leftAt = -Infinity;
  #heardAt = -Infinity;
  #quickestMs = 0;

  /** @param crowd How many calls must be under way for a message to wait. */
  constructor(crowd: number) {
    this.#crowd = crowd;
  }

  /** It has answered at `now` what was asked `ms` before. What came in one message came at one time. */
  answered(ms: number, now: number): void {
    this.#quickestMs = now === this.#heardAt ? Math.min(ms, this.#quickestMs) : ms;
    this.#heardAt = now;
  }

  /** A message leaves. */
  leaves(now: number): void {
    this.#leftAt = now;
  }

  /** When the next message may leave, with so many calls under way; it may be past. */
  opensAt(inFlight: number): number {
    if (inFlight < this.#crowd) return -Infinity;
    return this.#leftAt + Math.min(LONGEST_MS, this.#quickestMs / MESSAGES);
  }
}
