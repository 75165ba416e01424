/**
 * Hub: a work queue as a process of its own, or part of one, between producers and workers that come and go.
 *
 *     producers ──DEALER──▶ ROUTER [ hub ] ROUTER ◀──DEALER── workers
 *
 * Trouble it takes away: work that is lost with the worker that has it, done twice and counted twice, hoarded
 * by one worker while others are idle, tried for ever. Guaranteed: an item that was accepted is done at least
 * once while there are workers, or its end says why not; it is counted once. Lost: with the memory store, what
 * the hub holds when its process dies; producers learn of it. The decisions are in hub-rules.ts.
 */
import { BrokerlessError, type Router } from 'brokerless';
import {
  type Bodies,
  bodiesBy,
  checkArgument,
  checkOptions,
  type Frames,
  type Listenable,
  once,
  type Running,
  text,
} from 'brokerless/kit';
import type { Alarm, Threshold } from './alarms.ts';
import { type DeadLetter, deadLetter, Resends } from './dead-letters.ts';
import { doorPort, openDoor } from './door.ts';
import { type Engine, type QueueEvents, startEngine } from './engine.ts';
import { hubChecks, hubRuleOptions, type WorkQueueOptions } from './hub-options.ts';
import { HubRules } from './hub-rules.ts';
import type { StoreRecord } from './item-rules.ts';
import { numberOf } from './messages.ts';
import type { QueueStats } from './queue-stats.ts';
import { type Recovered, recover } from './recovery-rules.ts';
import { MemoryStore, type Store } from './store.ts';

/** The numbers of a hub, besides those of every queue. */
export interface WorkQueueStats extends QueueStats {
  /** Items refused: there was no room, or the store did not take them. */
  readonly refused: number;
  /** What was said to producers that were not there to hear it; they ask again. */
  readonly dropped: number;
  /** Producers that are connected. */
  readonly producers: number;
  /** Endings that are kept for those who ask. */
  readonly results: number;
}

/** A hub at work. */
export interface WorkQueue extends Running<WorkQueueStats>, Listenable<QueueEvents> {
  /** Where producers connect: the real endpoint after a wildcard. */
  readonly producers: string;
  /** Where workers connect. */
  readonly workers: string;
  /** The items that nobody could do, the oldest first. */
  deadLetters(): readonly DeadLetter[];
  /**
   * Sends a dead letter again, as a new item, and resolves with its id when that is accepted. Rejects with
   * `BAD_VALUE` if there is no such letter.
   */
  resend(id: string): Promise<string>;
  /** Cancels an item, or all there are. What has ended stays as it is. */
  cancel(id?: string): void;
  /**
   * Calls `listener` when more waits than `depth`, or one for longer than `oldestMs`; again after less than half
   * of that had been waiting. Returns what ends it. Throws `BAD_OPTION`.
   */
  onThreshold(threshold: Threshold, listener: (alarm: Alarm) => void): () => void;
}

/** Starts a hub. Rejects with `BAD_OPTION`, as binding rejects, or as its store's `load` does. */
export async function startWorkQueue(options: WorkQueueOptions): Promise<WorkQueue> {
  checkOptions('startWorkQueue', options, hubChecks);
  for (const name of ['producers', 'workers'] as const) {
    checkArgument('startWorkQueue', name, options[name], text);
  }
  const { store = new MemoryStore() } = options;
  const kept = await recoveredFrom(store);
  const rules = new HubRules(hubRuleOptions(options, kept.epoch));
  const resends = new Resends();
  let perform: Engine['perform'] = () => {};
  const door = openDoor(options, (peer) => perform((now) => rules.left('producers', peer, now)));
  const engine = await startEngine(rules, options.workers, {
    options,
    store,
    ports: { producers: doorPort(door) },
    first: async (asked) => {
      perform = asked;
      perform((now) => rules.adopt(kept, now));
      await door.bind(options.producers);
    },
    ended: () => {},
    told: (told) => resends.hear(told, rules.epoch),
  }).catch((error: unknown) => giveUp(door, error));
  return new Hub({ rules, engine, door, resends, options });
}

/** What a hub is made of. */
interface HubParts {
  readonly rules: HubRules;
  readonly engine: Engine;
  readonly door: Router<Frames>;
  readonly resends: Resends;
  readonly options: WorkQueueOptions;
}

class Hub implements WorkQueue {
  readonly close: () => Promise<void>;
  readonly #parts: HubParts;
  readonly #bodies: Bodies<never, unknown>;

  constructor(parts: HubParts) {
    const { engine, door, resends, options } = parts;
    this.#parts = parts;
    this.#bodies = bodiesBy<never, unknown>('cbor', options.maxMessageBytes ?? 1 << 20);
    this.close = once(async () => {
      await Promise.all([engine.close(), door.close()]);
      resends.end();
    });
  }

  get producers(): string {
    return this.#parts.door.endpoint;
  }

  get workers(): string {
    return this.#parts.engine.endpoint;
  }

  deadLetters(): readonly DeadLetter[] {
    const { queue, epoch } = this.#parts.rules;
    return [...queue.letters.all()].map((letter) => deadLetter(letter, epoch, this.#bodies));
  }

  async resend(id: string): Promise<string> {
    const { rules, engine, resends } = this.#parts;
    const n = numberOf(rules.epoch, id);
    if (n === undefined || rules.queue.letters.get(n) === undefined) {
      throw new BrokerlessError('BAD_VALUE', `there is no dead letter ${id}`);
    }
    const sent = resends.wait(n);
    engine.perform((now) => rules.resend(n, now));
    return sent;
  }

  cancel(id?: string): void {
    const { rules, engine } = this.#parts;
    const n = id === undefined ? undefined : numberOf(rules.epoch, id);
    if (id === undefined || n !== undefined) engine.perform(() => rules.cancel(n));
  }

  onThreshold(threshold: Threshold, listener: (alarm: Alarm) => void): () => void {
    return this.#parts.engine.onThreshold(threshold, listener);
  }

  on<Name extends keyof QueueEvents>(
    name: Name,
    listener: (event: QueueEvents[Name]) => void,
  ): void {
    this.#parts.engine.events.on(name, listener);
  }

  off<Name extends keyof QueueEvents>(
    name: Name,
    listener: (event: QueueEvents[Name]) => void,
  ): void {
    this.#parts.engine.events.off(name, listener);
  }

  stats(): WorkQueueStats {
    const { rules, engine, door } = this.#parts;
    const { producers } = rules;
    const stats = engine.stats();
    return {
      ...stats,
      late: stats.late + producers.late,
      faults: stats.faults + producers.faults + door.stats().faults,
      refused: producers.refused,
      dropped: producers.dropped,
      producers: producers.sessions.connected,
      results: producers.endings.results.size,
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

async function giveUp(door: Router<Frames>, error: unknown): Promise<never> {
  await door.close();
  throw error;
}

/** What a store has kept. If it cannot say, it is closed. */
async function recoveredFrom(store: Store): Promise<Recovered> {
  try {
    const records: StoreRecord[] = [];
    for await (const record of store.load()) records.push(record);
    return recover(records);
  } catch (error) {
    await store.close?.();
    throw error;
  }
}
