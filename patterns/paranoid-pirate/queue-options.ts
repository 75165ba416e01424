/**
 * Queue options: what a queue can be told, with defaults and checks.
 */
import type { BrokerlessError } from 'brokerless';
import {
  type Assign,
  type AssignName,
  assignBy,
  type BrokerOverflow,
  boolean,
  type Checks,
  type Clock,
  callback,
  EPOCH_BYTES,
  integer,
  isAssign,
  newBytes,
  oneOf,
  shaped,
  surface,
  text,
} from 'brokerless/kit';
import type { QueueRulesOptions } from './queue-rules.ts';

/** Options of `startPirateQueue`. */
export interface PirateQueueOptions {
  /** Where clients connect, such as `tcp://127.0.0.1:5555`. */
  readonly clients: string;
  /** Where workers connect. */
  readonly workers: string;
  /** How often to beat, and to expect a beat, in milliseconds. Workers must agree. Default 1000. */
  readonly heartbeatMs?: number | undefined;
  /** How many beats a worker may miss before it is lost. Default 3. */
  readonly missesAllowed?: number | undefined;
  /** How often a request may be given to a worker, whose loss may be its doing. Default 3. */
  readonly maxAttempts?: number | undefined;
  /** Which of the idle workers gets the next request; a name, or your own function. Default `'longest-idle'`. */
  readonly assign?: AssignName | Assign | undefined;
  /** How many requests may wait for a worker. Default 1000. */
  readonly maxWaiting?: number | undefined;
  /** How many bytes those may take together. Default 64 MiB (67,108,864). */
  readonly maxWaitingBytes?: number | undefined;
  /**
   * What becomes of requests when no more may wait: `'wait'` (default) leaves them in ZeroMQ, up to its
   * high-water mark for each client; `'reject'` answers them at once with the failure `QUEUE_FULL`.
   */
  readonly overflow?: BrokerOverflow | undefined;
  /** For how long a request is wanted that does not say so itself, in milliseconds. Default 30,000. */
  readonly requestMs?: number | undefined;
  /** How many workers there may be; one more is ignored. Default 10,000. */
  readonly maxWorkers?: number | undefined;
  /** The most bytes of one request or reply, without its addresses. Default 1 MiB (1,048,576). */
  readonly maxMessageBytes?: number | undefined;
  /** Allows a TCP bind beyond loopback, where any stranger can reach the ports. Default false. */
  readonly insecure?: boolean | undefined;
  /**
   * Whether ZeroMQ is asked to tell of connections that end: a worker that was killed is noticed at once.
   * Default true. Without it, as with builds of ZeroMQ that cannot tell, its silence is noticed.
   */
  readonly notifications?: boolean | undefined;
  /** Hears of each message from a peer that made no sense. May be called very often. */
  readonly onFault?: ((fault: BrokerlessError) => void) | undefined;
  /** Tells the time. Default: the computer's own clock. */
  readonly clock?: Clock | undefined;
  /** Gives numbers from 0 up to but not including 1. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** The checks of {@link PirateQueueOptions}. */
export const queueChecks: Checks<PirateQueueOptions> = {
  clients: text,
  workers: text,
  heartbeatMs: integer(1, 600_000),
  missesAllowed: integer(1, 1000),
  maxAttempts: integer(1, 60_000),
  assign: isAssign,
  maxWaiting: integer(1),
  maxWaitingBytes: integer(1),
  overflow: oneOf('wait', 'reject'),
  requestMs: integer(1),
  maxWorkers: integer(1),
  maxMessageBytes: integer(1, 0x7fff_0000),
  insecure: boolean,
  notifications: boolean,
  onFault: callback,
  clock: shaped('an object with now and at', 'now', 'at'),
  random: callback,
};

/** What the options mean to the rules. Each call makes a new epoch. */
export function ruleOptions(options: PirateQueueOptions): QueueRulesOptions {
  return {
    heartbeatMs: options.heartbeatMs ?? 1000,
    missesAllowed: options.missesAllowed ?? 3,
    maxAttempts: options.maxAttempts ?? 3,
    assign: assignBy(options.assign ?? 'longest-idle', surface),
    maxWaiting: options.maxWaiting ?? 1000,
    maxWaitingBytes: options.maxWaitingBytes ?? 64 << 20,
    overflow: options.overflow ?? 'wait',
    requestMs: options.requestMs ?? 30_000,
    maxWorkers: options.maxWorkers ?? 10_000,
    random: options.random ?? Math.random,
    epoch: newBytes(EPOCH_BYTES),
  };
}
