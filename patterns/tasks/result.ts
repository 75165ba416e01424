/**
 * Result: a task that was sent, and what becomes of it.
 */
import { BrokerlessError, isBrokerlessError } from 'brokerless';
import { type Clock, type WaitOptions, waitFor } from 'brokerless/kit';
import type { Outcome, Producer } from 'brokerless/patterns/work-queue';
import type { TaskItem } from './messages.ts';
import { TaskError } from './task-error.ts';

/**
 * How a task stands. It is `pending` until it has ended, be it waiting, at work or between two attempts: the work
 * queue does not tell these apart.
 */
export type TaskStatus = 'pending' | Outcome<unknown>['status'];

/** A task that was sent. */
export interface TaskResult<Out> {
  /** What it is called: no other task of any queue is called the same. */
  readonly id: string;
  /** What the task is called in the registry. */
  readonly task: string;
  /**
   * Resolves with what the function returned. Rejects with a `TaskError` if the task came to nothing; with `TIMEOUT`
   * or `ABORTED` if the wait is over before, which ends the waiting only; with `CLOSED`.
   */
  get(options?: WaitOptions): Promise<Out>;
  /** Resolves with how the task ends, whichever way; rejects if the wait is over before, as {@link get} does. */
  outcome(options?: WaitOptions): Promise<Outcome<Out>>;
  /** Asks the queue how the task stands. Rejects as {@link outcome} does. */
  status(options?: WaitOptions): Promise<TaskStatus>;
  /**
   * Cancels the task, if it has not ended: one that waits is not begun, one that is at work sees its `signal` fire.
   * Resolves when the queue is there to be told; rejects as {@link outcome} does.
   */
  cancel(options?: WaitOptions): Promise<void>;
}

// No queue ever counts as far as to here, so it answers at once that it knows no such item.
const FIRST_UNKNOWN = Number.MAX_SAFE_INTEGER - 1_000_000_000;

/** The connection by which results are asked for. */
export class Line {
  /** What tasks are sent by. */
  readonly producer: Producer<TaskItem, unknown>;
  /** Tells the time. */
  readonly clock: Clock | undefined;
  #unknown = FIRST_UNKNOWN;

  constructor(producer: Producer<TaskItem, unknown>, clock: Clock | undefined) {
    this.producer = producer;
    this.clock = clock;
  }

  /**
   * Resolves when the queue of `id` has answered what it was asked before: it is asked for an item that there is
   * not, and it answers in order.
   */
  async catchUp(id: string): Promise<undefined> {
    this.#unknown = this.#unknown < Number.MAX_SAFE_INTEGER ? this.#unknown + 1 : FIRST_UNKNOWN;
    await this.producer.outcome(`${id.slice(0, id.lastIndexOf('-'))}-${this.#unknown}`);
    return undefined;
  }
}

/** A {@link TaskResult} of a connection. */
export class Result<Out> implements TaskResult<Out> {
  readonly id: string;
  readonly task: string;
  readonly #line: Line;
  #outcome: Promise<Outcome<Out>> | undefined; // Asked for when somebody first wants to know.

  constructor(id: string, task: string, line: Line) {
    this.id = id;
    this.task = task;
    this.#line = line;
  }

  async get(options: WaitOptions = {}): Promise<Out> {
    const outcome = await this.outcome(options);
    if (outcome.status === 'done') return outcome.value;
    throw new TaskError(outcome, { task: this.task });
  }

  outcome(options: WaitOptions = {}): Promise<Outcome<Out>> {
    return this.#wait('result', this.#ask(), options);
  }

  async status(options: WaitOptions = {}): Promise<TaskStatus> {
    const known = Promise.race([this.#ask(), this.#line.catchUp(this.id)]);
    const outcome = await this.#wait('status', known, options);
    return outcome?.status ?? 'pending';
  }

  async cancel(options: WaitOptions = {}): Promise<void> {
    await this.#wait('queue', this.#line.catchUp(this.id), options);
    this.#line.producer.cancel(this.id);
  }

  #ask(): Promise<Outcome<Out>> {
    if (this.#outcome === undefined) {
      this.#outcome = this.#line.producer.outcome(this.id) as Promise<Outcome<Out>>;
      this.#outcome.catch(() => {}); // Whoever waits hears of it.
    }
    return this.#outcome;
  }

  /** Whatever ends the waiting, the task goes on. */
  async #wait<T>(what: string, promise: Promise<T>, options: WaitOptions): Promise<T> {
    try {
      return await waitFor(what, promise, options, this.#line.clock);
    } catch (error) {
      if (!isBrokerlessError(error)) throw error;
      const { code, message, cause } = error;
      throw new BrokerlessError(code, `${this.task}: ${message}`, { cause, mayHaveRun: 'maybe' });
    }
  }
}
