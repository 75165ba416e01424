/**
 * Crew: the workers of a broker, who of them is idle, and what the others have in hand.
 */
import { type Assign, firstOf, type IdleWorker } from './assign.ts';
import type { BrokerRequest, Frames } from './requests.ts';
import { encodeTag, sameBytes } from './tag.ts';

/** A worker of a broker. */
export interface Worker extends IdleWorker {
  /** How many requests it has answered. */
  answered: number;
  /** What each message to it begins with; nothing, unless a pattern says so. */
  address: Frames;
  /** What it has in hand. */
  job: Job | undefined;
  /** Whether it has said that it will take no more. */
  isLeaving: boolean;
}

/** A request in the hands of a worker. */
export interface Job {
  /** What is asked, and by whom. */
  readonly request: BrokerRequest;
  /** What the answer will begin with. */
  readonly tag: Uint8Array;
  /** When the worker was given it, in the clock's milliseconds. */
  readonly givenAt: number;
}

/** What a crew is made of. */
export interface CrewOptions {
  /** Picks the worker for a request. */
  readonly assign: Assign;
  /** What no other run of a broker has; see {@link encodeTag}. */
  readonly epoch: Uint8Array;
  /** Gives numbers from 0 up to but not including 1. */
  readonly random: () => number;
}

/** The workers of a broker. */
export class Crew {
  readonly #options: CrewOptions;
  readonly #workers = new Map<string, Worker>();
  readonly #idle = new Set<Worker>(); // Longest idle first.
  #busy = 0;
  #joined = 0;
  #last: Worker | undefined;

  constructor(options: CrewOptions) {
    this.#options = options;
  }

  /** How many there are. */
  get size(): number {
    return this.#workers.size;
  }

  /** How many wait for a request. */
  get idle(): number {
    return this.#idle.size;
  }

  /** How many have one in hand. */
  get busy(): number {
    return this.#busy;
  }

  /** The names of all workers. */
  names(): IterableIterator<string> {
    return this.#workers.keys();
  }

  /** The worker of that name. */
  get(id: string): Worker | undefined {
    return this.#workers.get(id);
  }

  /** Takes on a worker, which is idle, under a name that no other has. */
  join(id: string): Worker {
    const joined = this.#joined;
    this.#joined += 1;
    const worker: Worker = {
      id,
      joined,
      answered: 0,
      address: [],
      job: undefined,
      isLeaving: false,
    };
    this.#workers.set(id, worker);
    this.#idle.add(worker);
    return worker;
  }

  /** Gives `request` to an idle worker, of whom there must be one, and answers with who it is. */
  hire(request: BrokerRequest, now: number): Worker & { readonly job: Job } {
    const { assign, epoch, random } = this.#options;
    const { priority } = request;
    const choice = assign(this.#idle, { last: this.#last, priority, random: random() });
    const worker = this.#idle.has(choice as Worker) ? (choice as Worker) : firstOf(this.#idle);
    request.attempts += 1;
    const tag = encodeTag(epoch, request.number, request.attempts);
    this.#idle.delete(worker);
    this.#busy += 1;
    this.#last = worker;
    const job: Job = { request, tag, givenAt: now };
    worker.job = job;
    return worker as Worker & { readonly job: Job };
  }

  /** The job that an answer with this tag completes; undefined if it is not what the worker has in hand. */
  complete(worker: Worker, tag: Uint8Array): Job | undefined {
    const { job } = worker;
    if (job === undefined || !sameBytes(job.tag, tag)) return undefined;
    worker.answered += 1;
    return this.takeJob(worker);
  }

  /** Takes out of a worker's hands what it has in them; it is idle then. */
  takeJob(worker: Worker): Job | undefined {
    const { job } = worker;
    if (job === undefined) return undefined;
    worker.job = undefined;
    this.#busy -= 1;
    if (!worker.isLeaving) this.#idle.add(worker);
    return job;
  }

  /** It gets nothing more. */
  withdraw(worker: Worker): void {
    worker.isLeaving = true;
    this.#idle.delete(worker);
  }

  /** Forgets a worker. Answers with what it had in hand. */
  remove(worker: Worker): Job | undefined {
    this.withdraw(worker);
    this.#workers.delete(worker.id);
    return this.takeJob(worker);
  }
}
