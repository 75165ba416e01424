/**
 * Server options: what a server can be told, with defaults, checks, and what they mean to the rules.
 */
import type { BrokerlessError } from 'brokerless';
import {
  boolean,
  type Check,
  type Checks,
  type Clock,
  callback,
  either,
  integer,
  shaped,
  text,
} from 'brokerless/kit';
import type { Contract } from './contract.ts';
import { signatureOf } from './contract-rules.ts';
import type { ServerMiddleware } from './middleware.ts';
import type { ServerRulesOptions } from './server-rules.ts';

/** Options of `serve`. All but `bind` may be left out. */
export interface ServeOptions {
  /** Where clients connect, such as `tcp://127.0.0.1:5555`; or several such places. */
  readonly bind: string | readonly string[];
  /** How many calls, streams and events may be carried out at a time. Default 1000. */
  readonly concurrency?: number | undefined;
  /** How many may wait for that; one more is refused at once with `OVERLOADED`. Default 10,000. */
  readonly maxQueued?: number | undefined;
  /** How many bytes those may take. Default 64 MiB (67,108,864). */
  readonly maxQueueBytes?: number | undefined;
  /**
   * How many bytes one client may have been told that it has not read. Until it has, its streams rest, and what it
   * asks is refused with `OVERLOADED`. Default 64 MiB (67,108,864); at least 1024.
   */
  readonly maxUnreadBytes?: number | undefined;
  /** The most bytes of one input or output once encoded. Default 1 MiB (1,048,576). */
  readonly maxMessageBytes?: number | undefined;
  /** How often a side that has nothing else to say says that it is alive, in milliseconds. Default 1000. */
  readonly heartbeatMs?: number | undefined;
  /** How many of those a client may miss before it is taken for lost. Default 3. */
  readonly missesAllowed?: number | undefined;
  /** How many clients there may be; one more is not answered. Default 10,000. */
  readonly maxClients?: number | undefined;
  /** For how long the answer to a call with a key is kept, in milliseconds. Default 60,000. */
  readonly keepRepliesMs?: number | undefined;
  /** How many such answers are kept. Default 10,000. */
  readonly maxReplies?: number | undefined;
  /** How many bytes of such answers. Default 16 MiB (16,777,216). */
  readonly maxReplyBytes?: number | undefined;
  /** How long `close` waits for what is being carried out, in milliseconds. Default 5000. */
  readonly drainMs?: number | undefined;
  /** Stand around every handler, the first outermost. */
  readonly use?: readonly ServerMiddleware[] | undefined;
  /** Whether clients are sent the stacks of errors that handlers throw. Default false. */
  readonly stack?: boolean | undefined;
  /** Allows TCP binds beyond loopback. Default false: they are refused, as whoever reaches the port can call. */
  readonly insecure?: boolean | undefined;
  /** Whether ZeroMQ is asked to tell of clients that go. Default true. Without it their silence tells. */
  readonly notifications?: boolean | undefined;
  /** Hears of each error that a handler throws without having declared it. */
  readonly onError?: ((error: unknown, method: string) => void) | undefined;
  /** Hears of each message that was dropped because it made no sense. May be called very often. */
  readonly onFault?: ((fault: BrokerlessError) => void) | undefined;
  /** Tells the time. Default: the computer's own clock. */
  readonly clock?: Clock | undefined;
}

const isList =
  (what: string, fits: (value: unknown) => boolean): Check =>
  (value) =>
    Array.isArray(value) && value.every(fits) ? undefined : what;

const isText = (value: unknown): boolean => text(value) === undefined;

/** A check of a list of functions. */
export const functions: Check = isList(
  'an array of functions',
  (value) => typeof value === 'function',
);

/** A check of one endpoint or several. */
export const endpoints: Check = either(text, (value) =>
  Array.isArray(value) && value.length > 0 && value.every(isText)
    ? undefined
    : 'a filled array of such',
);

/** The checks of {@link ServeOptions}. */
export const serveChecks: Checks<ServeOptions> = {
  bind: endpoints,
  concurrency: integer(1),
  maxQueued: integer(0),
  maxQueueBytes: integer(0),
  maxUnreadBytes: integer(1024),
  maxMessageBytes: integer(1, 0x7000_0000),
  heartbeatMs: integer(1, 600_000),
  missesAllowed: integer(1, 1000),
  maxClients: integer(1),
  keepRepliesMs: integer(0),
  maxReplies: integer(0),
  maxReplyBytes: integer(0),
  drainMs: integer(0, 0x7fff_ffff),
  use: functions,
  stack: boolean,
  insecure: boolean,
  notifications: boolean,
  onError: callback,
  onFault: callback,
  clock: shaped('an object with now and at', 'now', 'at'),
};

/** What the options mean to the rules. */
export function serverRuleOptions(contract: Contract, options: ServeOptions): ServerRulesOptions {
  const { name, version, hash } = contract;
  const methods = Object.entries(contract.methods);
  const places = new Map(methods.map(([key, { kind }], place) => [signatureOf(kind, key), place]));
  return {
    offer: { name, version, hash, places },
    kinds: methods.map(([, { kind }]) => kind),
    concurrency: options.concurrency ?? 1000,
    maxQueued: options.maxQueued ?? 10_000,
    maxQueueBytes: options.maxQueueBytes ?? 64 << 20,
    maxUnreadBytes: options.maxUnreadBytes ?? 64 << 20,
    heartbeatMs: options.heartbeatMs ?? 1000,
    missesAllowed: options.missesAllowed ?? 3,
    maxClients: options.maxClients ?? 10_000,
    keepRepliesMs: options.keepRepliesMs ?? 60_000,
    maxReplies: options.maxReplies ?? 10_000,
    maxReplyBytes: options.maxReplyBytes ?? 16 << 20,
  };
}
