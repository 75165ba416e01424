/**
 * Workers rules: what workers say, who of them is alive, and what becomes of the items of those who are not.
 *
 * A worker says how many unfinished items it takes, and never has more. What a lost worker held is given out
 * again, and what it says later is refused, since every answer names its attempt.
 *
 * Pure: the sockets are in hub.ts and fan-out.ts.
 */
import {
  decodeFailure,
  encodeFailure,
  isBrokerlessError,
  Liveness,
  type PeerMessage,
  send,
  tell,
} from 'brokerless/kit';
import type { QueueAct, WorkerLoss } from './acts-rules.ts';
import { type Hand, Hands } from './hands-rules.ts';
import type { Item } from './item-rules.ts';
import { numbers, read, type Said, VERSION, welcome, word } from './messages.ts';
import type { Queue } from './queue-rules.ts';

/** What these rules are told at the start. */
export interface WorkersOptions {
  /** The name of the queue. */
  readonly epoch: string;
  /** How often to beat, in milliseconds. */
  readonly heartbeatMs: number;
  /** How many beats a worker may miss before it is lost. */
  readonly missesAllowed: number;
  /** How many workers there may be. */
  readonly maxWorkers: number;
}

// More than any worker has use for.
const MOST_CREDIT = 10_000;

/** The workers of a queue, and their share of its items. */
export class Workers {
  /** Results refused: of an earlier attempt, or of a worker that was given up. */
  late = 0;
  /** Messages that made no sense. */
  faults = 0;
  /** The workers. */
  readonly hands: Hands = new Hands();
  readonly #options: WorkersOptions;
  readonly #queue: Queue;
  readonly #alive: Liveness<string>;
  #beatAt = 0;

  constructor(options: WorkersOptions, queue: Queue) {
    this.#options = options;
    this.#queue = queue;
    this.#alive = new Liveness({ ttlMs: options.heartbeatMs * options.missesAllowed });
  }

  /** When {@link tick} is next due; Infinity if never. */
  get deadline(): number {
    if (this.hands.size === 0) return Number.POSITIVE_INFINITY;
    return Math.min(this.#beatAt, this.#alive.deadline ?? Number.POSITIVE_INFINITY);
  }

  /** A message of a worker. */
  hear({ peer, value }: PeerMessage, now: number, out: QueueAct[]): void {
    const said = read(value);
    const hand = this.hands.get(peer);
    if (said === undefined) this.faults += 1;
    else if (said.word === 'ready') this.#welcome(peer, hand, said.list, now, out);
    else if (hand === undefined) this.late += lengthOf(said);
    else {
      this.#alive.heard(peer, now);
      this.#listen(hand, said, now, out);
    }
  }

  /** Looks who is silent, and beats. */
  tick(now: number, out: QueueAct[]): void {
    const { heartbeatMs } = this.#options;
    if (this.hands.size === 0) return;
    // Whoever has slept, be it because the process was stopped, must first read what came meanwhile.
    if (now - this.deadline > heartbeatMs / 2) this.#alive.spare(now + heartbeatMs);
    this.#lose(this.#alive.bury(now), 'silent', out, now);
    if (now < this.#beatAt) return;
    this.#beatAt = now + heartbeatMs;
    for (const peer of this.hands.peers()) out.push(send('workers', { peer, value: BEAT }));
  }

  /** The connections of these workers have ended at the same time. */
  gone(peers: readonly string[], now: number, out: QueueAct[]): void {
    this.#lose(peers, 'gone', out, now);
  }

  /** A message has not left. What was given with it was no attempt. */
  unsent({ peer, value }: PeerMessage, error: unknown, now: number, out: QueueAct[]): void {
    const hand = this.hands.get(peer);
    const said = read(value);
    if (hand === undefined) return;
    if (said?.word === 'items') this.#takeBack(hand, said.list, 3, now);
    this.#lose([peer], isBrokerlessError(error, 'UNREACHABLE') ? 'gone' : 'nothing', out, now);
  }

  #welcome(
    peer: string,
    known: Hand | undefined,
    [, version, credit]: readonly unknown[],
    now: number,
    out: QueueAct[],
  ): void {
    if (version !== VERSION) {
      this.faults += 1;
      out.push(send('workers', { peer, value: numbers('version', VERSION) }));
      return;
    }
    if (known !== undefined) this.#lose([peer], 'restarted', out, now);
    if (this.hands.size >= this.#options.maxWorkers) {
      this.faults += 1;
      return;
    }
    const { epoch, heartbeatMs } = this.#options;
    if (this.hands.size === 0) this.#beatAt = now + heartbeatMs;
    this.hands.join(peer, Math.min(MOST_CREDIT, Number(credit)));
    this.#alive.heard(peer, now);
    out.push(send('workers', { peer, value: welcome(epoch, heartbeatMs) }));
    out.push(tell({ kind: 'join', worker: peer }));
  }

  #listen(hand: Hand, { word: said, list }: Said, now: number, out: QueueAct[]): void {
    if (said === 'done' || said === 'failed' || said === 'discard') {
      for (let at = 1; at < list.length; at += 3) {
        const item = this.#takeFrom(hand, Number(list[at]), Number(list[at + 1]));
        if (item !== undefined) this.#settle(item, said, list[at + 2] as Uint8Array, now);
      }
    } else if (said === 'back') this.#takeBack(hand, list, 2, now);
    else if (said === 'credit') this.hands.allow(hand, Math.min(MOST_CREDIT, Number(list[1])));
    else if (said === 'leave') {
      hand.isLeaving = true;
      if (hand.isReserved) this.hands.unreserve(hand);
    } else if (said !== 'beat') this.faults += 1;
    this.hands.settle(hand);
    if (!hand.isLeaving || hand.items.size > 0) return;
    out.push(send('workers', { peer: hand.peer, value: BYE }));
    this.#lose([hand.peer], 'left', out, now);
  }

