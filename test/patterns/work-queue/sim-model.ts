/**
 * A model of a hub or a fan-out, made of what goes in and out of it: who holds what, what is stored, what has
 * ended. It knows nothing of how the rules decide, and everything of what they must not.
 */
import type { PeerMessage } from 'brokerless/kit';
import type {
  QueueMessage,
  QueueTold,
  StoreAnswer,
} from '../../../patterns/work-queue/acts-rules.ts';
import type { Item, StoreRecord } from '../../../patterns/work-queue/item-rules.ts';
import { idOf, read, type Said } from '../../../patterns/work-queue/messages.ts';
import type { Queue } from '../../../patterns/work-queue/queue-rules.ts';
import type { Workers } from '../../../patterns/work-queue/workers-rules.ts';
import type { World } from '../../../src/testing/index.ts';
import type { OnDisk } from './sim-disk.ts';
import { attemptOf, type Ledger } from './sim-ledger.ts';

interface Holder {
  credit: number;
  readonly held: Map<number, number>; // Attempts, by number.
}

/** The parts of the rules that a model looks into. */
export interface Modelled {
  readonly epoch: string;
  readonly queue: Queue;
  readonly workers: Workers;
}

/** One life of a hub or a fan-out, as it looks from outside. */
export class Model {
  readonly #world: World;
  readonly #ledger: Ledger;
  readonly #rules: Modelled;
  readonly #disk: OnDisk | undefined;
  readonly #holders = new Map<string, Holder>();
  readonly #heldBy = new Map<number, string>();
  readonly #attempts = new Map<number, number>();
  readonly #again = new Set<number>(); // Given out before, and come back.
  readonly #lastGiven = new Map<string, number>(); // By priority, or by key.
  readonly #givenNow = new Map<string, number>(); // The same, of this turn.
  readonly #turn = new Map<string, Item>(); // Whose turn it is, by key.
  #batch: readonly StoreRecord[] | undefined;

  /** @param disk What is known to be stored; undefined if the store keeps nothing. */
  constructor(world: World, ledger: Ledger, rules: Modelled, disk: OnDisk | undefined) {
    this.#world = world;
    this.#ledger = ledger;
    this.#rules = rules;
    this.#disk = disk;
  }

  /** The store has answered. */
  answered({ kind }: StoreAnswer): void {
    if (kind === 'stored') this.#disk?.keep(this.#batch ?? []);
    else this.#ledger.hasFailed = true;
    this.#batch = undefined;
  }

  /** A worker has said something. Answers whether that may change anything. */
  heard({ peer, value }: PeerMessage): boolean {
    const said = read(value);
    if (said === undefined || said.word === 'beat') return false;
    this.#listen(peer, said);
    return true;
  }

