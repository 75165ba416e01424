/**
 * Worker rules: takes items as its credit says, begins as many at once as it may, and answers for each.
 *
 * A worker that lost its queue forgets what it has in hand: the queue gives it to another, and refuses what this
 * one would say of it.
 *
 * Pure: the sockets are in worker.ts.
 */
import { type Frames, ListWriter, type Rules, reopen, send, tell } from 'brokerless/kit';
import { Credit } from './credit-rules.ts';
import type { Answer, Job, WorkerAct, WorkerTold } from './job-rules.ts';
import { Jobs } from './jobs-rules.ts';
import { Link, type LinkOptions } from './link-rules.ts';
import { LIST_BYTES, numbers, read, type Said, VERSION, word } from './messages.ts';

/** What the rules of a worker are told at the start. */
export interface WorkerRulesOptions extends LinkOptions {
  /** How many items may be worked on at once. */
  readonly concurrency: number;
  /** How many unfinished items it takes; undefined for as many as keep it busy. */
  readonly credit: number | undefined;
}

/** The decisions of a worker. */
export class WorkerRules implements Rules<'queue', Frames, WorkerTold> {
  /** Items received. */
  received = 0;
  /** Answers sent. */
  sent = 0;
  /** Answers thrown away, because the queue that had given the item was lost. */
  dropped = 0;
  /** Whether so much is to be said that it should not wait for the end of the turn. */
  isFull = false;
  /** Its connection. */
  readonly link: Link;
  readonly #options: WorkerRulesOptions;
  readonly #credit: Credit;
  readonly #jobs = new Jobs();
  readonly #lists = new Map<string, ListWriter>(); // What is being said.
  #running = 0;
  #epoch = '';
  #beatAt = 0;
  #isLeaving = false;

  constructor(options: WorkerRulesOptions) {
    this.#options = options;
    this.#credit = new Credit(options.concurrency, options.credit);
    this.link = new Link(options);
  }

  /** How many items it has in hand. */
  get inFlight(): number {
    return this.#jobs.size;
  }

  /** How many of them have been begun. */
  get running(): number {
    return this.#running;
  }

  /** Messages that made no sense. */
  get faults(): number {
    return this.link.faults;
  }

  accepts(): boolean {
    return !this.link.isOver;
  }

