/**
 * Echo: reads for a subscriber, and finds out whether its subscriptions have reached the publishers.
 *
 * It subscribes to a topic that nobody else knows, after the handshake and after everything it wants
 * confirmed: a connection keeps order, so when our publisher answers on that topic all before it is in
 * place. (A topic subscribed to before the handshake would lie: ZeroMQ sends those in an order of its
 * own.) What arrives before the answer is kept for whoever reads.
 */
import type { Subscriber } from 'zeromq';
import { closedError } from '../errors.ts';
import { Fifo } from '../rules/fifo.ts';
import { systemClock } from '../run/clock.ts';
import { type Deferred, deferred, newId } from '../run/running.ts';
import { nextTurn, overdue, workOf } from '../run/turn.ts';
import { type WaitOptions, waitFor } from '../run/wait.ts';
import { decodeSequence } from '../wire/sequence.ts';
import { type Lifecycle, settlesBefore } from './lifecycle.ts';
import { readFrom, whole } from './transfer.ts';

/**
 * What is known of subscriptions: that they are in place at every connected publisher, or only that the
 * connection stands, as the publisher is not one of ours and does not answer.
 */
export type Readiness = 'subscribed' | 'connected';

/** How many messages are kept while an answer is awaited and nobody reads. */
const MAX_AHEAD = 1000;

interface Question {
  readonly topic: string;
  readonly publishers: number;
  readonly answeredBy: Set<string>;
  readonly outcome: Deferred<Readiness | 'again'>;
}

/** Reads the messages of one subscriber. */
export class EchoReader {
  readonly #life: Lifecycle<Subscriber>;
  readonly #echoMs: number;
  readonly #ahead = new Fifo<Buffer[]>();
  readonly #questions = new Map<string, Question>();
  #reader: Deferred<Buffer[]> | undefined;
  #pumping = false;

  /** @param echoMs How long a publisher may take to answer, in milliseconds. */
  constructor(life: Lifecycle<Subscriber>, echoMs: number) {
    this.#life = life;
    this.#echoMs = echoMs;
    life.monitor.on('handshake', () => this.#catchUp());
  }

  /** How many messages were read before anybody asked for them. */
  get ahead(): number {
    return this.#ahead.length;
  }

  /** The next message that is not an answer. One call at a time. */
  read(): Promise<Buffer[]> {
    const early = this.#ahead.shift();
    if (early !== undefined) return Promise.resolve(early);
    this.#reader = deferred<Buffer[]>();
    const { promise } = this.#reader;
    if (!this.#pumping) void this.#pump();
    return promise;
  }

  /** Resolves once the subscriptions made so far are in place, or once that cannot be known. */
  async confirm(options: WaitOptions): Promise<Readiness> {
    await this.#life.ready(options);
    if (this.#life.networked && this.#life.monitor.connections === 0) {
      await waitFor('publisher', this.#nextHandshake(), options);
    }
    for (;;) {
      const outcome = await this.#ask(options);
      if (outcome !== 'again') return outcome;
    }
  }

  /** Resolves when somebody connects; rejects when the socket is closed. */
  async #nextHandshake(): Promise<void> {
    const { monitor } = this.#life;
    const { promise, resolve } = deferred<void>();
    const onHandshake = (): void => resolve();
    monitor.on('handshake', onHandshake);
    try {
      await Promise.race([promise, monitor.ended]);
    } finally {
      monitor.off('handshake', onHandshake);
    }
  }

  async #ask(options: WaitOptions): Promise<Readiness | 'again'> {
    const { raw, monitor, closing } = this.#life;
    if (closing) throw closedError('Subscriber');
    const question: Question = {
      topic: `\0${newId()}`,
      publishers: Math.max(1, monitor.connections),
      answeredBy: new Set(),
      outcome: deferred(),
    };
    const again = (): void => question.outcome.resolve('again'); // Somebody new has to answer too.
    monitor.on('handshake', again);
    this.#catchUp();
    raw.subscribe(question.topic);
    this.#questions.set(question.topic, question);
    if (!this.#pumping) void this.#pump();
    const { promise } = question.outcome;
    try {
      const deadline = systemClock.now() + this.#echoMs;
      const answered = await waitFor('subscriptions', settlesBefore(promise, deadline), options);
      return answered ? await promise : 'connected';
    } finally {
      monitor.off('handshake', again);
      this.#questions.delete(question.topic);
      if (!this.#life.closing) raw.unsubscribe(question.topic);
    }
  }

  /**
   * Has ZeroMQ do what it puts off until its socket is used, such as subscribing anew after a reconnect.
   * A read that is pending sees to that; behind its back, this would take the event that wakes it.
   */
  #catchUp(): void {
    const { raw, closing } = this.#life;
    if (!this.#pumping && !closing) void raw.readable;
  }

  async #pump(): Promise<void> {
    this.#pumping = true;
    try {
      while (this.#isWanted()) {
        const frames = whole(this.#life, await readFrom(this.#life));
        if (!this.#isAnswer(frames)) this.#hand(frames);
        if (overdue(workOf(1, 0))) await nextTurn();
      }
    } catch (error) {
      this.#end(error);
    } finally {
      this.#pumping = false;
    }
  }

  #isWanted(): boolean {
    return (
      this.#reader !== undefined || (this.#questions.size > 0 && this.#ahead.length < MAX_AHEAD)
    );
  }

  #hand(frames: Buffer[]): void {
    const reader = this.#reader;
    this.#reader = undefined;
    if (reader === undefined) this.#ahead.push(frames);
    else reader.resolve(frames);
  }

  #end(error: unknown): void {
    this.#reader?.reject(error);
    this.#reader = undefined;
    for (const { outcome } of this.#questions.values()) outcome.reject(closedError('Subscriber'));
  }

  /** Topics that begin with NUL are private: answers to us, or, if we get everything, to others. */
  #isAnswer(frames: readonly Buffer[]): boolean {
    const [topic, , sequence] = frames;
    if (topic?.[0] !== 0) return false;
    const question = this.#questions.get(topic.toString('latin1'));
    const epoch = decodeSequence(sequence)?.epoch;
    if (question === undefined || epoch === undefined) return true;
    question.answeredBy.add(epoch);
    if (question.answeredBy.size >= question.publishers) question.outcome.resolve('subscribed');
    return true;
  }
}
