/**
 * Engine: gives the rules of a work queue their workers' door, their store and their other ports, and whoever
 * started it something to look at. Moves messages; decides nothing.
 */
import { Router } from 'brokerless';
import {
  Departures,
  type Driven,
  type DurationStats,
  Durations,
  drive,
  Feed,
  type Frames,
  Listeners,
  once,
  type PeerMessage,
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
import type { Item, StoreRecord } from './item-rules.ts';
import { LIST_BYTES } from './messages.ts';
import type { QueueOptions } from './queue-options.ts';
import type { Queue } from './queue-rules.ts';
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

/** The numbers of a work queue. Counters start at 0 and only grow. */
export interface QueueStats {
  /** Items taken on: done, failed, discarded, cancelled and expired ones, and those that are here. */
  readonly accepted: number;
  /** Items that were done. */
  readonly done: number;
  /** Items that nobody could do. */
  readonly failed: number;
  /** Items that a handler has discarded. */
  readonly discarded: number;
  /** Items that were cancelled. */
  readonly cancelled: number;
  /** Items whose time was over. */
  readonly expired: number;
  /** Items that are here: waiting, with a worker, or on their way to or from the store. */
  readonly unfinished: number;
  /** Bytes of those. */
  readonly unfinishedBytes: number;
  /** Items that workers hold. */
  readonly inFlight: number;
  /** Items that are ready and wait for a worker. */
  readonly depth: number;
  /** How long the one that is ready for longest has been, in milliseconds; 0 if none is. */
  readonly oldestMs: number;
  /** Attempts made again because a handler threw. */
  readonly retried: number;
  /** Items given out again because their worker was lost. */
  readonly redelivered: number;
  /** Items that have become dead letters, those that were sent again among them. */
  readonly deadLettered: number;
  /** Dead letters there are. */
  readonly deadLetters: number;
  /** Results refused: of an earlier attempt, or of a worker that had been given up. */
  readonly late: number;
  /** Messages of peers that made no sense. */
  readonly faults: number;
  /** Workers there are. */
  readonly workers: number;
  /** How long ended items took from the moment they were put in, in milliseconds. */
  readonly durations: DurationStats;
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

/** Options of a ROUTER between a queue and its peers. */
export function doorOptions(options: QueueOptions, onLeave: (peer: string) => void) {
  const { maxMessageBytes = 1 << 20, insecure, notifications, onFault } = options;
  return {
    codec: 'frames' as const,
    highWaterMark: 1000,
    maxMessageBytes: maxMessageBytes + 2 * LIST_BYTES,
    // The rules bound what is on its way.
    maxQueueBytes: Number.MAX_SAFE_INTEGER,
    insecure,
    notifications,
    onFault,
    onLeave,
  };
}

/** A ROUTER as a port. Payloads are passed on as they came, without a copy. */
export function doorPort(door: Router<Frames>): Port<QueueMessage> {
  return {
    messages: door,
    send: (message) => {
      const { peer, value } = message as PeerMessage;
      return door.send(peer, value, { transfer: true });
    },
  };
}

function storePort(store: Store): Port<QueueMessage> {
  const answers = new Feed<StoreAnswer>();
  const taken = Promise.resolve();
  return {
    messages: answers,
    send(records) {
      store.append(records as readonly StoreRecord[]).then(
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
  const door = new Router<Frames>(doorOptions(options, (peer) => departures.add(peer)));
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
    departures.stop();
    alarms.stop();
    await door.close();
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

function depthOf({ queue }: EngineRules, now: number): Alarm {
  const { ready, suspects, oldestAt } = queue.backlog;
  return { depth: ready + suspects, oldestMs: oldestAt === undefined ? 0 : now - oldestAt };
}

function statsOf(
  rules: EngineRules,
  faults: number,
  durations: Durations,
  now: number,
): QueueStats {
  const { queue, workers } = rules;
  return {
    accepted: queue.accepted,
    ...queue.ends,
    unfinished: queue.stock.size,
    unfinishedBytes: queue.stock.bytes,
    inFlight: workers.hands.held,
    ...depthOf(rules, now),
    retried: queue.retried,
    redelivered: queue.redelivered,
    deadLettered: queue.ends.failed,
    deadLetters: queue.letters.size,
    late: workers.late,
    faults: faults + workers.faults,
    workers: workers.hands.size,
    durations: durations.stats(),
  };
}
