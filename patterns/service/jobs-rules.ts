/**
 * Jobs: what a server has to carry out: what it takes on, what is next, and what nobody wants any more. Pure.
 */
import { Fifo } from 'brokerless/kit';
import { type Answer, Replies, type RepliesOptions } from './replies-rules.ts';
import type { Served } from './served-rules.ts';

/** What jobs are told at the start. */
export interface JobsOptions extends RepliesOptions {
  /** How many may be carried out at a time. */
  readonly concurrency: number;
  /** How many may wait for that. */
  readonly maxQueued: number;
  /** How many bytes those may take. */
  readonly maxQueueBytes: number;
}

/** What is due: jobs whose clients are to be told that they have begun, and jobs whose time is over. */
export interface DueJobs {
  /** They go on. */
  readonly begun: readonly Served[];
  /** Nobody wants them any more. */
  readonly expired: readonly Served[];
}

// What is still being carried out after so long, its client is told.
const ANNOUNCE_MS = 10;

// So few that nobody wants are not worth being looked for in line.
const SLACK = 64;

/** What there is to do. */
export class Jobs {
  /** How many are being carried out. */
  running = 0;
  /** What was answered to calls with a key. */
  readonly replies: Replies;
  readonly #options: JobsOptions;
  readonly #line = new Fifo<Served>();
  readonly #lasting = new Set<Served>(); // Being carried out for longer than a turn.
  #unwanted = 0; // Those in line that nobody wants any more.
  #bytes = 0; // Of those that wait, in line or for the effect of another.
  #sharing = 0; // Those that wait for the effect of another.
  #lookAt = Infinity; // Nothing is due before.

  constructor(options: JobsOptions) {
    this.#options = options;
    this.replies = new Replies(options);
  }

  /** How many wait. */
  get depth(): number {
    return this.#line.length - this.#unwanted + this.#sharing;
  }

  /** Whether one more can be begun. */
  get isReady(): boolean {
    return this.#line.length > this.#unwanted && this.running < this.#options.concurrency;
  }

  /** Whether there is nothing to do. */
  get isIdle(): boolean {
    return this.running === 0 && this.depth === 0;
  }

  /** When to look at those that last; Infinity if never. */
  get deadline(): number {
    return this.#lookAt;
  }

  /**
   * Takes one on. Answers with its answer if there is one already; with `'shares'` if another is being carried out
   * that has the same effect; with `'full'` if there is no room.
   */
  accept(served: Served, now: number): 'waits' | 'shares' | 'full' | Answer {
    const { concurrency, maxQueued, maxQueueBytes } = this.#options;
    const free = Math.max(0, concurrency - this.running);
    if (this.depth >= maxQueued + free || this.#bytes > maxQueueBytes) return 'full';
    if (served.effect !== undefined) {
      const claim = this.replies.claim(served, served.effect, now);
      if (claim === 'waits') {
        served.isSharing = true;
        this.#sharing += 1;
        this.#bytes += served.came.bytes;
        return 'shares';
      }
      if (claim !== 'first') return claim;
    }
    this.#enlist(served);
    return 'waits';
  }

  /** The next one, to be begun now; those that are not carried out are put into `passed` instead. */
  take(now: number, passed: Served[]): Served | undefined {
    while (this.running < this.#options.concurrency) {
      const served = this.#line.shift();
      if (served === undefined) return undefined;
      if (served.stage !== 'waiting') {
        this.#unwanted -= 1;
        continue;
      }
      this.#bytes -= served.came.bytes;
      if (now < served.came.deadline && served.hasRoom) {
        served.stage = 'running';
        served.begunAt = now;
        this.running += 1;
        return served;
      }
      passed.push(served);
      served.stage = 'over'; // Its client is still to be told.
      this.release(served);
    }
    return undefined;
  }

  /** It is not done when its turn is over. */
  lasts(served: Served): void {
    this.#lasting.add(served);
    const dueAt = Math.min(served.begunAt + ANNOUNCE_MS, served.came.deadline);
    if (dueAt < this.#lookAt) this.#lookAt = dueAt;
  }

  /** It is being carried out no longer. */
  finish(served: Served): void {
    served.stage = 'over';
    this.running -= 1;
    this.#lasting.delete(served);
  }

  /** Its effect has happened. Returns those that wait for the same answer. */
  keep(served: Served, answer: Answer, now: number): readonly Served[] {
    const { effect } = served;
    if (effect === undefined) return NOBODY;
    const sharing = this.replies.keep(effect, answer, now);
    for (const other of sharing) this.#leaves(other);
    return sharing;
  }

  /** Its effect has not happened: somebody else who waits for it brings it about. */
  release({ effect }: Served): void {
    const next = effect === undefined ? undefined : this.replies.release(effect);
    if (next === undefined) return;
    this.#leaves(next);
    this.#enlist(next);
  }

  /** Nobody wants it any more. Returns the one, it or another, whose handler is at work for nobody now. */
  drop(served: Served): Served | undefined {
    if (!served.isWanted) return undefined;
    served.isWanted = false;
    if (served.stage === 'running') return this.#isShared(served) ? undefined : served;
    if (served.stage === 'over') return undefined;
    served.stage = 'over';
    if (served.isSharing) {
      this.#leaves(served);
      return this.replies.leave(served, served.effect ?? '');
    }
    this.#abandon(served);
    this.release(served);
    return undefined;
  }

  /** What is due by now. */
  due(now: number): DueJobs | undefined {
    if (now < this.#lookAt) return undefined;
    const begun: Served[] = [];
    const expired: Served[] = [];
    this.#lookAt = Infinity;
    for (const served of this.#lasting) {
      if (!served.isWanted) continue;
      if (served.came.deadline <= now) expired.push(served);
      else {
        const announceAt = served.begunAt + ANNOUNCE_MS;
        if (!served.isAnnounced && announceAt <= now) begun.push(served);
        served.isAnnounced ||= announceAt <= now;
        const dueAt = served.isAnnounced ? served.came.deadline : announceAt;
        if (dueAt < this.#lookAt) this.#lookAt = dueAt;
      }
    }
    return { begun, expired };
  }

  #enlist(served: Served): void {
    served.isSharing = false;
    this.#line.push(served);
    this.#bytes += served.came.bytes;
  }

  /** It stays in line until its turn, or until most of those in line are like it; there is room for others at once. */
  #abandon({ came }: Served): void {
    this.#bytes -= came.bytes;
    this.#unwanted += 1;
    if (this.#unwanted < SLACK || 2 * this.#unwanted < this.#line.length) return;
    const wanted = [...this.#line].filter(({ stage }) => stage === 'waiting');
    this.#line.clear();
    for (const served of wanted) this.#line.push(served);
    this.#unwanted = 0;
  }

  /** It waits for the effect of another no longer. */
  #leaves(served: Served): void {
    this.#sharing -= 1;
    this.#bytes -= served.came.bytes;
  }

  #isShared({ effect }: Served): boolean {
    return effect !== undefined && this.replies.isAwaited(effect);
  }
}

const NOBODY: readonly never[] = [];
