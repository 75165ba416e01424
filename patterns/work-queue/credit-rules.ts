/**
 * Credit: how many unfinished items a worker takes, if nobody has said so: as many as it does in some 20 ms.
 *
 * Enough that it is never idle while the next ones are on their way, and no more: what it holds nobody else can
 * do. Small items come by the thousand and long ones two at a time.
 *
 * Pure: time is an argument, in milliseconds.
 */

const AHEAD_MS = 20;
// With more than a few thousand under way at once, memory is collected the dear way.
const MOST = 1536;

/** How much of a new measurement counts. */
const WEIGHT = 0.05;

/** The credit of one worker. */
export class Credit {
  /** As the queue has been told. */
  now: number;
  readonly #concurrency: number;
  readonly #isGiven: boolean;
  #meanMs = AHEAD_MS;

  /** @param given As somebody has said; undefined if it is to be found out. */
  constructor(concurrency: number, given: number | undefined) {
    this.#concurrency = concurrency;
    this.#isGiven = given !== undefined;
    this.now = given ?? 2 * concurrency;
  }

  /** An item took so long. */
  learn(ms: number): void {
    this.#meanMs += WEIGHT * (ms - this.#meanMs);
  }

  /** The new credit, if it is another by far. */
  change(): number | undefined {
    if (this.#isGiven) return undefined;
    const enough = Math.ceil((this.#concurrency * AHEAD_MS) / Math.max(this.#meanMs, 0.001));
    const wanted = Math.max(2 * this.#concurrency, Math.min(MOST, enough));
    if (wanted < 1.5 * this.now && wanted > this.now / 2) return undefined;
    this.now = wanted;
    return wanted;
  }
}
