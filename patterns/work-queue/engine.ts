/**
 * Engine: gives the rules of a work queue their workers' door, their store and their other ports, and whoever
 * started it something to look at. Moves messages; decides nothing.
 */
import {
  Departures,
  type Driven,
  Durations,
  drive,
  Feed,
  Listeners,
  once,
  type Port,
  type Rules,
  surface,
  systemClock,
  waitFor,
} from 'brokerless/kit';
import type {
  QueueAct,
  QueueMessage,
  QueuePort,
  QueueTold,
  StoreAnswer,
  WorkerLoss,
} from './acts-rules.ts';
import { type Alarm, Alarms, type Threshold } from './alarms.ts';
import { doorPort, openDoor } from './door.ts';
import type { Item, StoreRecord } from './item-rules.ts';
import type { QueueOptions } from './queue-options.ts';
import type { Queue } from './queue-rules.ts';
import { depthOf, type QueueStats, statsOf } from './queue-stats.ts';
import type { Store } from './store.ts';
import type { Workers } from './workers-rules.ts';

/** The rules of a work queue. */
export interface EngineRules extends Rules<QueuePort, QueueMessage, QueueTold> {
  /** The items. */
  readonly queue: Queue;
  /** The workers. */
  readonly workers: Workers;
  /** The connections of these workers have ended at the same time. */
  gone(workers: readonly string[], now: number): readonly QueueAct[];
}

/** What there is to hear of a work queue. */
export interface QueueEvents {
  /** A worker has said that it is here. */
  readonly 'worker:join': { readonly worker: string };
  /** A worker is one no longer. */
  readonly 'worker:lost': { readonly worker: string; readonly reason: WorkerLoss };
}

/** What an engine is made of. */
export interface EngineMakings {
  /** What it is told by whoever started it. */
  readonly options: QueueOptions;
  /** What keeps its items, if anything does. */
  readonly store?: Store | undefined;
  /** Its other ports. */
  readonly ports: Partial<Record<'producers' | 'source', Port<QueueMessage>>>;
  /**
   * What is done, and waited for, before workers can come. Afterwards they can, and the engine is handed over at
   * once, so that nobody misses the first of them.
   */
  readonly first?: ((perform: Engine['perform']) => Promise<void>) | undefined;
  /** Hears of items that have ended. */
  readonly ended: (items: readonly Item[]) => void;
  /** Hears what else the rules tell. */
  readonly told?: ((told: QueueTold) => void) | undefined;
  /** Hears what goes wrong with the source. Default: an uncaught exception. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** A work queue at work. */
export interface Engine {
  /** Where workers connect. */
  readonly endpoint: string;
  /** Its workers, coming and going. */
  readonly events: Listeners<QueueEvents>;
  /** Asks the rules something, and does what they answer. */
  perform(decide: (now: number) => readonly QueueAct[]): void;
  /** Its numbers. */
  stats(): QueueStats;
  /** Calls `listener` when a threshold is passed. Returns what ends that. */
  onThreshold(threshold: Threshold, listener: (alarm: Alarm) => void): () => void;
  /** Ends it, and closes the store. */
  close(): Promise<void>;
}

// For how long a store that is at work is waited for at the end.
const STORE_MS = 5000;

// So many messages may be on their way to the sockets before more is read.
const WINDOW = 64;

/** A store as a port. */
class StorePort implements Port<QueueMessage> {
  readonly messages = new Feed<StoreAnswer>();
  /** Settles when what the store was last given has been kept, or not. */
  last: Promise<void> = Promise.resolve();
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  send(message: QueueMessage): Promise<void> {
    this.last = this.#append(message as readonly StoreRecord[]).then(
      () => this.messages.put({ kind: 'stored' }),
      (error: unknown) => this.messages.put({ kind: 'failed', error }),
    );
    return Promise.resolve();
  }

  // Async, should it throw.
  async #append(records: readonly StoreRecord[]): Promise<void> {
    await this.#store.append(records);
  }
}

/** Starts an engine whose workers connect to `bind`. Rejects as binding rejects; nothing is left open then. */
export async function startEngine(
  rules: EngineRules,
  bind: string,
  { options, store, ports, first, ended, told: hear, onError = surface }: EngineMakings,
): Promise<Engine> {
  const { clock = systemClock } = options;
  const events = new Listeners<QueueEvents>();
  const durations = new Durations();
  const departures = new Departures(clock, (peers) => perform((now) => rules.gone(peers, now)));
  const door = openDoor(options, (peer) => departures.add(peer));
  const storePort = store && new StorePort(store);
  const alarms = new Alarms(() => depthOf(rules, clock.now()), clock);
  const driven: Driven<QueuePort, QueueMessage, QueueTold> = drive(rules, {
    ports: { ...ports, workers: doorPort(door), ...(storePort && { store: storePort }) } as never,
    tell: (told) => {
      if (told.kind === 'join') events.emit('worker:join', { worker: told.worker });
      else if (told.kind === 'lost') {
        events.emit('worker:lost', { worker: told.worker, reason: told.reason });
      } else if (told.kind !== 'ended') hear?.(told);
      else {
        const now = clock.now();
        for (const { since } of told.items) durations.record(now - since);
        ended(told.items);
      }
    },
    onError,
    window: WINDOW,
    clock,
  });
  const perform = (decide: (now: number) => readonly QueueAct[]): void => driven.perform(decide);
  const close = once(async () => {
    driven.stop();
    alarms.stop();
    await door.close();
    departures.stop(); // Of those whom the door lost last as well.
    // It is not closed while it is at work, unless that takes for ever.
    if (storePort) await waitFor('store', storePort.last, { timeoutMs: STORE_MS }).catch(() => {});
    await store?.close?.();
  });
  try {
    await first?.(perform);
    await door.bind(bind);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    endpoint: door.endpoint,
    events,
    perform,
    stats: () => statsOf(rules, door.stats().faults, durations, clock.now()),
    onThreshold: (threshold, listener) => alarms.add(threshold, listener),
    close,
  };
}
