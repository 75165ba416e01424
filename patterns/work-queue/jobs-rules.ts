/**
 * Jobs: the items that a worker has in hand: those that wait to be begun, in line, and those that have been.
 *
 * Pure: time is an argument, in milliseconds.
 */
import { Fifo } from 'brokerless/kit';
import type { Job } from './job-rules.ts';
import { Seats } from './seats-rules.ts';

/** The items in hand. Whoever is not wanted any more is in hand no longer. */
export class Jobs {
  readonly #line = new Fifo<Job>(); // Those not begun, and some that nobody wants any more.
  readonly #begun = new Seats<Job>();
  #waiting = 0; // In line, and wanted.

  /** How many there are. */
  get size(): number {
    return this.#waiting + this.#begun.size;
  }

  /** Takes one in, at the end of the line. */
  add(n: number, attempt: number, body: Uint8Array, epoch: string): void {
    const state = { isWanted: true, isBegun: false, begunAt: 0, seat: -1 };
    this.#line.push({ n, attempt, body, epoch, ...state });
    this.#waiting += 1;
  }

  /** Begins the one whose turn it is, if there is one. */
  begin(now: number): Job | undefined {
    let job = this.#line.shift();
    while (job?.isWanted === false) job = this.#line.shift();
    if (job === undefined) return undefined;
    this.#waiting -= 1;
    job.isBegun = true;
    job.begunAt = now;
    this.#begun.add(job);
    return job;
  }

  /** One is over. Whether anybody had still wanted it. */
  end(job: Job): boolean {
    const { isWanted, isBegun } = job;
    job.isBegun = false;
    if (!isWanted) return false;
    job.isWanted = false;
    if (isBegun) this.#begun.remove(job);
    return true;
  }

  /** All of them, by number. */
  byNumber(): ReadonlyMap<number, Job> {
    const wanted = [...this.#line, ...this.#begun].filter(({ isWanted }) => isWanted);
    return new Map(wanted.map((job) => [job.n, job]));
  }

  /** Gives back one that has not been begun. */
  giveBack(job: Job): void {
    job.isWanted = false;
    this.#waiting -= 1;
  }

  /** Gives back all that have not been begun. Answers with them, in order. */
  giveAllBack(): readonly Job[] {
    const waiting = [...this.#line].filter(({ isWanted }) => isWanted);
    for (const job of waiting) this.giveBack(job);
    this.#line.clear();
    return waiting;
  }

  /** Nobody wants any of them any more. Answers with those that have been begun. */
  forget(): readonly Job[] {
    this.giveAllBack();
    const begun = [...this.#begun];
    for (const job of begun) job.isWanted = false;
    this.#begun.clear();
    return begun;
  }
}
