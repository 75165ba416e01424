/**
 * Broker options: what every broker can be told, with defaults and checks.
 */
import { type Assign, type AssignName, assignBy, isAssign } from '../broker/assign.ts';
import type { CrewOptions } from '../broker/crew.ts';
import type { BrokerOverflow, RequestsOptions } from '../broker/requests.ts';
import { EPOCH_BYTES } from '../broker/tag.ts';
import type { BrokerlessError } from '../errors.ts';
import { boolean, type Checks, callback, integer, oneOf, shaped, text } from '../rules/check.ts';
import type { Clock } from './clock.ts';
import { surface } from './hear.ts';
import { newBytes } from './running.ts';

/** Options of every broker. */
export interface BrokerOptions {
  /** Where clients connect, such as `tcp://127.0.0.1:5555`. */
  readonly clients: string;
  /** Where workers connect. */
  readonly workers: string;
  /** Which of the idle workers gets the next request; a name, or your own function. Default `'longest-idle'`. */
  readonly assign?: AssignName | Assign | undefined;
  /**
   * How many requests may wait for a worker. Default 1000. When so many do no more are read before half of them
   * are gone. Those in ZeroMQ are read many at a time, so that a small number saves work under load; but only
   * those that have been read go by their priority.
   */
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
   * Default true. Without it, as with builds of ZeroMQ that cannot tell, it is noticed later, as the pattern
   * says.
   */
  readonly notifications?: boolean | undefined;
  /** Hears of each message that the sockets dropped because it made no sense. May be called very often. */
  readonly onFault?: ((fault: BrokerlessError) => void) | undefined;
  /** Hears what your `assign` throws. Default: it surfaces as an uncaught exception. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Tells the time. Default: the computer's own clock. */
  readonly clock?: Clock | undefined;
  /** Gives numbers from 0 up to but not including 1. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** The checks of {@link BrokerOptions}. */
export const brokerChecks: Checks<BrokerOptions> = {
  clients: text,
  workers: text,
  assign: isAssign,
  maxWaiting: integer(1),
  maxWaitingBytes: integer(1),
  overflow: oneOf('wait', 'reject'),
  requestMs: integer(1),
  maxWorkers: integer(1),
  maxMessageBytes: integer(1, 0x7fff_ffff),
  insecure: boolean,
  notifications: boolean,
  onFault: callback,
  onError: callback,
  clock: shaped('an object with now and at', 'now', 'at'),
  random: callback,
};

/** What the rules of every broker are told at the start. */
export interface BrokerRuleOptions extends RequestsOptions, CrewOptions {
  /** How many workers there may be. */
  readonly maxWorkers: number;
}

/** What the options mean to the rules. Each call makes a new epoch. */
export function brokerRuleOptions(options: BrokerOptions): BrokerRuleOptions {
  return {
    assign: assignBy(options.assign ?? 'longest-idle', options.onError ?? surface),
    maxWaiting: options.maxWaiting ?? 1000,
    maxWaitingBytes: options.maxWaitingBytes ?? 64 << 20,
    overflow: options.overflow ?? 'wait',
    requestMs: options.requestMs ?? 30_000,
    maxWorkers: options.maxWorkers ?? 10_000,
    random: options.random ?? Math.random,
    epoch: newBytes(EPOCH_BYTES),
  };
}