  get deadline(): number | undefined {
    const beatAt = this.link.isUp ? this.#beatAt : Number.POSITIVE_INFINITY;
    const next = Math.min(this.link.deadline, beatAt);
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  receive(_from: 'queue', message: unknown, now: number): readonly WorkerAct[] {
    const said = this.link.take(message, now);
    return said === undefined ? [] : this.#listen(said, now);
  }

  tick(now: number): readonly WorkerAct[] {
    const due = this.link.due(now);
    if (due === 'reconnect') return this.#lose(now);
    if (due === 'introduce') {
      this.#beatAt = now + this.link.heartbeatMs;
      return [send('queue', numbers('ready', VERSION, this.#credit.now))];
    }
    if (!this.link.isUp || now < this.#beatAt) return [];
    this.#beatAt = now + this.link.heartbeatMs;
    return [send('queue', BEAT)];
  }

  left(_port: 'queue', _peer: string, now: number): readonly WorkerAct[] {
    return this.link.isUp ? this.#lose(now) : [];
  }

  /** An answer that does not leave would leave the queue waiting for ever: it shall look elsewhere. */
  unsent(_to: 'queue', frames: Frames, _error: unknown, now: number): readonly WorkerAct[] {
    const said = read(frames)?.word;
    return this.link.isUp && said !== 'beat' ? this.#lose(now) : [];
  }

  /** An item is done, or it is not. What nobody waits for any more is thrown away. */
  answer(job: Job, said: Answer, body: Uint8Array, now: number): readonly WorkerAct[] {
    const next = this.answerAndBegin(job, said, body, now);
    return next === undefined ? [] : [tell({ kind: 'begin', job: next })];
  }

  /** The same, and answers with the item that is begun in its place, if one is: for whoever does many in a row. */
  answerAndBegin(job: Job, said: Answer, body: Uint8Array, now: number): Job | undefined {
    // Also of one that nobody waits for: its handler has had a place till now.
    if (job.isBegun) this.#running -= 1;
    if (!this.#jobs.end(job)) {
      this.dropped += 1;
      return this.#next(now);
    }
    this.sent += 1;
    this.#credit.learn(now - job.begunAt);
    const list = this.#lists.get(said) ?? new ListWriter(said);
    this.#lists.set(said, list.uint(job.n).uint(job.attempt).binary(body));
    this.isFull ||= list.bytes >= LIST_BYTES;
    return this.#next(now);
  }

  flush(): readonly WorkerAct[] {
    const out: WorkerAct[] = [...this.#lists.values()].map((list) => send('queue', [list.done()]));
    this.#lists.clear();
    this.isFull = false;
    const credit = this.#isLeaving ? undefined : this.#credit.change();
    if (credit !== undefined) out.push(send('queue' as const, numbers('credit', credit)));
    return out;
  }

  /** Gives back what it has not begun, finishes the rest, and ends. */
  leave(now: number): readonly WorkerAct[] {
    if (this.#isLeaving || this.link.isOver) return [];
    this.#isLeaving = true;
    if (!this.link.isUp) return this.#end(); // Nobody has given it anything.
    this.link.hurry(now); // Before it is welcomed items may be on their way to it.
    return [...this.flush(), send('queue', LEAVE), ...this.#giveBack()];
  }

  #listen({ word: said, list }: Said, now: number): readonly WorkerAct[] {
    if (said === 'welcome') {
      this.#epoch = String(list[2]);
      this.link.welcomed(Number(list[3]), now);
      this.#beatAt = Math.min(this.#beatAt, now + this.link.heartbeatMs);
    } else if (said === 'items') return this.#take(list, now);
    else if (said === 'stop') return this.#stop(list);
    else if (said === 'bye' && this.#isLeaving) return this.#end();
    else if (said === 'version') return [tell({ kind: 'version', theirs: Number(list[1]) })];
    else if (said !== 'beat') this.link.faults += 1;
    return [];
  }

  #take(list: readonly unknown[], now: number): readonly WorkerAct[] {
    for (let at = 1; at < list.length; at += 3) {
      const body = list[at + 2] as Uint8Array;
      this.#jobs.add(Number(list[at]), Number(list[at + 1]), body, this.#epoch);
      this.received += 1;
    }
    return this.#isLeaving ? this.#giveBack() : this.#begin(now);
  }

  #begin(now: number): readonly WorkerAct[] {
    const out: WorkerAct[] = [];
    for (let job = this.#next(now); job !== undefined; job = this.#next(now)) {
      out.push(tell({ kind: 'begin', job }));
    }
    return out;
  }

  /** The item that is begun next, if another may be. */
  #next(now: number): Job | undefined {
    if (this.#running >= this.#options.concurrency || this.#isLeaving) return undefined;
    const job = this.#jobs.begin(now);
    if (job !== undefined) this.#running += 1;
    return job;
  }

  /** What has not been begun goes back at once; the handler of what has is told, and answers as ever. */
  #stop(list: readonly unknown[]): readonly WorkerAct[] {
    const jobs = this.#jobs.byNumber();
    const begun: Job[] = [];
    const back = new ListWriter('back');
    for (let at = 1; at < list.length; at += 2) {
      const job = jobs.get(Number(list[at]));
      if (job === undefined || job.attempt !== list[at + 1]) continue;
      if (job.isBegun) begun.push(job);
      else {
        this.#jobs.giveBack(job);
        back.uint(job.n).uint(job.attempt);
      }
    }
    const out: WorkerAct[] = back.length > 1 ? [send('queue', [back.done()])] : [];
    if (begun.length > 0) out.push(tell({ kind: 'stop', jobs: begun, reason: 'it was cancelled' }));
    return out;
  }

  #giveBack(): readonly WorkerAct[] {
    const back = new ListWriter('back');
    for (const { n, attempt } of this.#jobs.giveAllBack()) back.uint(n).uint(attempt);
    return back.length > 1 ? [send('queue', [back.done()])] : [];
  }

  #lose(now: number): readonly WorkerAct[] {
    const stop = this.#forget('the queue was lost');
    if (this.#isLeaving) return [...stop, ...this.#end()];
    this.link.lose(now);
    return [...stop, reopen('queue')];
  }

  #end(): readonly WorkerAct[] {
    this.link.end();
    return [...this.#forget('the worker has left'), tell({ kind: 'over' })];
  }

  #forget(reason: string): readonly WorkerAct[] {
    const begun = this.#jobs.forget();
    this.#lists.clear();
    return begun.length > 0 ? [tell({ kind: 'stop', jobs: begun, reason })] : [];
  }
}

const BEAT = word('beat');
const LEAVE = word('leave');
