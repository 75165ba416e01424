/**
 * Hold: when a message to a server waits a little, so that more can go with it.
 *
 *     one leaves ──── a quarter of the time of an answer, at most 1 ms ────▶ the next one may
 *
 * A message wakes a thread on each side of it, and that costs more than many calls do. Whoever asks for calls as they
 * come up, and not in crowds, would send one message in each turn of its event loop, and what is answered as it comes
 * is answered in as many: both sides would do little but wake up, and answers would take ten times as long. So while
 * much is under way, few messages share the time of an answer. What is held leaves with the first turn after its wait;
 * if nothing else happens a timer ends it, whose milliseconds are whole. It counts as sent from the beginning: if its
 * time is over meanwhile it is said to have been sent, which is too careful.
 *
 * The time of an answer is that of the quickest in the message of answers that came last, from the moment that its
 * caller asked. One that was slow by itself, or was asked twice, makes the next ones wait the whole millisecond.
 *
 * Pure: time is an argument, in milliseconds.
 */

// The most that a message is to wait after the one before it.
const LONGEST_MS = 1;

// How many messages may leave in the time that an answer takes.
const MESSAGES = 4;

/** Of one server: when something left for it last, and how soon callers have its answers. */
export class Hold {
  readonly #crowd: number;
  #leftAt = -Infinity;
  #heardAt = -Infinity;
  #quickestMs = 0;

  /** @param crowd How many calls and streams must be under way for a message to wait. */
  constructor(crowd: number) {
    this.#crowd = crowd;
  }

  /** It has answered at `now` what was asked for `ms` before. What came in one message came at one time. */
  answered(ms: number, now: number): void {
    this.#quickestMs = now === this.#heardAt ? Math.min(ms, this.#quickestMs) : ms;
    this.#heardAt = now;
  }

  /** A message leaves. */
  leaves(now: number): void {
    this.#leftAt = now;
  }

  /** When the next message may leave, with so much under way; it may be past. */
  opensAt(inFlight: number): number {
    if (inFlight < this.#crowd) return -Infinity;
    return this.#leftAt + Math.min(LONGEST_MS, this.#quickestMs / MESSAGES);
  }
}