  #listen(peer: string, { word, list }: Said): void {
    if (word === 'ready') this.#join(peer, Number(list[2]));
    const holder = this.#holders.get(peer);
    if (holder === undefined) return;
    if (word === 'credit') holder.credit = Number(list[1]);
    if (word === 'back') {
      this.#world.mark('back');
      for (let at = 1; at < list.length; at += 2) this.#return(peer, list, at);
    } else if (word === 'done' || word === 'failed' || word === 'discard') {
      for (let at = 1; at < list.length; at += 3) {
        this.#release(peer, Number(list[at]), Number(list[at + 1]));
      }
    }
  }

  /** What was to be sent to a worker has not left. */
  unsent({ peer, value }: PeerMessage): void {
    const said = read(value);
    // One that was given up before had it, as far as the rules know.
    if (said?.word !== 'items' || this.#rules.workers.hands.get(peer) === undefined) return;
    this.#world.mark('unsent:items');
    for (let at = 1; at < said.list.length; at += 3) this.#return(peer, said.list, at);
  }

  /** The rules tell something. */
  told(told: QueueTold): void {
    if (told.kind === 'lost') {
      this.#world.mark(`lost:${told.reason}`);
      if (told.reason !== 'restarted') this.#leave(told.worker);
    } else if (told.kind === 'ended') for (const item of told.items) this.#end(item);
    else this.#world.mark(told.kind);
  }

  /** The turn is over. What was given out in it went to several workers, a message each, in no order. */
  turned(): void {
    for (const [line, n] of this.#givenNow) this.#lastGiven.set(line, n);
    this.#givenNow.clear();
  }

  /** The rules send something. */
  sent(to: string, message: QueueMessage): void {
    if (to === 'store') this.#store(message as readonly StoreRecord[]);
    else {
      const { peer, value } = message as PeerMessage;
      const said = read(value);
      if (said === undefined) return this.#world.fail('what the queue says makes no sense');
      const { word, list } = said;
      if (to === 'producers') this.#tell(word, list);
      else if (word === 'items') {
        for (let at = 1; at < list.length; at += 3) {
          this.#give(peer, Number(list[at]), Number(list[at + 1]));
        }
      } else if (word === 'stop') this.#world.mark('cancelled while held');
    }
  }

  #store(batch: readonly StoreRecord[]): void {
    if (this.#batch !== undefined) this.#world.fail('two batches are under way to the store');
    this.#batch = batch;
  }

  #tell(word: string, list: readonly unknown[]): void {
    if (this.#disk === undefined) return;
    const { put, ended } = this.#disk;
    if (word === 'accepted') {
      for (let at = 2; at < list.length; at += 2) {
        if (!put.has(Number(list[at])))
          this.#world.fail(`S4: ${String(list[at])} is accepted too early`);
      }
    } else if (word === 'outcome') {
      for (let at = 1; at < list.length; at += 4) {
        const status = list[at + 1];
        if (status === 'lost' || ended.get(Number(list[at])) === status) continue;
        this.#world.fail(`S4: ${String(list[at])} is told to have ended too early`);
      }
    }
  }

  #give(peer: string, n: number, attempt: number): void {
    const holder = this.#holders.get(peer);
    const item = this.#rules.queue.stock.get(n);
    const { fail } = { fail: (why: string) => this.#world.fail(`${why}: ${n} to ${peer}`) };
    if (holder === undefined) return fail('S6: somebody unknown is given an item');
    if (item === undefined || this.#ledger.ends.has(idOf(this.#rules.epoch, n))) {
      return fail('S3: an item that has ended is given out');
    }
    if (this.#heldBy.has(n)) fail('S3: an item is given out that another has');
    if (holder.held.size >= holder.credit) fail('more is given than the credit allows');
    if (this.#disk?.put.has(n) === false) fail('S4: an item is given out before it is stored');
    if (attempt > item.order.maxAttempts) fail(`S10: attempt ${attempt}`);
    const before = this.#attempts.get(n);
    if (before !== undefined && attempt !== before + 1) fail(`S3: ${attempt} follows ${before}`);
    if (before !== undefined && attempt > 1) this.#world.mark('given again');
    this.#checkOrder(item, attempt);
    this.#attempts.set(n, attempt);
    this.#heldBy.set(n, peer);
    holder.held.set(n, attempt);
    this.#ledger.current.add(this.#name(n, attempt));
  }

  #checkOrder(item: Item, attempt: number): void {
    const { n, order } = item;
    const { key, priority, notBefore } = order;
    if (key !== undefined) {
      const turn = this.#turn.get(key);
      const isOver = turn === undefined || turn.stage === 'ending' || turn.stage === 'over';
      if (turn !== item && !isOver) this.#world.fail(`S7: ${n} before ${turn.n}, of ${key}`);
      if (turn !== undefined && turn !== item && this.#heldBy.has(turn.n)) {
        this.#world.fail(`S7: ${n} while somebody has ${turn.n}, of ${key}`);
      }
      this.#turn.set(key, item);
    }
    if (attempt > 1 || notBefore > 0 || this.#again.has(n)) return;
    const line = key === undefined ? `${priority}` : `key ${key}`;
    const last = this.#lastGiven.get(line) ?? 0;
    if (n < last) this.#world.fail(`S7: ${n} is given out after ${last}`);
    this.#givenNow.set(line, Math.max(n, this.#givenNow.get(line) ?? 0));
  }

  #end({ n, ending, attempts }: Item): void {
    const status = String(ending?.status);
    const known = this.#disk?.ended.get(n);
    if (this.#disk !== undefined && known !== status) {
      this.#world.fail(`S4: ${n} is told to have ended (${status}); stored is ${known}`);
    }
    if (status === 'failed') this.#world.mark('dead letter');
    if (status === 'expired' && attempts > 0) this.#world.mark('expired after an attempt');
    this.#ledger.end(idOf(this.#rules.epoch, n), status);
  }

  #join(peer: string, credit: number): void {
    this.#leave(peer);
    this.#holders.set(peer, { credit, held: new Map() });
  }

  #leave(peer: string): void {
    for (const [n, attempt] of this.#holders.get(peer)?.held ?? []) {
      this.#ledger.current.delete(this.#name(n, attempt));
      this.#heldBy.delete(n);
      this.#again.add(n);
    }
    this.#holders.delete(peer);
  }

  #return(peer: string, list: readonly unknown[], at: number): void {
    const [n, attempt] = [Number(list[at]), Number(list[at + 1])];
    if (!this.#release(peer, n, attempt)) return;
    this.#again.add(n);
    this.#attempts.set(n, attempt - 1);
  }

  #release(peer: string, n: number, attempt: number): boolean {
    const held = this.#holders.get(peer)?.held;
    if (held?.get(n) !== attempt) return false;
    held.delete(n);
    this.#heldBy.delete(n);
    this.#ledger.current.delete(this.#name(n, attempt));
    return true;
  }

  #name(n: number, attempt: number): string {
    return attemptOf(idOf(this.#rules.epoch, n), attempt);
  }
}
