/**
 * Lazy Pirate client: asks a server, times out, backs off and asks again, until the answer is there or the
 * time is over.
 *
 *     ask ──▶ rules ──▶ DEALER ──▶ server, one of a list      [header] [empty] [body]
 *                       DEALER ◀── …                          the same header: the answer
 *
 * Speaks the envelope of REQ, so any REP server and any broker that keeps the envelope can answer, and many
 * requests may be in flight. Guaranteed: a request is carried out at least once, or its caller hears that it
 * may not have been. Lost: nothing, but what was done for an answer that did not arrive may be done again.
 *
 * ZeroMQ Guide, chapter 4, "Client-Side Reliability (Lazy Pirate Pattern)". The decisions are in rules.ts.
 */
import { BrokerlessError } from 'brokerless';
import {
  type Clock,
  checkOptions,
  type Driven,
  Durations,
  deferred,
  drive,
  ENVELOPE_BYTES,
  type Frames,
  type Listenable,
  Listeners,
  once,
  surface,
  systemClock,
  type WaitOptions,
  waitFor,
} from 'brokerless/kit';
import { abortedError, brokenError, Call, closedError } from './call.ts';
import { Connection } from './connection.ts';
import {
  askChecks,
  type LazyPirateOptions,
  MAX_MESSAGE_BYTES,
  type PirateAskOptions,
  patienceOf,
  pirateChecks,
  ruleOptions,
} from './options.ts';
import type { PirateTold } from './reply-rules.ts';
import { PirateRequest } from './request-rules.ts';
import { LazyPirateRules } from './rules.ts';
import { type LazyPirateEvents, type LazyPirateStats, statsOf } from './stats.ts';
import { Values } from './values.ts';

