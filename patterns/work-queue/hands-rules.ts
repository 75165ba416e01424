/**
 * Hands: the workers of a queue, what each of them holds, and who is next to be given something.
 *
 * Who holds the least is next, and among equals who has waited longest. Nobody holds more than its credit. So the
 * quick get the most, who comes late gets its share, and nobody hoards.
 *
 * Pure.
 */
import type { Item } from './item-rules.ts';
import { Seats } from './seats-rules.ts';

/** A worker. */
export interface Hand {
  /** The name of its connection. */
  readonly peer: string;
  /** How many unfinished items it takes. */
  credit: number;
  /** Those it has, in no order. */
  readonly items: Seats<Item>;
  /** Whether it has said that it takes no more. */
  isLeaving: boolean;
  /** Whether it is kept for items that others were lost with, one at a time. */
  isReserved: boolean;
  /** With how many it stands in the line of those who take more; -1 if it does not. */
  place: number;
}

/** The workers of a queue. */
export class Hands {
  readonly #all = new Map<string, Hand>();
  readonly #free: Set<Hand>[] = []; // By how many items they hold; in each, the longest waiting first.
  readonly #reserved = new Set<Hand>();
  #least = 0; // Nobody who takes more holds fewer.
  #held = 0;
  #room = 0; // How many more could be given out.

  /** How many there are. */
  get size(): number {
    return this.#all.size;
  }

  /** How many items they hold together. */
  get held(): number {
    return this.#held;
  }

  /** How many more items they take together. */
  get room(): number {
    return this.#room;
  }

  /** Those kept for items that others were lost with. */
  get reserved(): ReadonlySet<Hand> {
    return this.#reserved;
  }

  /** The worker of this name. */
  get(peer: string): Hand | undefined {
    return this.#all.get(peer);
  }

  /** The names of all. */
  peers(): IterableIterator<string> {
    return this.#all.keys();
  }

  /** A new worker. */
  join(peer: string, credit: number): Hand {
    const hand: Hand = {
      peer,
      credit,
      items: new Seats<Item>(),
      isLeaving: false,
      isReserved: false,
      place: -1,
    };
    this.#all.set(peer, hand);
    this.settle(hand);
    return hand;
  }

  /** A worker is one no longer. What it held is still in its hand. */
  remove(hand: Hand): void {
    this.#step(hand, -1);
    this.#reserved.delete(hand);
    this.#all.delete(hand.peer);
    this.#held -= hand.items.size;
  }

  /** Who is to be given something next; undefined if nobody takes more. */
  next(): Hand | undefined {
    for (; this.#least < this.#free.length; this.#least += 1) {
      for (const hand of this.#free[this.#least] as Set<Hand>) return hand;
    }
    return undefined;
  }

  /** A worker is given an item. {@link settle} it when it has been given all that it gets. */
  give(hand: Hand, item: Item): void {
    item.hand = hand;
    hand.items.add(item);
    this.#held += 1;
  }

  /** A worker has let go of an item. {@link settle} it when it has let go of all that it does. */
  release(hand: Hand, item: Item): void {
    hand.items.remove(item);
    this.#held -= 1;
  }

  /** Something about a worker has changed: it finds its place among those who take more. */
  settle(hand: Hand): void {
    const takesMore = !hand.isLeaving && !hand.isReserved && hand.items.size < hand.credit;
    this.#step(hand, takesMore ? hand.items.size : -1);
  }

  /** A worker takes another number of unfinished items from now on. */
  allow(hand: Hand, credit: number): void {
    this.#step(hand, -1);
    hand.credit = credit;
    this.settle(hand);
  }

  /** Keeps a worker for items that others were lost with. */
  reserve(hand: Hand): void {
    hand.isReserved = true;
    this.#reserved.add(hand);
    this.settle(hand);
  }

  /** Keeps it no longer. */
  unreserve(hand: Hand): void {
    hand.isReserved = false;
    this.#reserved.delete(hand);
    this.settle(hand);
  }

  #step(hand: Hand, place: number): void {
    if (hand.place >= 0) {
      this.#room -= hand.credit - hand.place;
      this.#free[hand.place]?.delete(hand);
    }
    hand.place = place;
    if (place < 0) return;
    this.#room += hand.credit - place;
    while (this.#free.length <= place) this.#free.push(new Set());
    this.#free[place]?.add(hand);
    if (place < this.#least) this.#least = place;
  }
}
