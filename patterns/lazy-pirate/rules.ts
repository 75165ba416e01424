/**
 * Rules of the Lazy Pirate: when to ask, when to ask again, when to try another server, and when to give up.
 *
 * A request goes out while a server is connected, and waits here while none is, so that what nobody wants
 * any more never leaves. An attempt that brings nothing in time is made again after a growing, random wait.
 * A server that is silent or not there is left for the next one, on a fresh socket: what was asked on the
 * old one is asked anew at once.
 *
 * Pure: the socket is in client.ts. ZeroMQ Guide, chapter 4, "Client-Side Reliability (Lazy Pirate Pattern)".
 */
import {
  type Action,
  bodyStart,
  type Frames,
  messageOf,
  type Rules,
  reopen,
  send,
  tell,
} from 'brokerless/kit';
import { Book, type BookOptions } from './book-rules.ts';
import { type PirateFailure, type PirateTold, timeout, verdictOf } from './reply-rules.ts';
import { framesOf, numberIn, type PirateRequest } from './request-rules.ts';
import { Servers, type ServersOptions, type SwitchReason } from './servers-rules.ts';

/** What the rules are told at the start. */
export interface LazyPirateRulesOptions extends ServersOptions, BookOptions {
  /** What this client's ids begin with, and those of no other. */
  readonly salt: Uint8Array;
  /** How many messages may have been sent that the socket has not taken yet. */
  readonly window: number;
}

type Act<Key> = Action<'server', Frames, PirateTold<Key>>;

// A tick that is so much too late has slept through messages that still wait in the socket. What was due
// is given a little time, once, in which they are read.
const SLEPT_MS = 100;
const SPARED_MS = 20;

/** The decisions of a Lazy Pirate client. */
export class LazyPirateRules<Key> implements Rules<'server', Frames, PirateTold<Key>> {
  /** Attempts handed to a socket. */
  sent = 0;
  /** Requests that a server or a broker has answered, with a result or with a failure. */
  received = 0;
  /** Attempts after the first. */
  retried = 0;
  /** Replies that came when nobody waited for them any more. */
  late = 0;
  /** Messages that made no sense. */
  faults = 0;
  /** What is asked and not over. */
  readonly book: Book<Key>;
  /** Whom it is asked. */
  readonly servers: Servers;
  readonly #options: LazyPirateRulesOptions;
  #watchers = 0; // Who waits for a connection without a request.
  #untaken = 0; // Messages that the socket has not taken yet.
  #owed = 0; // Messages on this connection without a reply.

  constructor(options: LazyPirateRulesOptions) {
    this.#options = options;
    this.book = new Book(options);
    this.servers = new Servers(options);
  }

  /** Reads while any reply may come. */
  accepts(): boolean {
    return this.book.size > 0 || this.#owed > 0;
  }