/** A client that asks again: `Out` is what it asks with, `In` what it is answered with. */
export class LazyPirate<Out = unknown, In = unknown>
  implements AsyncDisposable, Listenable<LazyPirateEvents>
{
  /** Ends it and closes its socket; whoever waits is rejected with `CLOSED`. Closing again changes nothing. */
  readonly close: () => Promise<void>;
  readonly #options: LazyPirateOptions<Out, In>;
  readonly #values: Values<Out, In>;
  readonly #clock: Clock;
  readonly #rules: LazyPirateRules<Call<In>>;
  readonly #driven: Driven<'server', Frames, PirateTold<Call<In>>>;
  readonly #durations = new Durations();
  readonly #listeners = new Listeners<LazyPirateEvents>();
  readonly #connected = deferred<void>();
  readonly #connection: Connection;
  #faults = 0;
  #refused = 0;
  #isClosed = false;

  /**
   * Begins to connect. That no server is there yet is no reason to throw.
   *
   * @throws BrokerlessError `BAD_OPTION` for an option that is unknown or out of range.
   */
  constructor(options: LazyPirateOptions<Out, In>) {
    checkOptions('LazyPirate', options, pirateChecks);
    const { clock = systemClock, maxMessageBytes = MAX_MESSAGE_BYTES } = options;
    this.#options = options;
    this.#clock = clock;
    this.#values = new Values(options, (fault) => this.#fault(fault));
    this.#rules = new LazyPirateRules(ruleOptions(options, clock.now()));
    this.close = once(() => this.#end());
    this.#connection = new Connection({
      maxMessageBytes: Math.min(0x7fff_ffff, maxMessageBytes + ENVELOPE_BYTES),
      onChange: (isConnected) => this.#change(isConnected),
      onTaken: () => this.#driven.perform((now) => this.#rules.taken(now)),
      onFault: (fault) => this.#fault(fault),
      onError: (error) => this.#break(error),
    });
    this.#driven = drive<'server', Frames, PirateTold<Call<In>>>(this.#rules, {
      ports: { server: this.#connection.open(this.#rules.servers.current) },
      open: () => this.#connection.open(this.#rules.servers.current),
      tell: (told) => this.#hear(told),
      onError: (error) => this.#break(error),
      clock,
    });
  }

  /**
   * Asks, and resolves with the answer.
   *
   * Rejects with `HANDLER_FAILED` if the server says that it failed: the message is the server's, and `data`
   * is `{ code, data? }` as the server gave them. Rejects with `TIMEOUT`, `ABORTED`, `CLOSED`, or with
   * `QUEUE_FULL` if a broker had no room at the last attempt, each with `mayHaveRun` `'no'` if no server can
   * have been at work on it and `'maybe'` otherwise; with `BAD_MESSAGE` if the answer makes no sense
   * (`'maybe'`); with `ADDRESS` or `SOCKET` if there is no way to reach the next server; with `BAD_VALUE`,
   * `TOO_LARGE`, `BAD_OPTION` or, if too many are in flight here, `QUEUE_FULL` when nothing was sent.
   */
  request(value: Out, options: PirateAskOptions = {}): Promise<In> {
    try {
      checkOptions('request', options, askChecks);
      const { signal } = options;
      if (this.#isClosed) throw closedError('no');
      if (signal?.aborted === true) throw abortedError(signal, 'no');
      if (this.#isFull()) {
        this.#refused += 1;
        throw new BrokerlessError('QUEUE_FULL', 'LazyPirate: too many requests are in flight');
      }
      return this.#ask(this.#values.encode(value), options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Resolves once a first server is connected. Rejects with `TIMEOUT`, `ABORTED` or `CLOSED`. */
  ready(options: WaitOptions = {}): Promise<void> {
    const wait = waitFor('server', this.#connected.promise, options, this.#clock);
    this.#driven.perform(() => this.#rules.watch(1));
    return wait.finally(() => this.#driven.perform(() => this.#rules.watch(-1)));
  }

  on<Name extends keyof LazyPirateEvents>(
    name: Name,
    listener: (event: LazyPirateEvents[Name]) => void,
  ): void {
    this.#listeners.on(name, listener);
  }

  off<Name extends keyof LazyPirateEvents>(
    name: Name,
    listener: (event: LazyPirateEvents[Name]) => void,
  ): void {
    this.#listeners.off(name, listener);
  }

  /** Its numbers at this moment. */
  stats(): LazyPirateStats {
    const [refused, faults] = [this.#refused, this.#faults];
    return statsOf(this.#rules, { refused, faults, durations: this.#durations });
  }

  /** Closes it when an `await using` ends. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #isFull(): boolean {
    const { maxInFlight = 65_536, maxInFlightBytes = 64 << 20 } = this.#options;
    return this.#rules.book.size >= maxInFlight || this.#rules.book.bytes >= maxInFlightBytes;
  }

  #ask(body: Uint8Array, options: PirateAskOptions): Promise<In> {
    return new Promise((resolve, reject) => {
      const call = new Call(this.#clock.now(), resolve, reject);
      const request = new PirateRequest(call, body, patienceOf(options, this.#options));
      const { signal } = options;
      if (signal !== undefined) call.heed(signal, () => this.#abort(request, signal));
      this.#driven.perform((now) => this.#rules.ask(request, now));
    });
  }

  #abort(request: PirateRequest<Call<In>>, signal: AbortSignal): void {
    this.#driven.perform(() => this.#rules.forget(request));
    request.key.reject(abortedError(signal, request.mayHaveRun));
  }

  #hear(told: PirateTold<Call<In>>): void {
    if (told.kind === 'switch') {
      const { from, to, reason } = told;
      this.#listeners.emit('switch', { from, to, reason });
    } else if (told.kind === 'fault') this.#offer(new BrokerlessError('BAD_MESSAGE', told.reason));
    else if (told.kind === 'answer') this.#answer(told.request.key, told.body);
    else {
      const { key, mayHaveRun } = told.request;
      const { code, message, ...details } = told.failure;
      key.reject(new BrokerlessError(code, message, { ...details, mayHaveRun }));
    }
  }

  #answer(call: Call<In>, body: Uint8Array): void {
    this.#durations.record(this.#clock.now() - call.askedAt);
    try {
      call.resolve(this.#values.decode(body));
    } catch (error) {
      call.reject(error);
    }
  }

  #change(isConnected: boolean): void {
    this.#driven.perform((now) => this.#rules.connected(isConnected, now));
    if (isConnected) this.#connected.resolve();
  }

  #fault(fault: BrokerlessError): void {
    this.#faults += 1;
    this.#offer(fault);
  }

  #offer(fault: BrokerlessError): void {
    try {
      this.#options.onFault?.(fault);
    } catch (error) {
      surface(error); // The listener's own mistake.
    }
  }

  /** No socket is to be had, or the endpoint is no good: whoever waits hears of it at once. */
  #break(error: unknown): void {
    for (const { key, mayHaveRun } of this.#drain()) key.reject(brokenError(error, mayHaveRun));
    if (!this.#rules.servers.isConnected) this.#connected.reject(error);
  }

  async #end(): Promise<void> {
    this.#isClosed = true;
    for (const { key, mayHaveRun } of this.#drain()) key.reject(closedError(mayHaveRun));
    this.#connected.reject(closedError('no'));
    this.#driven.stop();
    await this.#connection.close();
  }

  /** Takes all requests out of the rules. */
  #drain(): readonly PirateRequest<Call<In>>[] {
    const all = [...this.#rules.book.all()];
    for (const request of all) this.#rules.forget(request);
    return all;
  }
}
