/**
 * Hub options: what a hub can be told besides what every work queue can.
 */
import { type Checks, integer, oneOf, text } from 'brokerless/kit';
import type { HubRulesOptions } from './hub-rules.ts';
import { type QueueOptions, queueChecks, queueRuleOptions } from './queue-options.ts';

/** Options of `startWorkQueue`. */
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

/** The checks of {@link WorkQueueOptions}. */
export const hubChecks: Checks<WorkQueueOptions> = {
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

/** What the options mean to the rules. `epoch` is the name of a queue that a store has kept. */
export function hubRuleOptions(
  options: WorkQueueOptions,
  epoch: string | undefined,
): HubRulesOptions {
  const common = queueRuleOptions(options, epoch);
  const { keepResultsMs = 60_000 } = options;
  return {
    ...common,
    overflow: options.overflow ?? 'wait',
    uniqueMs: options.uniqueMs ?? common.uniqueMs,
    maxUnique: options.maxUnique ?? common.maxUnique,
    keepResultsMs,
    maxResults: options.maxResults ?? 10_000,
    maxResultBytes: MAX_RESULT_BYTES,
    maxProducers: options.maxProducers ?? 10_000,
    sessionMs: Math.max(60_000, keepResultsMs),
  };
}
