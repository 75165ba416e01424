/**
 * Client options: what a client can be told, with defaults, checks, and what they mean to the rules.
 */
import type { BrokerlessError } from 'brokerless';
import {
  type BackoffOptions,
  boolean,
  type Check,
  type Checks,
  type Clock,
  callback,
  either,
  integer,
  oneOf,
  type RetryBudgetOptions,
  shaped,
} from 'brokerless/kit';
import { type Balance, type BalanceName, balanceBy, isBalance } from './balance-rules.ts';
import type { ClientRulesOptions } from './client-rules.ts';
import type { Contract } from './contract.ts';
import { signatureOf } from './contract-rules.ts';
import type { ClientMiddleware } from './middleware.ts';
import { endpoints, functions } from './server-options.ts';

/** Options of `connectTo`. All but `to` may be left out. */
export interface ConnectOptions {
  /**
   * Where the servers are: an endpoint such as `tcp://127.0.0.1:5555`, several, or an async iterable of lists: each
   * list takes the place of the last, so whatever knows where servers are can say so at any time.
   */
  readonly to: string | readonly string[] | AsyncIterable<readonly string[]>;
  /** Which server is asked: `'roundRobin'` (default), `'leastBusy'`, or a function of your own. */
  readonly balance?: BalanceName | Balance | undefined;
  /** How long an answer may take, retries included, in milliseconds. Default 5000. */
  readonly timeoutMs?: number | undefined;
  /** What a call does when no server is there: it waits (default) until its time is over, or fails at once. */
  readonly noServer?: 'wait' | 'fail' | undefined;
  /** How long `connectTo` waits for a first server, in milliseconds; the client works in any case. Default 1000. */
  readonly connectMs?: number | undefined;
  /** How often an idempotent call may be asked again, when a server is lost or has too much to do. Default 3. */
  readonly retries?: number | undefined;
  /** The waits before asking again whoever has too much to do. Default `{ baseMs: 20, maxMs: 1000 }`. */
  readonly backoff?: BackoffOptions | undefined;
  /** How many retries there may be in all, for how many such calls. Default `{ ratio: 0.2, max: 10_000 }`. */
  readonly retryBudget?: RetryBudgetOptions | undefined;
  /** How many calls may be under way; one more is refused with `QUEUE_FULL`. Default 65,536. */
  readonly maxInFlight?: number | undefined;
  /** The most bytes of one input or output once encoded. Default 1 MiB (1,048,576). */
  readonly maxMessageBytes?: number | undefined;
  /** How many beats a server may miss before it is lost; it says how long a beat is. Default 3. */
  readonly missesAllowed?: number | undefined;
  /** The most that the first wait before a new connection may take, in milliseconds; it doubles. Default 100. */
  readonly reconnectMs?: number | undefined;
  /** What no such wait exceeds, in milliseconds. Default 1000. */
  readonly reconnectMaxMs?: number | undefined;
  /** Stand around every call, the first outermost. */
  readonly use?: readonly ClientMiddleware[] | undefined;
  /** Whether the end of a connection is a reason to take its server for lost at once. Default true. */
  readonly notifications?: boolean | undefined;
  /** Hears of each message that was dropped because it made no sense. */
  readonly onFault?: ((fault: BrokerlessError) => void) | undefined;
  /** Tells the time. Default: the computer's own clock. */
  readonly clock?: Clock | undefined;
  /** Gives numbers from 0 up to but not including 1. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

// With less than that under way at a server there is little to be gained by having calls share a message.
const CROWD = 64;

const numbersOf =
  (what: string, ...names: readonly string[]): Check =>
  (value) =>
    names.every((name) => Number.isFinite(Reflect.get(Object(value), name))) ? undefined : what;

/** A check of a list of endpoints; it may be empty, while none is known. */
export const isList: Check = (value) =>
  Array.isArray(value) && value.every((each) => typeof each === 'string' && each !== '')
    ? undefined
    : 'an array of endpoints';

const isLater: Check = (value) => {
  const { [Symbol.asyncIterator]: iterate } = Object(value) as Partial<AsyncIterable<unknown>>;
  return typeof iterate === 'function' ? undefined : 'an async iterable of such arrays';
};

/** The checks of {@link ConnectOptions}. */
export const connectChecks: Checks<ConnectOptions> = {
  to: either(endpoints, isLater),
  balance: isBalance,
  timeoutMs: integer(1, 0x7fff_ffff),
  noServer: oneOf('wait', 'fail'),
  connectMs: integer(0, 0x7fff_ffff),
  retries: integer(0, 1000),
  backoff: numbersOf('{ baseMs, maxMs }, numbers', 'baseMs', 'maxMs'),
  retryBudget: numbersOf('{ ratio, max }, numbers', 'ratio', 'max'),
  maxInFlight: integer(1),
  maxMessageBytes: integer(1, 0x7000_0000),
  missesAllowed: integer(1, 1000),
  reconnectMs: integer(1, 600_000),
  reconnectMaxMs: integer(1, 600_000),
  use: functions,
  notifications: boolean,
  onFault: callback,
  clock: shaped('an object with now and at', 'now', 'at'),
  random: callback,
};

/** What the options mean to the rules. */
export function clientRuleOptions(contract: Contract, options: ConnectOptions): ClientRulesOptions {
  const { name, version, hash, methods } = contract;
  const { reconnectMs = 100, reconnectMaxMs = 1000 } = options;
  const signatures = Object.entries(methods).map(([key, { kind }]) => signatureOf(kind, key));
  return {
    greeting: { name, version, hash, signatures },
    names: Object.keys(methods).map((key) => `${name}.${key}`),
    balance: balanceBy(options.balance ?? 'roundRobin'),
    waits: options.noServer !== 'fail',
    backoff: options.backoff ?? { baseMs: 20, maxMs: 1000 },
    budget: options.retryBudget ?? { ratio: 0.2, max: 10_000 },
    missesAllowed: options.missesAllowed ?? 3,
    reconnect: { baseMs: reconnectMs, maxMs: Math.max(reconnectMs, reconnectMaxMs) },
    random: options.random ?? Math.random,
    crowd: CROWD,
  };
}
