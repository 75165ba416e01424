/**
 * Fan-out: a work queue embedded in the program that has the work.
 *
 *     source ──▶ ROUTER [ queue ] ◀──DEALER── workers
 *                  └──▶ outcomes
 *
 * The source is read while workers would take more and while the outcomes are read, and no further: pressure
 * travels from a slow reader all the way to the source. The decisions are in fan-out-rules.ts.
 */
import { BrokerlessError } from 'brokerless';
import {
  type Bodies,
  bodiesBy,
  type Checks,
  checkOptions,
  encodeFailure,
  Feed,
  failureOf,
  integer,
  type Listenable,
  nextTurn,
  once,
  overdue,
  type Running,
  shaped,
  text,
  workOf,
} from 'brokerless/kit';
import type { Alarm, Threshold } from './alarms.ts';
import { chunks } from './chunks.ts';
import { type ProcessCrew, startCrew } from './crew.ts';
import type { CrewOptions } from './crew-options.ts';
import { type QueueEvents, startEngine } from './engine.ts';
import { FanOutRules, type Piece } from './fan-out-rules.ts';
import type { Item } from './item-rules.ts';
import { idOf } from './messages.ts';
import { type Outcome, outcomeOf, resultIn } from './outcome.ts';
import { isIterable } from './pause.ts';
import { type QueueOptions, queueChecks, queueRuleOptions } from './queue-options.ts';
import type { QueueStats } from './queue-stats.ts';
import { MemoryStore } from './store.ts';

/** The processes that a fan-out starts. Each gets the endpoint as its first argument. */
export type WorkerProcesses = Pick<CrewOptions, 'file' | 'args' | 'execArgv' | 'env' | 'stopMs'> & {
  /** How many. Default 1. */
  readonly count?: number | undefined;
};

/** Options of {@link fanOut}. All may be left out. */
export interface FanOutOptions extends QueueOptions {
  /** Where workers connect. Default `tcp://127.0.0.1:*`: a port that is free. */
  readonly bind?: string | undefined;
  /** Worker processes to be started, replaced when they die, and stopped at the end. Default: none. */
  readonly workers?: WorkerProcesses | undefined;
  /** How many outcomes may wait to be read before the source is read no further. Default 10,000. */
  readonly maxUnread?: number | undefined;
  /** Cancels what has not ended when it fires, and reads no more of the source. */
  readonly signal?: AbortSignal | undefined;
}

const fanOutChecks: Checks<FanOutOptions> = {
  ...queueChecks,
  bind: text,
  workers: (value) =>
    typeof value === 'object' && value !== null && 'file' in value
      ? undefined
      : 'an object with the file of a program, and how many are to run it',
  maxUnread: integer(1),
  signal: shaped('an AbortSignal', 'addEventListener'),
};

