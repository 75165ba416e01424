/**
 * Worker rules: when to take an item, what to tell the sink, and when to leave.
 *
 * Pure: the sockets are in worker.ts.
 */
import { type Action, messageOf, type Rules, send, tell } from 'brokerless/kit';
import { asToWorker, type ToSink } from './messages.ts';

/** The ports of a worker: one to read, one to write. */
export type WorkerPort = 'from' | 'to';

/** An item in hand. */
export interface Job {
  /** The batch of work that it belongs to. */
  readonly run: string;
  /** Its number in that batch. */
  readonly id: number;
  /** What is to be worked on. */
  readonly value: unknown;
}

/** What the rules tell the application: an item to work on, or that there will be no more. */
export type WorkerTold = Job | 'finished';

/** What the rules may want done. */
export type WorkerAct = Action<WorkerPort, ToSink, WorkerTold>;

/** The decisions of a worker. */
export class WorkerRules implements Rules<WorkerPort, ToSink, WorkerTold> {
  /** Items taken. */
  received = 0;
  /** Items whose handler threw, or gave what cannot travel. */
  failed = 0;
  /** Messages that made no sense. */
  faults = 0;
  /** Items in hand. */
  inFlight = 0;
  #stopping = false;
  readonly deadline = undefined;
  readonly #name: string;
  readonly #concurrency: number;

  constructor(options: { readonly name: string; readonly concurrency: number }) {
    this.#name = options.name;
    this.#concurrency = options.concurrency;
  }

  accepts(port: WorkerPort): boolean {
    return port === 'from' && !this.#stopping && this.inFlight < this.#concurrency;
  }

  receive(_from: WorkerPort, message: unknown): readonly WorkerAct[] {
    const order = asToWorker(message);
    if (order === undefined) {
      this.faults += 1;
      return [];
    }
    if (order[0] === 'stop') return this.stop();
    const [, run, id, value] = order;
    this.received += 1;
    this.inFlight += 1;
    return [tell({ run, id, value })];
  }

  tick(): readonly WorkerAct[] {
    return [];
  }

  /** Takes nothing more. */
  stop(): readonly WorkerAct[] {
    this.#stopping = true;
    return this.inFlight === 0 ? [tell('finished' as const)] : [];
  }

  /** The handler returned. */
  done(job: Job, value: unknown): readonly WorkerAct[] {
    return this.#settle(send('to', ['done', job.run, job.id, this.#name, value] as const));
  }

  /** The handler threw. The reason is cut to a length that travels. */
  fail(job: Job, error: unknown): readonly WorkerAct[] {
    this.failed += 1;
    return this.#settle(
      send('to', ['failed', job.run, job.id, this.#name, reasonOf(error)] as const),
    );
  }

  /** A result that cannot travel is a failure, and the sink must not wait for it. */
  unsent(_to: WorkerPort, message: ToSink, error: unknown): readonly WorkerAct[] {
    if (message[0] !== 'done') return [];
    this.failed += 1;
    return [send('to', ['failed', message[1], message[2], this.#name, reasonOf(error)])];
  }

  #settle(outcome: WorkerAct): readonly WorkerAct[] {
    this.inFlight -= 1;
    const last = this.#stopping && this.inFlight === 0;
    return last ? [outcome, tell('finished' as const)] : [outcome];
  }
}

const reasonOf = (error: unknown): string => messageOf(error).slice(0, 1000);
