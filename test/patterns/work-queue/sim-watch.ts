/**
 * Watch: stands between the rules of a queue and the simulated world, has a model look at all that goes in and
 * out, and looks at the rules themselves after each turn.
 */
import type { PeerMessage, Rules } from 'brokerless/kit';
import type {
  QueueAct,
  QueueMessage,
  QueuePort,
  QueueTold,
  StoreAnswer,
} from '../../../patterns/work-queue/acts-rules.ts';
import type { Item } from '../../../patterns/work-queue/item-rules.ts';
import type { World } from '../../../src/testing/index.ts';
import type { Model, Modelled } from './sim-model.ts';

/** The rules of a hub or a fan-out. */
export type WatchedRules = Modelled & Rules<QueuePort, QueueMessage, QueueTold>;

/** What it is watched for. */
export interface Bounds {
  /** How many unfinished items there may be. */
  readonly maxItems: number;
  /** How many more may come at once. */
  readonly atOnce: number;
  /** How many dead letters there may be. */
  readonly maxDeadLetters: number;
  /** How many workers there may be. */
  readonly maxWorkers: number;
  /** Whether an item may be here although its producer was told that it is not. */
  readonly isDoubtful: (body: Uint8Array) => boolean;
}

/** How many of these are still being stored, and how many bytes all of them take. */
function sumsOf(items: readonly Item[]): { readonly storing: number; readonly bytes: number } {
  let storing = 0;
  let bytes = 0;
  for (const { stage, body } of items) {
    if (stage === 'storing') storing += 1;
    bytes += body.length;
  }
  return { storing, bytes };
}

/** Rules that are watched. */
export class Watched implements Rules<QueuePort, QueueMessage, QueueTold> {
  readonly #world: World;
  readonly #rules: WatchedRules;
  readonly #model: Model;
  readonly #bounds: Bounds;
  #isTouched = false; // By more than a beat.

  constructor(world: World, rules: WatchedRules, model: Model, bounds: Bounds) {
    this.#world = world;
    this.#rules = rules;
    this.#model = model;
    this.#bounds = bounds;
  }

  get deadline(): number | undefined {
    return this.#rules.deadline;
  }

  accepts(port: QueuePort): boolean {
    return this.#rules.accepts(port);
  }

  receive(from: QueuePort, message: unknown, now: number): readonly QueueAct[] {
    if (from !== 'workers' || this.#model.heard(message as PeerMessage)) this.#isTouched = true;
    if (from === 'store') this.#model.answered(message as StoreAnswer);
    return this.see(this.#rules.receive(from, message, now));
  }

  tick(now: number): readonly QueueAct[] {
    return this.see(this.#rules.tick(now));
  }

  flush(now: number): readonly QueueAct[] {
    const acts = this.see(this.#rules.flush?.(now) ?? []);
    this.#model.turned();
    if (this.#isTouched || acts.length > 0) this.#look();
    this.#isTouched = false;
    return acts;
  }

  ended(port: QueuePort, now: number): readonly QueueAct[] {
    return this.see(this.#rules.ended?.(port, now) ?? []);
  }

  left(port: QueuePort, peer: string, now: number): readonly QueueAct[] {
    return this.see(this.#rules.left?.(port, peer, now) ?? []);
  }

  unsent(to: QueuePort, message: QueueMessage, error: unknown, now: number): readonly QueueAct[] {
    if (to === 'workers') this.#model.unsent(message as PeerMessage);
    return this.see(this.#rules.unsent?.(to, message, error, now) ?? []);
  }

  /** Looks at what the rules have done. */
  see(acts: readonly QueueAct[]): readonly QueueAct[] {
    for (const act of acts) {
      if (act.kind === 'send') this.#model.sent(act.to, act.message);
      else if (act.kind === 'tell') this.#model.told(act.what);
    }
    return acts;
  }

  /** What must hold after each turn. */
  #look(): void {
    const { queue, workers } = this.#rules;
    const { maxItems, atOnce, maxDeadLetters, maxWorkers } = this.#bounds;
    const { stock, backlog, letters, ends } = queue;
    const items = stock.all();
    const { storing, bytes } = sumsOf(items);
    const over = Object.values(ends).reduce((sum, count) => sum + count, 0);
    if (queue.accepted !== over + items.length - storing) {
      this.#world.fail(`accounts: ${queue.accepted} accepted, ${over} ended, ${items.length} here`);
    }
    if (bytes !== stock.bytes) this.#world.fail(`B1: ${stock.bytes} bytes, which are ${bytes}`);
    if (items.length > maxItems + atOnce) this.#world.fail(`B1: ${items.length} items`);
    if (letters.size > maxDeadLetters) this.#world.fail(`B1: ${letters.size} dead letters`);
    if (workers.hands.size > maxWorkers) this.#world.fail(`B1: ${workers.hands.size} workers`);
    if (backlog.ready > 0 && workers.hands.next() !== undefined) {
      this.#world.fail('L3: somebody takes more, and something waits');
    }
    this.#lookAtSuspects(items);
    this.#lookAtKeys(items);
  }

  /** Half of the workers are there for items that others were lost with. */
  #lookAtSuspects(items: readonly Item[]): void {
    if (!items.some(({ isSuspect, stage }) => isSuspect && stage === 'ready')) return;
    const { hands } = this.#rules.workers;
    if (hands.reserved.size > 0) this.#world.mark('reserved');
    const all = [...hands.peers()].flatMap((peer) => hands.get(peer) ?? []);
    const busy = all.filter((hand) => [...hand.items].some(({ isSuspect }) => isSuspect));
    if (busy.length >= Math.ceil(all.length / 2)) return;
    for (const { peer, items: held, isLeaving, credit } of all) {
      if (held.size > 0 || isLeaving || credit === 0) continue;
      this.#world.fail(`L3: a suspect waits, and ${peer} is idle`);
    }
  }

  #lookAtKeys(items: readonly Item[]): void {
    const seen = new Map<string, number>();
    for (const { n, order, stage, body } of items) {
      const { key, isUnique } = order;
      if (!isUnique || key === undefined || stage === 'ending' || this.#bounds.isDoubtful(body))
        continue;
      const other = seen.get(key);
      if (other !== undefined) this.#world.fail(`S5: ${other} and ${n} are both ${key}`);
      seen.set(key, n);
    }
  }
}
