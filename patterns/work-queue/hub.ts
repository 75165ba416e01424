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
import { BrokerlessError } from 'brokerless';
import {
  bodiesBy,
  type Checks,
  checkArgument,
  checkOptions,
  integer,
  type Listenable,
  oneOf,
  type Running,
  text,
} from 'brokerless/kit';
import type { Alarm, Threshold } from './alarms.ts';
import { type DeadLetter, deadLetter, Resends } from './dead-letters.ts';
import { doorPort, openDoor } from './door.ts';
import { type QueueEvents, startEngine } from './engine.ts';
import { HubRules } from './hub-rules.ts';
import type { StoreRecord } from './item-rules.ts';
import { numberOf } from './messages.ts';
import { type QueueOptions, queueChecks, queueRuleOptions } from './queue-options.ts';
import type { QueueStats } from './queue-stats.ts';
import { type Recovered, recover } from './recovery-rules.ts';
import { MemoryStore, type Store } from './store.ts';

/** Options of {@link startWorkQueue}. */
export interface WorkQueueOptions extends QueueOptions {
  /** Where producers connect, such as `tcp://127.0.0.1:5557`. */
  readonly producers: string;
  /** Where workers connect. */
  readonly workers: string;
  /**
   * What becomes of items when the queue is full: `'wait'` (default) leaves them with their producers, whose
   * `send` resolves later; `'reject'` refuses them with `QUEUE_FULL`.
   */
  readonly overflow?: 'wait' | 'reject' | undefined;
  /** For how long a `unique` key stands for the item that had it first, in milliseconds. Default 60,000. */
  readonly uniqueMs?: number | undefined;
  /** Of how many items that is remembered. Default 10,000. */
  readonly maxUnique?: number | undefined;
  /** For how long it is kept how an item has ended, for those who ask later, in milliseconds. Default 60,000. */
  readonly keepResultsMs?: number | undefined;
  /** Of how many items. Default 10,000. */
  readonly maxResults?: number | undefined;
  /** How many producers are known; one more is ignored. Default 10,000. */
  readonly maxProducers?: number | undefined;
}

const hubChecks: Checks<WorkQueueOptions> = {
  ...queueChecks,
  producers: text,
  workers: text,
  overflow: oneOf('wait', 'reject'),
  uniqueMs: integer(1),
  maxUnique: integer(1),
  keepResultsMs: integer(0),
  maxResults: integer(0),
  maxProducers: integer(1),
};

const MAX_RESULT_BYTES = 64 << 20;

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
  const { store = new MemoryStore(), maxMessageBytes = 1 << 20 } = options;
  const kept = await recoveredFrom(store);
  const rules = hubRules(options, kept.epoch);
  const resends = new Resends();
  const door = openDoor(options, (peer) => {
    engine.perform((now) => rules.left('producers', peer, now));
  });
  const engine = await startEngine(rules, options.workers, {
    options,
    store,
    ports: { producers: doorPort(door) },
    ended: () => {},
    told: (told) => resends.hear(told, rules.epoch),
  }).catch((error: unknown) => giveUp(door, error));
  const close = async (): Promise<void> => {
    await Promise.all([engine.close(), door.close()]);
    resends.end();
  };
  engine.perform((now) => rules.adopt(kept, now));
  try {
    await door.bind(options.producers);
  } catch (error) {
    await close();
    throw error;
  }
  const bodies = bodiesBy<never, unknown>('cbor', maxMessageBytes);
  const { producers } = rules;
  return {
    producers: door.endpoint,
    workers: engine.endpoint,
    deadLetters: () =>
      [...rules.queue.letters.all()].map((letter) => deadLetter(letter, rules.epoch, bodies)),
    async resend(id) {
      const n = numberOf(rules.epoch, id);
      if (n === undefined || rules.queue.letters.get(n) === undefined) {
        throw new BrokerlessError('BAD_VALUE', `there is no dead letter ${id}`);
      }
      const sent = resends.wait(n);
      engine.perform((now) => rules.resend(n, now));
      return sent;
    },
    cancel: (id) => {
      const n = id === undefined ? undefined : numberOf(rules.epoch, id);
      if (id === undefined || n !== undefined) engine.perform(() => rules.cancel(n));
    },
    onThreshold: (threshold, listener) => engine.onThreshold(threshold, listener),
    on: (name, listener) => engine.events.on(name, listener),
    off: (name, listener) => engine.events.off(name, listener),
    stats: () => {
      const stats = engine.stats();
      return {
        ...stats,
        faults: stats.faults + producers.faults + door.stats().faults,
        refused: producers.refused,
        dropped: producers.dropped,
        producers: producers.sessions.connected,
        results: producers.results.size,
      };
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function hubRules(options: WorkQueueOptions, epoch: string | undefined): HubRules {
  const common = queueRuleOptions(options, epoch);
  const { keepResultsMs = 60_000 } = options;
  return new HubRules({
    ...common,
    overflow: options.overflow ?? 'wait',
    uniqueMs: options.uniqueMs ?? common.uniqueMs,
    maxUnique: options.maxUnique ?? common.maxUnique,
    keepResultsMs,
    maxResults: options.maxResults ?? 10_000,
    maxResultBytes: MAX_RESULT_BYTES,
    maxProducers: options.maxProducers ?? 10_000,
    sessionMs: Math.max(60_000, keepResultsMs),
  });
}

async function giveUp(door: ReturnType<typeof openDoor>, error: unknown): Promise<never> {
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
