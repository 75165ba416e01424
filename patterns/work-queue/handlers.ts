/**
 * Handlers: the items that a worker is doing at this moment. Runs the handler, and answers with what it returns or
 * throws; tells it when nobody waits for that any more.
 */
import {
  type Bodies,
  bodiesBy,
  type Clock,
  encodeFailure,
  Fifo,
  failureOf,
  Handling,
  hear,
  messageOf,
  nextTurn,
} from 'brokerless/kit';
import { isDiscard } from './discard.ts';
import type { Answer, Job } from './job-rules.ts';
import { idOf } from './messages.ts';

/** What a handler may look at besides the item. */
export interface ItemContext {
  /** What the item is called: the same in every attempt, and no other item's. */
  readonly id: string;
  /** Which attempt this is, from 1. */
  readonly attempt: number;
  /**
   * Aborts when nobody waits for the result any more: the item was cancelled, its deadline has passed, the queue
   * was lost, or this worker is closed.
   */
  readonly signal: AbortSignal;
}

/** What handlers are run with. */
export interface HandlersMakings {
  /** The most bytes of one item or result. */
  readonly maxMessageBytes: number;
  /** Hears what the handler throws. */
  readonly onError: ((error: unknown) => void) | undefined;
  /** Answers for an item, and begins others if it may: they are given to {@link Handlers.begin}. */
  readonly answer: (job: Job, said: Answer, body: Uint8Array) => void;
  /** Answers for an item that took no time. Answers with the one that is begun in its place, if one is. */
  readonly answerAndBegin: (
    job: Job,
    said: Answer,
    body: Uint8Array,
    now: number,
  ) => Job | undefined;
  /** Is called when others have their turn between two of them: what was answered need not wait for the rest. */
  readonly pause: () => void;
  /** Takes down how long the handler took. */
  readonly record: (ms: number) => void;
  /** Tells the time. */
  readonly clock: Clock;
}

// How long items are done in a row before others have their turn: answers and beats must leave meanwhile.
const ROW_MS = 2;

class Doing extends Handling implements ItemContext {
  readonly #job: Job;

  constructor(job: Job) {
    super();
    this.#job = job;
  }

  get id(): string {
    return idOf(this.#job.epoch, this.#job.n);
  }

  get attempt(): number {
    return this.#job.attempt;
  }
}

/** Runs a handler. */
export class Handlers<In, Out> {
  readonly #handler: (item: In, context: ItemContext) => Out | Promise<Out>;
  readonly #makings: HandlersMakings;
  readonly #bodies: Bodies<Out, In>;
  readonly #todo = new Fifo<Job>();
  readonly #doing = new Map<Job, Doing>();
  readonly #unwanted = new WeakMap<Job, string>(); // Those told of before they were begun, and why.
  #isBusy = false; // Whether somebody goes through what is to be done.
  #isStopped = false;

  constructor(
    handler: (item: In, context: ItemContext) => Out | Promise<Out>,
    makings: HandlersMakings,
  ) {
    this.#handler = handler;
    this.#makings = makings;
    this.#bodies = bodiesBy<Out, In>('cbor', makings.maxMessageBytes);
  }

  /** Has the handler do an item. */
  begin(job: Job): void {
    this.#todo.push(job);
    if (!this.#isBusy) this.#work();
  }

  /** Nobody waits for these any more. */
  abandon(jobs: readonly Job[], reason: string): void {
    for (const job of jobs) {
      const doing = this.#doing.get(job);
      if (doing === undefined)
        this.#unwanted.set(job, reason); // Its turn has yet to come.
      else doing.abort(new Error(reason));
    }
  }

  /** Nobody waits for anything any more. */
  stop(): void {
    this.#isStopped = true;
    this.abandon([...this.#doing.keys()], 'the worker is closed');
  }

  #work(): void {
    const endsAt = this.#makings.clock.now() + ROW_MS;
    this.#isBusy = true;
    for (let job = this.#todo.shift(); job !== undefined; job = this.#todo.shift()) {
      const left = this.#doInARow(job, endsAt);
      if (left === undefined) continue;
      this.#todo.unshift(left);
      this.#makings.pause();
      void nextTurn().then(() => this.#work());
      return;
    }
    this.#isBusy = false;
  }

  // A handler that returns at once has the next item begun in its place: a loop, or the stack would grow with
  // every item. Answers with the one that is left when others should have their turn.
  #doInARow(first: Job, endsAt: number): Job | undefined {
    const { clock, answerAndBegin, record } = this.#makings;
    let begunAt = clock.now();
    let job: Job | undefined = first;
    while (job !== undefined && !this.#isStopped) {
      const done = this.#begin(job, begunAt);
      if (done === undefined) return undefined; // It takes its time.
      const now = clock.now();
      record(now - begunAt);
      begunAt = now;
      job = answerAndBegin(job, done.said, done.body, now);
      if (job !== undefined && now >= endsAt) return job;
    }
    return undefined;
  }

  /** Begins an item. Undefined if it takes its time: then it is answered for when it is done. */
  #begin(job: Job, begunAt: number): Said | undefined {
    const doing = new Doing(job);
    const unwanted = this.#unwanted.get(job);
    if (unwanted !== undefined) doing.abort(new Error(unwanted));
    try {
      const result = this.#handler(this.#bodies.decode(job.body), doing);
      if (!isPromise(result)) return this.#succeeded(result);
      this.#doing.set(job, doing);
      result.then(
        (value) => this.#answer(job, begunAt, this.#succeeded(value)),
        (error: unknown) => this.#answer(job, begunAt, this.#failed(error)),
      );
      return undefined;
    } catch (error) {
      return this.#failed(error);
    }
  }

  #succeeded(result: Out): Said {
    if (result === undefined) return NOTHING;
    try {
      return { said: 'done', body: this.#bodies.encode(result) };
    } catch (error) {
      // The item is done, and would be done once more.
      const message = `the result cannot travel: ${messageOf(error)}`;
      hear(this.#makings.onError, error);
      return { said: 'discard', body: encodeFailure({ code: 'BAD_VALUE', message }) };
    }
  }

  #failed(error: unknown): Said {
    hear(this.#makings.onError, error);
    return { said: isDiscard(error) ? 'discard' : 'failed', body: encodeFailure(failureOf(error)) };
  }

  #answer(job: Job, begunAt: number, { said, body }: Said): void {
    const { clock, record, answer } = this.#makings;
    this.#doing.delete(job);
    record(clock.now() - begunAt);
    answer(job, said, body);
  }
}

/** What is said of an item. */
interface Said {
  readonly said: Answer;
  readonly body: Uint8Array;
}

// Most handlers return nothing.
const NOTHING: Said = {
  said: 'done',
  body: bodiesBy<undefined, undefined>('cbor', 1).encode(undefined),
};

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  if (typeof value !== 'object' || value === null) return false;
  return typeof (value as { readonly then?: unknown }).then === 'function';
}
