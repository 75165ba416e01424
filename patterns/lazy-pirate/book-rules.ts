/**
 * Book rules: all requests of a client that are not over: by number, by when they are due, and in line.
 */
import { Agenda, type BackoffOptions, backoffMs, Fifo } from 'brokerless/kit';
import type { PirateRequest } from './request-rules.ts';

/** How requests are kept. */
export interface BookOptions {
  /** How the waits before further attempts grow. */
  readonly backoff: BackoffOptions;
  /** Gives numbers from 0 up to but not including 1. */
  readonly random: () => number;
}

/** Keeps requests, and begins and ends their attempts. */
export class Book<Key> {
  /** Bytes of what is asked in them. */
  bytes = 0;
  readonly #options: BookOptions;
  readonly #requests = new Map<number, PirateRequest<Key>>();
  readonly #agenda = new Agenda<PirateRequest<Key>>();
  #line = new Fifo<PirateRequest<Key>>(); // Those that wait to be sent, and some that no longer do.
  #gone = 0; // How many no longer do.
  #last = 0;

  constructor(options: BookOptions) {
    this.#options = options;
  }

  /** How many there are. */
  get size(): number {
    return this.#requests.size;
  }

  /** How many wait to be sent. */
  get waiting(): number {
    return this.#line.length - this.#gone;
  }

  /** When the next is due. */
  get deadline(): number | undefined {
    return this.#agenda.deadline;
  }

  /** All of them, the oldest first. One that is taken out meanwhile does no harm. */
  all(): IterableIterator<PirateRequest<Key>> {
    return this.#requests.values();
  }

  /** The one with that number. */
  get(number: number): PirateRequest<Key> | undefined {
    return this.#requests.get(number);
  }

  /** Takes one in, gives it its number, and begins its first attempt. */
  add(request: PirateRequest<Key>, now: number): void {
    const { timeoutMs, attempts, deadlineMs } = request.patience;
    const longestMs = attempts * timeoutMs + (attempts - 1) * this.#options.backoff.maxMs;
    this.#last += 1;
    request.number = this.#last;
    request.until = now + Math.min(deadlineMs, longestMs);
    this.#requests.set(request.number, request);
    this.bytes += request.body.length;
    this.begin(request, now);
  }

  /** Takes one out: it is over. */
  remove(request: PirateRequest<Key>): void {
    if (request.stage === 'over') return;
    const wasWaiting = request.stage === 'waiting';
    request.stage = 'over';
    if (wasWaiting) this.#passOver();
    this.#requests.delete(request.number);
    this.#agenda.remove(request);
    this.bytes -= request.body.length;
  }

  /** Begins an attempt, which waits to be sent. */
  begin(request: PirateRequest<Key>, now: number): void {
    request.attempts += 1;
    request.isSpared = false;
    this.#wakeAt(request, now + request.patience.timeoutMs);
    if (request.stage === 'waiting') return; // It has not left: it keeps its place, and has more time.
    request.stage = 'waiting';
    this.#line.push(request);
  }

  /** Ends an attempt: the request rests, longer each time and never as long as another. */
  rest(request: PirateRequest<Key>, now: number): void {
    const { backoff, random } = this.#options;
    request.stage = 'resting';
    this.#wakeAt(request, now + backoffMs(request.attempts, backoff, random()));
  }

  /** Lets its attempt last until `time`, even if it should be over by then. */
  spare(request: PirateRequest<Key>, time: number): void {
    request.isSpared = true;
    this.#agenda.put(request, time);
  }

  /** The next that is due by `now`, which is entered for no other time then. */
  nextDue(now: number): PirateRequest<Key> | undefined {
    return this.#agenda.shift(now);
  }

  /** Takes the first in line, which is `sent` then. */
  nextWaiting(): PirateRequest<Key> | undefined {
    for (;;) {
      const request = this.#line.shift();
      if (request === undefined) return undefined;
      if (request.stage === 'waiting') {
        request.stage = 'sent';
        return request;
      }
      this.#gone -= 1;
    }
  }

  #wakeAt(request: PirateRequest<Key>, time: number): void {
    this.#agenda.put(request, Math.min(request.until, time));
  }

  /** One in line is over. It stays there until its turn, unless there are many such. */
  #passOver(): void {
    this.#gone += 1;
    if (this.#gone < 32 || this.#gone < this.waiting) return;
    const kept = new Fifo<PirateRequest<Key>>();
    for (const request of this.#line) if (request.stage === 'waiting') kept.push(request);
    this.#line = kept;
    this.#gone = 0;
  }
}