  get deadline(): number | undefined {
    const leaveAt = this.#wantsServer ? this.servers.leaveAt : Number.POSITIVE_INFINITY;
    const next = Math.min(this.book.deadline ?? Number.POSITIVE_INFINITY, leaveAt);
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  /** Takes on a request. */
  ask(request: PirateRequest<Key>, now: number): readonly Act<Key>[] {
    this.book.add(request, now);
    return this.#flush(now, []);
  }

  /** Nobody waits for it any more. */
  forget(request: PirateRequest<Key>): readonly Act<Key>[] {
    this.book.remove(request);
    return [];
  }

  /** The socket has taken one of the messages that were sent. */
  taken(now: number): readonly Act<Key>[] {
    this.#untaken = Math.max(0, this.#untaken - 1);
    return this.#flush(now, []);
  }

  /** One more wants a connection without a request; or, with -1, one less. */
  watch(change: 1 | -1): readonly Act<Key>[] {
    this.#watchers += change;
    return [];
  }

  /** The server is connected now, or not any more. */
  connected(isConnected: boolean, now: number): readonly Act<Key>[] {
    if (isConnected === this.servers.isConnected) return [];
    this.servers.connected(isConnected, now);
    if (!isConnected) this.#loseConnection(now);
    return this.#flush(now, []);
  }

  receive(_from: 'server', message: unknown, now: number): readonly Act<Key>[] {
    const frames = message as Frames;
    const header = bodyStart(frames) === 2 ? frames[0] : undefined;
    const number = header && numberIn(header, this.#options.salt);
    if (number === undefined) {
      return this.#fault('a reply that begins with no id of a request and an empty frame');
    }
    this.servers.heard(now);
    this.#owed = Math.max(0, this.#owed - 1);
    const request = this.book.get(number);
    if (request !== undefined) return this.#take(request, frames, now);
    this.late += 1;
    return [];
  }

  tick(now: number): readonly Act<Key>[] {
    const out: Act<Key>[] = [];
    const hasSlept = now - (this.book.deadline ?? now) > SLEPT_MS;
    for (let next = this.book.nextDue(now); next !== undefined; next = this.book.nextDue(now)) {
      this.#wake(next, hasSlept, now, out);
    }
    const reason = this.servers.verdict(this.#wantsServer, now);
    if (reason !== undefined) this.#switch(reason, now, out);
    return this.#flush(now, out);
  }

  unsent(_to: 'server', message: Frames, error: unknown, now: number): readonly Act<Key>[] {
    const number = numberIn(message[0] as Uint8Array, this.#options.salt);
    const request = this.book.get(number ?? 0);
    if (request?.stage !== 'sent') return [];
    const out: Act<Key>[] = [];
    this.sent -= 1;
    this.#owed = Math.max(0, this.#owed - 1);
    request.unsend();
    const reason = `the request could not be sent: ${messageOf(error)}`;
    this.#fail(request, { code: 'SOCKET', message: reason, cause: error }, now, out);
    return out;
  }

  get #wantsServer(): boolean {
    return this.book.waiting > 0 || this.#watchers > 0;
  }

  #fault(reason: string): readonly Act<Key>[] {
    this.faults += 1;
    return [tell({ kind: 'fault', reason })];
  }

  /** A reply to a request that is not over. */
  #take(request: PirateRequest<Key>, frames: Frames, now: number): readonly Act<Key>[] {
    const verdict = verdictOf(frames);
    request.answered(verdict.hasRun);
    if (verdict.kind === 'again') {
      const out: Act<Key>[] = [];
      // An earlier attempt may be with the server still: then this one's time runs on.
      if (request.stage === 'sent' && request.owed === 0)
        this.#fail(request, verdict.failure, now, out);
      return out;
    }
    this.received += 1;
    this.book.remove(request);
    if (verdict.kind === 'answer') return [tell({ kind: 'answer', request, body: verdict.body })];
    const { failure } = verdict;
    const failed = tell({ kind: 'failed' as const, request, failure });
    return failure.code === 'BAD_MESSAGE' ? [...this.#fault(failure.message), failed] : [failed];
  }

  /** Sends what waits, while there is somebody to take it. */
  #flush(now: number, out: Act<Key>[]): readonly Act<Key>[] {
    while (this.servers.isConnected && this.#untaken < this.#options.window) {
      const request = this.book.nextWaiting();
      if (request === undefined) break;
      request.send(now);
      this.sent += 1;
      if (request.sent > 1) this.retried += 1;
      this.#owed += 1;
      this.#untaken += 1;
      out.push(send('server', framesOf(request, this.#options.salt, now)));
    }
    return out;
  }

  /** Its time has come: that of an attempt, or of the wait before the next one. */
  #wake(request: PirateRequest<Key>, hasSlept: boolean, now: number, out: Act<Key>[]): void {
    const { stage, sentAt, patience } = request;
    if (stage !== 'sent') {
      if (now < request.until && request.hasAttempts) this.book.begin(request, now);
      else this.#giveUp(request, timeout(request), out);
    } else if (hasSlept && !request.isSpared) this.book.spare(request, now + SPARED_MS);
    else {
      // One that had to wait long before it could leave says nothing of the server.
      if (now - sentAt >= patience.timeoutMs / 2) this.servers.unanswered(sentAt, now);
      this.#fail(request, timeout(request), now, out);
    }
  }

  /** An attempt has come to nothing. */
  #fail(request: PirateRequest<Key>, failure: PirateFailure, now: number, out: Act<Key>[]): void {
    if (request.hasAttempts) this.book.rest(request, now);
    else this.#giveUp(request, failure, out);
  }

  #giveUp(request: PirateRequest<Key>, failure: PirateFailure, out: Act<Key>[]): void {
    this.book.remove(request);
    out.push(tell({ kind: 'failed', request, failure }));
  }

  /**
   * What was asked on a connection that has ended is answered at most by what has been read of it already:
   * the rest is asked again, after a wait that spreads a crowd of clients.
   */
  #loseConnection(now: number): void {
    this.#owed = 0;
    for (const request of this.book.all()) {
      request.owed = 0;
      if (request.stage === 'sent' && request.hasAttempts) this.book.rest(request, now);
    }
  }

  /** A fresh socket: nothing is left in the old one, and none of its replies can come. */
  #switch(reason: SwitchReason, now: number, out: Act<Key>[]): void {
    const from = this.servers.current;
    const to = this.servers.next(now);
    this.#owed = 0;
    this.#untaken = 0;
    out.push(reopen('server', to), tell({ kind: 'switch', from, to, reason }));
    for (const request of this.book.all()) {
      request.owed = 0;
      if (request.stage !== 'sent') continue;
      if (request.hasAttempts) this.book.begin(request, now);
      else this.#giveUp(request, timeout(request), out);
    }
  }
}
