/**
 * Dealing: gives items to workers, as many as their credit says.
 *
 * What a lost worker held goes to a worker that has nothing else, one item at a time: if it is the item that
 * kills workers, it takes no others with it.
 *
 * Pure.
 */
import { ListWriter, send } from 'brokerless/kit';
import type { QueueAct } from './acts-rules.ts';
import type { Hand, Hands } from './hands-rules.ts';
import type { Item } from './item-rules.ts';
import { LIST_BYTES } from './messages.ts';
import type { Queue } from './queue-rules.ts';

// Into how many handfuls the share of a worker is cut.
const HANDFULS = 4;

/** Hands out what waits. */
export class Dealing {
  readonly #queue: Queue;
  readonly #hands: Hands;
  readonly #lists = new Map<Hand, ListWriter>(); // What is being given to whom.

  constructor(queue: Queue, hands: Hands) {
    this.#queue = queue;
    this.#hands = hands;
  }

  /** Gives out what can be given, and has abandoned what nobody wants any more. */
  deal(out: QueueAct[]): void {
    this.#abandon(out);
    this.#dealSuspects(out);
    const { backlog } = this.#queue;
    while (backlog.ready > 0) {
      const hand = this.#hands.next();
      if (hand === undefined) break;
      // One by one while there is little; with much to give, by the handful.
      const handful = Math.max(1, Math.floor(backlog.ready / (HANDFULS * this.#hands.size)));
      const most = Math.min(handful, hand.credit - hand.items.size);
      for (let given = 0; given < most; given += 1) {
        const item = backlog.next();
        if (item !== undefined) this.#give(hand, item, out);
      }
      this.#hands.settle(hand);
    }
    for (const [hand, list] of this.#lists) out.push(toWorker(hand, list));
    this.#lists.clear();
  }

  #abandon(out: QueueAct[]): void {
    const { unwanted } = this.#queue;
    if (unwanted.length === 0) return;
    this.#queue.unwanted = [];
    const lists = new Map<Hand, ListWriter>();
    for (const { n, attempts, hand } of unwanted) {
      if (hand === undefined) continue;
      const list = lists.get(hand) ?? new ListWriter('stop');
      lists.set(hand, list.uint(n).uint(attempts));
    }
    for (const [hand, list] of lists) out.push(toWorker(hand, list));
  }

  /** Half of the workers, if need be, take these one by one. The others go on with the rest. */
  #dealSuspects(out: QueueAct[]): void {
    const { backlog } = this.#queue;
    const hands = this.#hands;
    const busy = [...hands.reserved].filter(hasSuspect).length;
    const wanted = Math.min(backlog.suspects + busy, Math.ceil(hands.size / 2));
    while (hands.reserved.size < wanted) {
      const hand = hands.next();
      if (hand === undefined) break;
      hands.reserve(hand);
    }
    for (const hand of hands.reserved) {
      if (hand.items.size > 0) {
        this.#relieve(hand);
        continue;
      }
      const item = hand.credit > 0 ? backlog.nextSuspect() : undefined;
      if (item === undefined) hands.unreserve(hand);
      else {
        this.#give(hand, item, out);
        this.#hands.settle(hand);
      }
    }
  }

  /** Whoever has yet to finish what it had before is not waited for while another has nothing. */
  #relieve(hand: Hand): void {
    const idle = hasSuspect(hand) ? undefined : this.#hands.next();
    if (idle === undefined || idle.items.size > 0) return;
    this.#hands.unreserve(hand);
    this.#hands.reserve(idle);
  }

  #give(hand: Hand, item: Item, out: QueueAct[]): void {
    item.stage = 'held';
    item.attempts += 1;
    this.#hands.give(hand, item);
    const list = this.#lists.get(hand) ?? new ListWriter('items');
    list.uint(item.n).uint(item.attempts).binary(item.body);
    this.#lists.set(hand, list);
    if (list.bytes < LIST_BYTES) return;
    this.#lists.delete(hand);
    out.push(toWorker(hand, list));
  }
}

/** Whether a worker that is kept for items that others were lost with has one: it has no others then. */
function hasSuspect({ items }: Hand): boolean {
  return items.any?.isSuspect === true;
}

function toWorker({ peer }: Hand, list: ListWriter) {
  return send('workers' as const, { peer, value: [list.done()] });
}