/** How an item of a source has ended. */
export type FanOutOutcome<In, Out> = Outcome<Out> & {
  /** The item. */
  readonly item: In;
  /** Its place in the source, from 0. */
  readonly index: number;
};

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
  checkOptions('fanOut', { source }, { source: isIterable });
  checkOptions('fanOut', options, fanOutChecks);
  const { store = new MemoryStore(), bind = 'tcp://127.0.0.1:*', signal, workers } = options;
  const rules = new FanOutRules({
    ...queueRuleOptions(options),
    maxUnread: options.maxUnread ?? 10_000,
  });
  const bodies = bodiesBy<In, Out>('cbor', options.maxMessageBytes ?? 1 << 20);
  const feed = new Feed<FanOutOutcome<In, Out>>(() => {
    if (rules.taken()) engine.perform(() => []); // The source may be read on.
  });
  let ending: { readonly error?: unknown } = {};
  const pieces = chunks(
    source,
    () => rules.room,
    (value) => pieceOf(value, bodies),
  );
  const engine = await startEngine(rules, bind, {
    options,
    store,
    ports: { source: { messages: pieces } },
    ended: (items) => {
      for (const item of items) feed.put(endOf(item, rules.epoch, bodies));
    },
    told: ({ kind }) => {
      if (kind !== 'finished') return;
      feed.end(ending);
      void close();
    },
    onError: (error) => {
      ending = { error };
      engine.perform(() => rules.ended());
    },
  });
  let crew: ProcessCrew | undefined;
  try {
    crew = workers && startCrew(crewOptions(workers, engine.endpoint));
  } catch (error) {
    await engine.close();
    throw error;
  }
  crew?.failed.catch((error: unknown) => {
    feed.end({ error });
    void close();
  });
  engine.events.on('worker:join', () => crew?.thrives());
  const cancel = (): void => engine.perform(() => rules.cancel());
  const close = once(async () => {
    signal?.removeEventListener('abort', cancel);
    await engine.close();
    await crew?.stop();
    feed.end();
  });
  signal?.addEventListener('abort', cancel, { once: true });
  if (signal?.aborted === true) cancel();

  const outcomes = (): AsyncIterableIterator<FanOutOutcome<In, Out>, undefined> => {
    const all = feed[Symbol.asyncIterator]();
    const loop: AsyncIterableIterator<FanOutOutcome<In, Out>, undefined> = {
      // Whoever reads in a tight loop lets others have their turn.
      next: () => (overdue(workOf(1, 0)) ? nextTurn().then(() => all.next()) : all.next()),
      return: async () => {
        await close();
        return { value: undefined, done: true };
      },
      [Symbol.asyncIterator]: () => loop,
    };
    return loop;
  };
  return {
    endpoint: engine.endpoint,
    crew,
    values: (onOther) => valuesOf(outcomes(), onOther),
    cancel,
    onThreshold: (threshold, listener) => engine.onThreshold(threshold, listener),
    on: (name, listener) => engine.events.on(name, listener),
    off: (name, listener) => engine.events.off(name, listener),
    stats: () => engine.stats(),
    close,
    [Symbol.asyncIterator]: outcomes,
    [Symbol.asyncDispose]: close,
  };
}

function crewOptions(
  { count = 1, args = [], ...others }: WorkerProcesses,
  endpoint: string,
): CrewOptions {
  return { ...others, count, args: [endpoint, ...args] };
}

function pieceOf<In>(value: In, bodies: Pick<Bodies<In, unknown>, 'encode'>): Piece {
  try {
    return { value, body: bodies.encode(value), failure: undefined, index: 0 };
  } catch (error) {
    return { value, body: NOTHING, failure: encodeFailure(failureOf(error)), index: 0 };
  }
}

function endOf<In, Out>(
  { n, owner, ending, attempts }: Item,
  epoch: string,
  bodies: Pick<Bodies<never, Out>, 'decode'>,
): FanOutOutcome<In, Out> {
  const { value, index } = owner as Piece;
  const { status, body } = ending as NonNullable<Item['ending']>;
  const id = idOf(epoch, n);
  const item = value as In;
  // Most are done: those are made in one piece, which is much quicker.
  const result = status === 'done' ? resultIn(body, bodies) : undefined;
  if (result !== undefined)
    return { id, status: 'done', value: result.value, attempts, item, index };
  return { ...outcomeOf(id, { status, attempts, body }, bodies), item, index };
}

async function* valuesOf<In, Out>(
  outcomes: AsyncIterable<FanOutOutcome<In, Out>>,
  onOther: ((outcome: FanOutOutcome<In, Out>) => void) | undefined,
): AsyncGenerator<Out> {
  for await (const outcome of outcomes) {
    if (outcome.status === 'done') yield outcome.value;
    else if (onOther !== undefined) onOther(outcome);
    else throw notDone(outcome);
  }
}

function notDone<In, Out>(outcome: FanOutOutcome<In, Out>): BrokerlessError {
  const why = outcome.status === 'failed' ? `: ${outcome.error.message}` : '';
  const message = `item ${outcome.index} was not done but ${outcome.status}${why}`;
  return new BrokerlessError('HANDLER_FAILED', message, { data: outcome, mayHaveRun: 'maybe' });
}

const NOTHING = new Uint8Array(0);
