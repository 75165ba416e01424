/**
 * Sender: a producer at work. It joins what is sent in one turn of the event loop, and matches what it hears of
 * items with those who wait for that.
 */
import { BrokerlessError, errorCodes } from 'brokerless';
import {
  type Bodies,
  bodiesBy,
  checkArgument,
  checkOptions,
  type Deferred,
  deferred,
  Feed,
  Fifo,
  hear,
  NumberMap,
  newId,
  once,
  text,
  waitFor,
} from 'brokerless/kit';
import { Connection, linkOptions, otherVersion } from './connection.ts';
import { idOf } from './messages.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import type { Producer, ProducerOptions, ProducerStats } from './producer.ts';
import { ProducerRules } from './producer-rules.ts';
import type { ProducerTold, Put } from './put-rules.ts';
import { type ItemOptions, itemChecks, wishesOf } from './wishes.ts';

/** An item on its way in. */
interface Sending {
  readonly accepted: Deferred<string>;
  readonly signal: AbortSignal | undefined;
}

/** A producer at work. */
export class Sender<In, Out> implements Producer<In, Out> {
  readonly close: () => Promise<void>;
  readonly #rules: ProducerRules;
  readonly #connection: Connection<ProducerTold>;
  readonly #bodies: Bodies<In, Out>;
  readonly #options: ProducerOptions;
  readonly #sending = new NumberMap<Sending>();
  readonly #awaited = new Map<string, Deferred<Outcome<Out>>>();
  readonly #signals = new Map<string, () => void>(); // What takes an item's listener off its signal.
  readonly #feed = new Feed<Outcome<Out>>();
  readonly #waiting = new Fifo<() => void>(); // Sends that wait for room, in order.
  #isClosed = false;

