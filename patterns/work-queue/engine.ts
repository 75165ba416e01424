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
  /** Its store. */
  readonly store: Store;
  /** Its other ports. */
  readonly ports: Partial<Record<'producers' | 'source', Port<QueueMessage>>>;
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

// So many messages may be on their way to the sockets before more is read.
const WINDOW = 64;

function storePort(store: Store): Port<QueueMessage> {
  const answers = new Feed<StoreAnswer>();
  const taken = Promise.resolve();
  return {
    messages: answers,
    send(records) {
      const append = async (): Promise<void> => store.append(records as readonly StoreRecord[]); // Should it throw.
      append().then(
        () => answers.put({ kind: 'stored' }),
        (error: unknown) => answers.put({ kind: 'failed', error }),
      );
      return taken;
    },
  };
}

/** Starts an engine whose workers connect to `bind`. Rejects as binding rejects; nothing is left open then. */
export async function startEngine(
  rules: EngineRules,
  bind: string,
  { options, store, ports, ended, told: hear, onError = surface }: EngineMakings,
): Promise<Engine> {
  const { clock = systemClock } = options;
  const events = new Listeners<QueueEvents>();
  const durations = new Durations();
  const departures = new Departures(clock, (peers) => perform((now) => rules.gone(peers, now)));
  const door = openDoor(options, (peer) => departures.add(peer));
  const alarms = new Alarms(() => depthOf(rules, clock.now()), clock);
  const driven: Driven<QueuePort, QueueMessage, QueueTold> = drive(rules, {
    ports: { ...ports, workers: doorPort(door), store: storePort(store) } as never,
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
    await store.close?.();
  });
  try {
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
