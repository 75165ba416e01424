/**
 * Plays a Lazy Pirate's rules by hand: a client whose time and server are the test's.
 */
import {
  type Action,
  DELIMITER,
  decodeHeader,
  encodeFailure,
  type Failure,
  type Frames,
} from 'brokerless/kit';
import type { PirateTold } from '../../../patterns/lazy-pirate/reply-rules.ts';
import { type Patience, PirateRequest } from '../../../patterns/lazy-pirate/request-rules.ts';
import {
  LazyPirateRules,
  type LazyPirateRulesOptions,
} from '../../../patterns/lazy-pirate/rules.ts';

/** What became of a request, as a test compares it. */
export type Outcome = readonly [name: string, answer: string] | readonly [string, string, string];

/** A client at play. */
export class Play {
  now = 1000;
  readonly rules: LazyPirateRules<string>;
  /** The frames of all that was sent. */
  readonly sent: Frames[] = [];
  /** Where sockets were opened anew. */
  readonly opened: (string | undefined)[] = [];
  /** What requests came to: an answer, or a code and whether it may have run. */
  readonly outcomes: Outcome[] = [];
  /** What else was told. */
  readonly told: string[] = [];

  constructor(options: Partial<LazyPirateRulesOptions> = {}) {
    this.rules = new LazyPirateRules({
      servers: ['first', 'second', 'third'],
      salt: Uint8Array.of(1, 2, 3, 4),
      backoff: { baseMs: 100, maxMs: 1000 },
      freshAfter: 2,
      connectMs: 500,
      startedAt: this.now,
      window: 1000,
      random: () => 0.5,
      ...options,
    });
  }

  /** The bodies of what was sent, as text. */
  get bodies(): string[] {
    return this.sent.map((frames) => Buffer.from(frames[2] as Uint8Array).toString());
  }

  /** Connects or disconnects the server. */
  connect(isConnected = true): this {
    this.#act(this.rules.connected(isConnected, this.now));
    return this;
  }

  /** Asks; the name of the request is its body. */
  ask(name: string, patience: Partial<Patience> = {}): PirateRequest<string> {
    const request = new PirateRequest(name, Buffer.from(name), {
      timeoutMs: 1000,
      attempts: 3,
      deadlineMs: Number.POSITIVE_INFINITY,
      priority: 0,
      ...patience,
    });
    this.#act(this.rules.ask(request, this.now));
    return request;
  }

  /** Replies to what was sent as number `index`. */
  answer(index: number, text = 'yes'): void {
    this.receive([...this.#addressOf(index), Buffer.from(text)]);
  }

  /** Says that what was sent as number `index` has failed; a broker does, unless `more` says otherwise. */
  refuse(index: number, code: string, more: Partial<Failure> = {}): void {
    const failure = encodeFailure({ code, message: `no: ${code}`, from: 'broker', ...more });
    this.receive([...this.#addressOf(index), DELIMITER, failure]);
  }

  /** A message arrives. */
  receive(frames: unknown): void {
    this.#act(this.rules.receive('server', frames, this.now));
  }

  /** The socket takes a message. */
  take(): void {
    this.#act(this.rules.taken(this.now));
  }

  /** Time passes, and every deadline on the way is met. */
  pass(ms: number): this {
    const end = this.now + ms;
    for (let at = this.rules.deadline; at !== undefined && at <= end; at = this.rules.deadline) {
      this.now = Math.max(this.now, at);
      this.#act(this.rules.tick(this.now));
    }
    this.now = end;
    return this;
  }

  /** Time passes unnoticed, and then there is a tick. */
  sleep(ms: number): this {
    this.now += ms;
    this.#act(this.rules.tick(this.now));
    return this;
  }

  /** What was sent as number `index` did not leave. */
  fail(index: number, error: unknown): void {
    this.#act(this.rules.unsent('server', this.sent[index] as Frames, error, this.now));
  }

  /** The header of what was sent as number `index`. */
  header(index: number) {
    const header = decodeHeader(this.sent[index]?.[0] as Uint8Array);
    if (header === undefined) throw new Error(`what was sent as number ${index} has no header`);
    return { ...header, id: Buffer.from(header.id).toString('hex') };
  }

  /** All that may be left of requests. */
  get leftovers() {
    const { book, deadline } = this.rules;
    return { size: book.size, bytes: book.bytes, waiting: book.waiting, deadline };
  }

  #addressOf(index: number): Frames {
    return (this.sent[index] as Frames).slice(0, 2);
  }

  #act(actions: readonly Action<'server', Frames, PirateTold<string>>[]): void {
    for (const action of actions) {
      if (action.kind === 'send') this.sent.push(action.message);
      else if (action.kind === 'reopen') this.opened.push(action.to);
      else this.#hear(action.what);
    }
  }

  #hear(told: PirateTold<string>): void {
    if (told.kind === 'answer') {
      this.outcomes.push([told.request.key, Buffer.from(told.body).toString()]);
    } else if (told.kind === 'failed') {
      this.outcomes.push([told.request.key, told.failure.code, told.request.mayHaveRun]);
    } else if (told.kind === 'switch') this.told.push(`${told.from} to ${told.to}: ${told.reason}`);
    else this.told.push(told.reason);
  }
}

/** When nothing is left of any request. */
export const nothing = { size: 0, bytes: 0, waiting: 0, deadline: undefined } as const;
