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
  overdue,
  workOf,
} from 'brokerless/kit';
import { isDiscard } from './discard.ts';
import type { Answer, Job } from './job-rules.ts';

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
  /** Answers for an item. */
  readonly answer: (job: Job, said: Answer, body: Uint8Array) => void;
  /** Takes down how long the handler took. */
  readonly record: (ms: number) => void;
  /** Tells the time. */
  readonly clock: Clock;
}

class Doing extends Handling implements ItemContext {
  readonly #job: Job;

  constructor(job: Job) {
    super();
    this.#job = job;
  }

  get id(): string {
    return this.#job.id;
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
    for (const job of jobs) this.#doing.get(job)?.abort(new Error(reason));
  }

  /** Nobody waits for anything any more. */
  stop(): void {
    this.#isStopped = true;
    this.abandon([...this.#doing.keys()], 'the worker is closed');
  }

  // A handler that returns at once has the next item begun from within the call: a loop, or the stack would
  // grow with every item.
  #work(): void {
    this.#isBusy = true;
    for (let job = this.#todo.shift(); job !== undefined; job = this.#todo.shift()) {
      if (this.#isStopped) break;
      this.#begin(job);
      if (!overdue(workOf(1, 0))) continue;
      void nextTurn().then(() => this.#work());
      return;
    }
    this.#isBusy = false;
  }

  #begin(job: Job): void {
    const doing = new Doing(job);
    const begunAt = this.#makings.clock.now();
    this.#doing.set(job, doing);
    try {
      const result = this.#handler(this.#bodies.decode(job.body), doing);
      if (!isPromise(result)) this.#succeed(job, begunAt, result);
      else {
        result.then(
          (value) => this.#succeed(job, begunAt, value),
          (error: unknown) => this.#fail(job, begunAt, error),
        );
      }
    } catch (error) {
      this.#fail(job, begunAt, error);
    }
  }

  #succeed(job: Job, begunAt: number, result: Out): void {
    let body: Uint8Array;
    try {
      body = this.#bodies.encode(result);
    } catch (error) {
      // The item is done, and would be done once more.
      const message = `the result cannot travel: ${messageOf(error)}`;
      hear(this.#makings.onError, error);
      this.#answer(job, begunAt, 'discard', encodeFailure({ code: 'BAD_VALUE', message }));
      return;
    }
    this.#answer(job, begunAt, 'done', body);
  }

  #fail(job: Job, begunAt: number, error: unknown): void {
    hear(this.#makings.onError, error);
    const said = isDiscard(error) ? 'discard' : 'failed';
    this.#answer(job, begunAt, said, encodeFailure(failureOf(error)));
  }

  #answer(job: Job, begunAt: number, said: Answer, body: Uint8Array): void {
    const { clock, record, answer } = this.#makings;
    this.#doing.delete(job);
    record(clock.now() - begunAt);
    answer(job, said, body);
  }
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof value === 'object' && value !== null && 'then' in value;
}
