/**
 * Hub rules: a work queue between producers and workers that come and go.
 *
 *     producers ──▶ [ items ] ──▶ workers
 *                    ▲     │
 *                    └store┘
 *
 * Pure: the sockets are in hub.ts.
 */
import { type PeerMessage, type Rules, send, tell } from 'brokerless/kit';
import type { QueueAct, QueueMessage, QueuePort, QueueTold, StoreAnswer } from './acts-rules.ts';
import { Dealing } from './dealing-rules.ts';
import type { Item } from './item-rules.ts';
import type { QueueLimits } from './limits-rules.ts';
import { Producers, type ProducersOptions } from './producers-rules.ts';
import { Queue } from './queue-rules.ts';
import type { Recovered } from './recovery-rules.ts';
import { Workers, type WorkersOptions } from './workers-rules.ts';

/** What the rules of a hub are told at the start. */
export type HubRulesOptions = QueueLimits & WorkersOptions & ProducersOptions;

/** The decisions of a hub. */
export class HubRules implements Rules<QueuePort, QueueMessage, QueueTold> {
  /** The items. */
  readonly queue: Queue;
  /** The workers. */
  readonly workers: Workers;
  /** The producers. */
  readonly producers: Producers;
  readonly #options: HubRulesOptions;
  readonly #dealing: Dealing;
  #out: QueueAct[] = [];
  #ended: Item[] = [];

  constructor(options: HubRulesOptions) {
    const producers = new Producers(options);
    this.#options = options;
    this.producers = producers;
    this.queue = new Queue(options, {
      // A dead letter that is sent again is nobody's: its number is not what a producer was told.
      sourceOf: (item) => (item.replaces === undefined ? producers.sourceOf(item) : undefined),
      accepted: (item) => {
        const letter = item.replaces?.item.n;
        if (letter !== undefined) this.#out.push(tell({ kind: 'resent', letter, as: item.n }));
        else producers.accepted(item);
      },
      notAccepted: (item, error) => {
        const letter = item.replaces?.item.n;
        if (letter !== undefined) this.#out.push(tell({ kind: 'not resent', letter, error }));
        else producers.notAccepted(item, error);
      },
      ended: (item, ending, now) => {
        this.#ended.push(item);
        producers.ended(item, ending, now);
      },
    });
    this.workers = new Workers(options, this.queue);
    this.#dealing = new Dealing(this.queue, this.workers.hands);
  }

  /** The name of the queue. */
  get epoch(): string {
    return this.#options.epoch;
  }

  accepts(port: QueuePort): boolean {
    return port !== 'producers' || this.#options.overflow === 'reject' || !this.queue.stock.isFull;
  }

  get deadline(): number | undefined {
    const { queue, workers, producers } = this;
    const next = Math.min(queue.deadline, workers.deadline, producers.deadline);
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  receive(from: QueuePort, message: unknown, now: number): readonly QueueAct[] {
    if (from === 'workers') this.workers.hear(message as PeerMessage, now, this.#out);
    else if (from === 'producers') {
      this.producers.hear(message as PeerMessage, this.queue, now, this.#out);
    } else this.queue.heard(message as StoreAnswer, now);
    return NOTHING;
  }

  tick(now: number): readonly QueueAct[] {
    this.queue.tick(now);
    this.workers.tick(now, this.#out);
    this.producers.tick(now, this.#out);
    return NOTHING;
  }

  left(port: QueuePort, peer: string, now: number): readonly QueueAct[] {
    if (port === 'workers') return this.gone([peer], now);
    this.producers.sessions.leave(peer, now);
    return [];
  }

  /** The connections of these workers have ended at the same time. */
  gone(workers: readonly string[], now: number): readonly QueueAct[] {
    this.workers.gone(workers, now, this.#out);
    return NOTHING;
  }

  unsent(to: QueuePort, message: QueueMessage, error: unknown, now: number): readonly QueueAct[] {
    if (to === 'workers') this.workers.unsent(message as PeerMessage, error, now, this.#out);
    else this.producers.unsent(message as PeerMessage, now);
    return NOTHING;
  }

  /** Goes on with what a store had kept. Called once, before all else. */
  adopt(kept: Recovered, now: number): readonly QueueAct[] {
    this.producers.adopt(kept, now);
    this.queue.adopt(kept, this.#options.epoch, now);
    return NOTHING;
  }

  /** Nobody wants this item any more, or any at all. */
  cancel(n: number | undefined): readonly QueueAct[] {
    this.queue.cancelAll(n);
    return NOTHING;
  }

  /** Puts a dead letter in again; what it has become is told when it is stored. */
  resend(n: number, now: number): readonly QueueAct[] {
    this.queue.resend(n, now);
    return NOTHING;
  }

  flush(now: number): readonly QueueAct[] {
    this.queue.tick(now); // Nobody is given what has expired by now.
    const records = this.queue.toStore(now);
    this.#dealing.deal(this.#out);
    this.producers.sessions.flush(this.#out);
    if (records !== undefined) this.#out.push(send('store', records));
    if (this.#ended.length > 0) this.#out.push(tell({ kind: 'ended', items: this.#ended }));
    this.#ended = [];
    const out = this.#out;
    this.#out = [];
    return out;
  }
}

// What there is to do is done at the end of the turn, all of it together.
const NOTHING: readonly never[] = [];