  /** The item that a worker answers for; undefined if it is not its to answer, or nobody wants it any more. */
  #takeFrom(hand: Hand, n: number, attempt: number): Item | undefined {
    const item = this.#queue.stock.held(n);
    if (item?.hand !== hand || item.attempts !== attempt) {
      this.late += 1;
      return undefined;
    }
    this.hands.release(hand, item);
    if (item.stage === 'held') return item;
    this.#queue.release(item);
    return undefined;
  }

  #takeBack(hand: Hand, list: readonly unknown[], step: 2 | 3, now: number): void {
    // The last first, so that they stand in the line as they did.
    for (let at = list.length - step; at > 0; at -= step) {
      const item = this.#takeFrom(hand, Number(list[at]), Number(list[at + 1]));
      if (item !== undefined) this.#queue.back(item, now);
    }
  }

  #settle(item: Item, said: string, body: Uint8Array, now: number): void {
    if (said === 'done') this.#queue.end(item, 'done', body);
    else if (said === 'discard') this.#queue.end(item, 'discarded', body);
    else this.#queue.tried(item, reasonIn(body), body, now);
  }

  #lose(peers: readonly string[], reason: WorkerLoss, out: QueueAct[], now: number): void {
    for (const peer of peers) {
      const hand = this.hands.get(peer);
      if (hand === undefined) continue;
      this.hands.remove(hand);
      this.#alive.forget(peer);
      out.push(tell({ kind: 'lost', worker: peer, reason }));
      const items = [...hand.items];
      items.sort(byNumber);
      for (const item of items) {
        if (item.stage !== 'held') this.#queue.release(item);
        else this.#queue.lost(item, `the worker was lost: ${reason}`, LOST, now);
      }
    }
  }
}

function byNumber(one: Item, other: Item): number {
  return one.n - other.n;
}

function reasonIn(body: Uint8Array): string {
  try {
    return decodeFailure(body).message;
  } catch {
    return 'the worker did not say';
  }
}

/** How many results a message brings. */
function lengthOf({ word: said, list }: Said): number {
  return said === 'done' || said === 'failed' || said === 'discard' ? (list.length - 1) / 3 : 0;
}

const BEAT = word('beat');
const BYE = word('bye');
const LOST = encodeFailure({ code: 'WORKER_LOST', message: 'the worker was lost', from: 'broker' });
