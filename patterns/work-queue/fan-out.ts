/**
 * Fan-out: a work queue embedded in the program that has the work.
 *
 *     source ──▶ ROUTER [ queue ] ◀──DEALER── workers
 *                  └──▶ outcomes
 *
 * The source is read while workers would take more and while the outcomes are read, and no further: pressure
 * travels from a slow reader all the way to the source. The decisions are in fan-out-rules.ts.
 */
import {
  bodiesBy,
  checkOptions,
  Feed,
  iterable,
  type Listenable,
  nextTurn,
  once,
  overdue,
  type Running,
  workOf,
} from 'brokerless/kit';
import type { Alarm, Threshold } from './alarms.ts';
import { chunks } from './chunks.ts';
import { type ProcessCrew, startCrew } from './crew.ts';
import { type Engine, type QueueEvents, startEngine } from './engine.ts';
import { crewOptions, type FanOutOptions, fanOutChecks } from './fan-out-options.ts';
import { endOf, type FanOutOutcome, pieceOf, valuesOf } from './fan-out-outcome.ts';
import { FanOutRules } from './fan-out-rules.ts';
import { queueRuleOptions } from './queue-options.ts';
import type { QueueStats } from './queue-stats.ts';

/** A fan-out at work: an async iterable of outcomes, as they come. Leaving that loop closes it. */
export interface FanOut<In, Out>
  extends Running<QueueStats>,
    Listenable<QueueEvents>,
    AsyncIterable<FanOutOutcome<In, Out>, undefined> {
  /** Where workers connect: the real endpoint after a wildcard. */
  readonly endpoint: string;
  /** The processes that were started, if any were. */
  readonly crew: ProcessCrew | undefined;
  /**
   * The results alone, for the next stage. Anything but `done` is handed to `onOther`; without it the first such
   * outcome ends the iteration with an error.
   */
  values(onOther?: (outcome: FanOutOutcome<In, Out>) => void): AsyncIterable<Out>;
  /** Cancels what has not ended, and reads no more of the source. */
  cancel(): void;
  /** Calls `listener` when a threshold is passed, as `WorkQueue.onThreshold` does. */
  onThreshold(threshold: Threshold, listener: (alarm: Alarm) => void): () => void;
}

/**
 * Has workers do the items of `source`, any iterable, async iterable or stream.
 *
 * Rejects with `BAD_OPTION`, or as binding rejects. The iteration of outcomes rejects with what the source threw,
 * after the outcomes of what it had given, or with `HANDLER_FAILED` if its worker processes cannot be kept running.
 */
export async function fanOut<In, Out = unknown>(
  source: Iterable<In> | AsyncIterable<In>,
  options: FanOutOptions = {},
): Promise<FanOut<In, Out>> {
  checkOptions('fanOut', { source }, { source: iterable });
  checkOptions('fanOut', options, fanOutChecks);
  const { bind = 'tcp://127.0.0.1:*', workers, maxUnread = 10_000 } = options;
  const rules = new FanOutRules({ ...queueRuleOptions(options), maxUnread });
  const bodies = bodiesBy<In, Out>('cbor', options.maxMessageBytes ?? 1 << 20);
  const feed = new Feed<FanOutOutcome<In, Out>>(() => {
    if (rules.taken()) engine.perform(() => []); // The source may be read on.
  });
  let ending: { readonly error?: unknown } = {};
  const room = (): number => rules.room;
  const pieces = chunks(source, room, (value) => pieceOf(value, bodies));
  const engine = await startEngine(rules, bind, {
    options,
    ports: { source: { messages: pieces } },
    ended: (items) => {
      for (const item of items) feed.put(endOf(item, rules.epoch, bodies));
    },
    told: ({ kind }) => {
      if (kind !== 'finished') return;
      feed.end(ending);
      void fan.close();
    },
    onError: (error) => {
      ending = { error };
      engine.perform(() => rules.ended());
    },
  });
  const fan = new Fan<In, Out>(rules, engine, feed, options.signal);
  try {
    if (workers !== undefined) fan.employ(startCrew(crewOptions(workers, engine.endpoint)));
  } catch (error) {
    await fan.close();
    throw error;
  }
  return fan;
}

class Fan<In, Out> implements FanOut<In, Out> {
  readonly close: () => Promise<void>;
  readonly cancel: () => void;
  crew: ProcessCrew | undefined;
  readonly #engine: Engine;
  readonly #feed: Feed<FanOutOutcome<In, Out>>;

  constructor(
    rules: FanOutRules,
    engine: Engine,
    feed: Feed<FanOutOutcome<In, Out>>,
    signal: AbortSignal | undefined,
  ) {
    this.#engine = engine;
    this.#feed = feed;
    this.cancel = () => engine.perform(() => rules.cancel());
    this.close = once(async () => {
      signal?.removeEventListener('abort', this.cancel);
      await engine.close();
      await this.crew?.stop();
      feed.end();
    });
    signal?.addEventListener('abort', this.cancel, { once: true });
    if (signal?.aborted === true) this.cancel();
  }

  get endpoint(): string {
    return this.#engine.endpoint;
  }

  /** These do the items. If they cannot be kept running, it is over. */
  employ(crew: ProcessCrew): void {
    this.crew = crew;
    this.on('worker:join', () => crew.thrives());
    crew.failed.catch((error: unknown) => {
      this.#feed.end({ error });
      void this.close();
    });
  }

  values(onOther?: (outcome: FanOutOutcome<In, Out>) => void): AsyncIterable<Out> {
    return valuesOf(this, onOther);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<FanOutOutcome<In, Out>, undefined> {
    const all = this.#feed[Symbol.asyncIterator]();
    const loop: AsyncIterableIterator<FanOutOutcome<In, Out>, undefined> = {
      // Whoever reads in a tight loop lets others have their turn.
      next: () => (overdue(workOf(1, 0)) ? nextTurn().then(() => all.next()) : all.next()),
      return: async () => {
        await this.close();
        return { value: undefined, done: true };
      },
      [Symbol.asyncIterator]: () => loop,
    };
    return loop;
  }

  onThreshold(threshold: Threshold, listener: (alarm: Alarm) => void): () => void {
    return this.#engine.onThreshold(threshold, listener);
  }

  on<Name extends keyof QueueEvents>(
    name: Name,
    listener: (event: QueueEvents[Name]) => void,
  ): void {
    this.#engine.events.on(name, listener);
  }

  off<Name extends keyof QueueEvents>(
    name: Name,
    listener: (event: QueueEvents[Name]) => void,
  ): void {
    this.#engine.events.off(name, listener);
  }

  stats(): QueueStats {
    return this.#engine.stats();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
