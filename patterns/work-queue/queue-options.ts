/**
 * Queue options: what every work queue can be told, be it a hub or embedded in its producer.
 */
import type { BrokerlessError } from 'brokerless';
import {
  boolean,
  type Checks,
  type Clock,
  callback,
  integer,
  newId,
  shaped,
  systemClock,
  wallOffsetMs,
} from 'brokerless/kit';
import type { QueueLimits } from './limits-rules.ts';
import type { Store } from './store.ts';
import type { WorkersOptions } from './workers-rules.ts';

/** Options of every work queue. All may be left out. */
export interface QueueOptions {
  /** Keeps what must not be forgotten. Default: the memory of this process. */
  readonly store?: Store | undefined;
  /** How often an item may be given to a worker, unless it says so itself. Default 3. */
  readonly maxAttempts?: number | undefined;
  /** The most that the wait before the second attempt may take, in milliseconds; it doubles. Default 100. */
  readonly retryMs?: number | undefined;
  /** What no wait before an attempt exceeds, in milliseconds. Default 30,000. */
  readonly retryMaxMs?: number | undefined;
  /** How many unfinished items there may be. Default 100,000. */
  readonly maxItems?: number | undefined;
  /** How many bytes they may take together. Default 256 MiB (268,435,456). */
  readonly maxBytes?: number | undefined;
  /** How many dead letters are kept, of `maxBytes` together at most; then the oldest goes. Default 10,000. */
  readonly maxDeadLetters?: number | undefined;
  /** How often to beat, and to expect beats, in milliseconds. Default 1000. */
  readonly heartbeatMs?: number | undefined;
  /** How many beats a worker may miss before it is lost. Default 3. */
  readonly missesAllowed?: number | undefined;
  /** How many workers there may be; one more is ignored. Default 10,000. */
  readonly maxWorkers?: number | undefined;
  /** The most bytes of one item or result once encoded. Default 1 MiB (1,048,576). */
  readonly maxMessageBytes?: number | undefined;
  /** Allows a TCP bind beyond loopback, where any stranger can reach the port. Default false. */
  readonly insecure?: boolean | undefined;
  /**
   * Whether ZeroMQ is asked to tell of connections that end: a worker that was killed is noticed at once, and
   * not after its heartbeats have been missed. Default true.
   */
  readonly notifications?: boolean | undefined;
  /** Hears of each message that the sockets dropped because it made no sense. May be called very often. */
  readonly onFault?: ((fault: BrokerlessError) => void) | undefined;
  /** Tells the time. Default: the computer's own clock. */
  readonly clock?: Clock | undefined;
  /** Gives numbers from 0 up to but not including 1. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** The checks of {@link QueueOptions}. */
export const queueChecks: Checks<QueueOptions> = {
  store: shaped('an object with load and append', 'load', 'append'),
  maxAttempts: integer(1, 60_000),
  retryMs: integer(1, 86_400_000),
  retryMaxMs: integer(1, 86_400_000),
  maxItems: integer(1),
  maxBytes: integer(1),
  maxDeadLetters: integer(0),
  heartbeatMs: integer(1, 600_000),
  missesAllowed: integer(1, 1000),
  maxWorkers: integer(1),
  maxMessageBytes: integer(1, 0x7000_0000),
  insecure: boolean,
  notifications: boolean,
  onFault: callback,
  clock: shaped('an object with now and at', 'now', 'at'),
  random: callback,
};

/** What the options mean to the rules. `epoch` is the name of a queue that a store has kept. */
export function queueRuleOptions(
  options: QueueOptions,
  epoch: string = newId(),
): QueueLimits & WorkersOptions {
  const { retryMs = 100, clock = systemClock } = options;
  return {
    epoch,
    maxItems: options.maxItems ?? 100_000,
    maxBytes: options.maxBytes ?? 256 << 20,
    uniqueMs: 60_000,
    maxUnique: 10_000,
    maxAttempts: options.maxAttempts ?? 3,
    backoff: { baseMs: retryMs, maxMs: Math.max(retryMs, options.retryMaxMs ?? 30_000) },
    maxDeadLetters: options.maxDeadLetters ?? 10_000,
    isForgetful: options.store === undefined || options.store.isForgetful === true,
    wallOffsetMs: wallOffsetMs(clock),
    heartbeatMs: options.heartbeatMs ?? 1000,
    missesAllowed: options.missesAllowed ?? 3,
    maxWorkers: options.maxWorkers ?? 10_000,
    random: options.random ?? Math.random,
  };
}
