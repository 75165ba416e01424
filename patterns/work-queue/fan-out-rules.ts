/**
 * Fan-out rules: a work queue that is embedded in its one producer, which reads a source.
 *
 *     source ──▶ [ items ] ──▶ workers
 *
 * The source is read only while some worker would take more, and only while whoever reads the outcomes keeps up.
 * Nothing is stored: whoever starts again reads the source again.
 *
 * Pure: the sockets are in fan-out.ts.
 */
import { type PeerMessage, type Rules, tell } from 'brokerless/kit';
import type { QueueAct, QueueMessage, QueuePort, QueueTold } from './acts-rules.ts';
import { Dealing } from './dealing-rules.ts';
import { type Item, type Order, orderOf } from './item-rules.ts';
import type { QueueLimits } from './limits-rules.ts';
import { Queue } from './queue-rules.ts';
import { Workers, type WorkersOptions } from './workers-rules.ts';

/** A value of the source. */
export interface Piece {
  /** The value. */
  readonly value: unknown;
  /** The same as it travels; empty if it cannot. */
  readonly body: Uint8Array;
  /** What is wrong with it, if it cannot travel. */
  readonly failure: Uint8Array | undefined;
  /** Its place in the source, from 0. */
  index: number;
}

/** What the rules of a fan-out are told at the start. */
export interface FanOutRulesOptions extends QueueLimits, WorkersOptions {
  /** How many outcomes may wait to be read. */
  readonly maxUnread: number;
}

/** The decisions of a fan-out. */
export class FanOutRules implements Rules<QueuePort, QueueMessage, QueueTold> {
  /** The items. */
  readonly queue: Queue;
  /** The workers. */
  readonly workers: Workers;
  readonly #options: FanOutRulesOptions;
  readonly #order: Order;
  readonly #dealing: Dealing;
  #out: QueueAct[] = [];
  #ended: Item[] = [];
  #read = 0; // Pieces of the source.
  #unread = 0; // Outcomes that nobody has read yet.
  #isRead = false; // Whether the source has come to its end.
  #isFinished = false;

  constructor(options: FanOutRulesOptions) {
    this.#options = options;
    this.#order = orderOf({}, options.maxAttempts, 0);
    const ended = (item: Item): void => {
      this.#ended.push(item);
      this.#unread += 1;
    };
    this.queue = new Queue({ ...options, isForgetful: true }, { ended });
    this.workers = new Workers(options, this.queue);
    this.#dealing = new Dealing(this.queue, this.workers.hands);
  }

  /** The name of the queue. */
  get epoch(): string {
    return this.#options.epoch;
  }

  /** How many pieces may be read from the source at present. */
  get room(): number {
    if (this.#isRead) return 0;
    const { stock, backlog } = this.queue;
    const wanted = this.workers.hands.room - backlog.ready;
    const allowed = this.#options.maxItems - stock.size;
    return Math.min(wanted, allowed, this.#options.maxUnread - this.#unread - stock.size);
  }

  accepts(port: QueuePort): boolean {
    return port !== 'source' || (this.room > 0 && !this.queue.stock.isFull);
  }

  get deadline(): number | undefined {
    const next = Math.min(this.queue.deadline, this.workers.deadline);
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  receive(from: QueuePort, message: unknown, now: number): readonly QueueAct[] {
    if (from === 'workers') this.workers.hear(message as PeerMessage, now, this.#out);
    else for (const piece of message as readonly Piece[]) this.#put(piece, now);
    return NOTHING;
  }

  tick(now: number): readonly QueueAct[] {
    this.queue.tick(now);
    this.workers.tick(now, this.#out);
    return NOTHING;
  }

  ended(): readonly QueueAct[] {
    this.#isRead = true;
    return NOTHING;
  }

  left(_port: QueuePort, peer: string, now: number): readonly QueueAct[] {
    return this.gone([peer], now);
  }

  /** The connections of these workers have ended at the same time. */
  gone(workers: readonly string[], now: number): readonly QueueAct[] {
    this.workers.gone(workers, now, this.#out);
    return NOTHING;
  }

  unsent(_to: QueuePort, message: QueueMessage, error: unknown, now: number): readonly QueueAct[] {
    this.workers.unsent(message as PeerMessage, error, now, this.#out);
    return NOTHING;
  }

  /** An outcome has been read. Whether the source was waiting for that. */
  taken(): boolean {
    const waited = this.room <= 0;
    this.#unread -= 1;
    return waited && this.room > 0;
  }

  /** Reads nothing more, and nobody wants what has been read. */
  cancel(): readonly QueueAct[] {
    this.#isRead = true;
    this.queue.cancelAll(undefined);
    return NOTHING;
  }

  #put(piece: Piece, now: number): void {
    if (this.#isRead) return; // Cancelled while the source was making up its mind.
    piece.index = this.#read;
    this.#read += 1;
    const item = this.queue.put(piece.body, this.#order, piece, now);
    if (piece.failure !== undefined) this.queue.end(item, 'failed', piece.failure);
  }

  flush(now: number): readonly QueueAct[] {
    this.queue.toStore(now);
    this.#dealing.deal(this.#out);
    if (this.#ended.length > 0) this.#out.push(tell({ kind: 'ended', items: this.#ended }));
    this.#ended = [];
    if (this.#isRead && !this.#isFinished && this.queue.stock.size === 0) {
      this.#isFinished = true;
      this.#out.push(tell({ kind: 'finished' }));
    }
    const out = this.#out;
    this.#out = [];
    return out;
  }
}

// What there is to do is done at the end of the turn, all of it together.
const NOTHING: readonly never[] = [];