  constructor(endpoint: string, options: ProducerOptions) {
    this.#options = options;
    this.#bodies = bodiesBy<In, Out>('cbor', options.maxMessageBytes ?? 1 << 20);
    this.#rules = new ProducerRules({
      ...linkOptions(options),
      session: newId(),
      maxUnanswered: options.maxUnanswered ?? 10_000,
    });
    this.#connection = new Connection(this.#rules, endpoint, options, (told) => this.#hear(told));
    this.close = once(() => this.#end());
  }

  /** Rejects if the endpoint is no good. */
  connect(): Promise<void> {
    return this.#connection.connect();
  }

  async send(item: In, options: ItemOptions = NO_OPTIONS): Promise<string> {
    if (options !== NO_OPTIONS) checkOptions('send', options, itemChecks);
    const { signal } = options;
    const isFollowed = this.#options.outcomes === true || signal !== undefined;
    const put = {
      body: this.#bodies.encode(item),
      wishes: wishesOf(options, isFollowed),
      isFollowed,
    };
    if (signal?.aborted === true) throw aborted(signal);
    if (this.#options.outcomes === true) this.#checkRoom();
    if (this.#isClosed) throw closed();
    const isNext = this.#waiting.length === 0 && this.#rules.hasRoom;
    return isNext ? this.#put(put, signal) : this.#putLater(put, signal);
  }

  async outcome(
    id: string,
    options: { readonly timeoutMs?: number; readonly signal?: AbortSignal } = {},
  ): Promise<Outcome<Out>> {
    checkArgument('outcome', 'id', id, text);
    if (this.#isClosed) throw closed();
    const awaited = this.#awaited.get(id) ?? deferred<Outcome<Out>>();
    this.#awaited.set(id, awaited);
    this.#connection.perform(() => this.#rules.ask(id));
    return waitFor('outcome', awaited.promise, options, this.#options.clock);
  }

  cancel(id: string): void {
    this.#connection.perform(() => this.#rules.cancel(id));
  }

  /** How its items end, as they come. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Outcome<Out>, undefined> {
    return this.#feed[Symbol.asyncIterator]();
  }

  stats(): ProducerStats {
    const rules = this.#rules;
    return {
      sent: rules.sent,
      accepted: rules.accepted,
      refused: rules.refused,
      unanswered: rules.unanswered,
      inFlight: rules.followed,
      depth: this.#feed.depth,
      faults: rules.faults,
      reconnects: rules.link.reconnects,
      connections: Number(rules.link.isMet && rules.link.isUp),
    };
  }

  /** Closes it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #put(put: Put, signal: AbortSignal | undefined): Promise<string> {
    const accepted = deferred<string>();
    this.#connection.perform(() => {
      const { seq, acts } = this.#rules.put(put);
      this.#sending.set(seq, { accepted, signal });
      return acts;
    });
    return signal === undefined
      ? accepted.promise
      : waitFor('acceptance', accepted.promise, { signal });
  }

  /** Puts it when there is room, and all have been put that were sent before. */
  async #putLater(put: Put, signal: AbortSignal | undefined): Promise<string> {
    const accepted = deferred<string>();
    const go = (): void => {
      if (this.#isClosed) accepted.reject(closed());
      else this.#put(put, signal).then(accepted.resolve, accepted.reject);
    };
    this.#waiting.push(go);
    try {
      return await waitFor('room', accepted.promise, { signal });
    } finally {
      this.#waiting.remove(go);
    }
  }

  #hear(told: ProducerTold): void {
    if (told.kind === 'accepted') this.#accept(told.seq, told.n);
    else if (told.kind === 'refused') this.#refuse(told);
    else if (told.kind === 'unknown') {
      this.#settle({ id: told.id, status: 'lost', attempts: 0 }, false);
    } else if (told.kind === 'ended') {
      for (const ended of told.ends) {
        this.#settle(outcomeOf(idOf(told.epoch, ended.n), ended, this.#bodies), ended.isOwn);
      }
    } else if (told.kind === 'room') this.#goOn();
    else hear(this.#options.onError, otherVersion(told.theirs));
  }

  #accept(seq: number, n: number): void {
    const sending = this.#sending.get(seq);
    if (sending === undefined) return;
    const id = idOf(this.#rules.epoch, n);
    const { signal } = sending;
    this.#sending.delete(seq);
    sending.accepted.resolve(id);
    if (signal === undefined) return;
    const cancel = (): void => this.cancel(id);
    signal.addEventListener('abort', cancel, { once: true });
    this.#signals.set(id, () => signal.removeEventListener('abort', cancel));
    if (signal.aborted) cancel();
  }

  #refuse({ seq, code, reason }: ProducerTold & { readonly kind: 'refused' }): void {
    const known = errorCodes.find((word) => word === code) ?? 'HANDLER_FAILED';
    const mayHaveRun = code === 'STORE_FAILED' ? 'maybe' : 'no';
    const error = new BrokerlessError(known, `the queue refused an item: ${reason}`, {
      mayHaveRun,
    });
    this.#sending.get(seq)?.accepted.reject(error);
    this.#sending.delete(seq);
  }

  #settle(outcome: Outcome<Out>, isOwn: boolean): void {
    const { id } = outcome;
    this.#signals.get(id)?.();
    this.#signals.delete(id);
    this.#awaited.get(id)?.resolve(outcome);
    this.#awaited.delete(id);
    if (isOwn && this.#options.outcomes === true) this.#feed.put(outcome);
  }

  /** Those that wait for room are put while there is any; at the end all are told. */
  #goOn(): void {
    while (this.#waiting.length > 0 && (this.#rules.hasRoom || this.#isClosed)) {
      this.#waiting.shift()?.();
    }
  }

  #checkRoom(): void {
    const { maxOutcomes = 100_000 } = this.#options;
    const { followed, unanswered } = this.#rules;
    const awaited = followed + unanswered + this.#waiting.length;
    if (this.#feed.depth + awaited < maxOutcomes) return;
    const message = `${maxOutcomes} outcomes wait to be read; read them, or leave out the option outcomes`;
    throw new BrokerlessError('QUEUE_FULL', message);
  }

  async #end(): Promise<void> {
    const { drainMs = 1000, clock } = this.#options;
    const all = Promise.allSettled(this.#sending.values().map(({ accepted }) => accepted.promise));
    this.#isClosed = true;
    this.#goOn();
    if (drainMs > 0)
      await waitFor('acceptance', all, { timeoutMs: drainMs }, clock).catch(() => {});
    this.#connection.perform(() => this.#rules.leave());
    await this.#connection.close();
    for (const { accepted } of this.#sending.values()) accepted.reject(closed('maybe'));
    for (const awaited of this.#awaited.values()) awaited.reject(closed('maybe'));
    for (const forget of this.#signals.values()) forget();
    this.#feed.end();
  }
}

const NO_OPTIONS: ItemOptions = {};

function closed(mayHaveRun: 'no' | 'maybe' = 'no'): BrokerlessError {
  return new BrokerlessError('CLOSED', 'the producer is closed', { mayHaveRun });
}

function aborted({ reason }: AbortSignal): BrokerlessError {
  return new BrokerlessError('ABORTED', 'aborted before the item was sent', { cause: reason });
}
