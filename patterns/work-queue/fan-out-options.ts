/**
 * Fan-out options: what a fan-out can be told.
 */
import { type Checks, integer, shaped, text } from 'brokerless/kit';
import type { CrewOptions } from './crew-options.ts';
import { type QueueOptions, queueChecks } from './queue-options.ts';

/** The processes that a fan-out starts. Each gets the endpoint as its first argument. */
export type WorkerProcesses = Pick<CrewOptions, 'file' | 'args' | 'execArgv' | 'env' | 'stopMs'> & {
  /** How many. Default 1. */
  readonly count?: number | undefined;
};

/**
 * Options of `fanOut`. All may be left out. There is no store: whoever starts again reads the source again.
 */
export interface FanOutOptions extends Omit<QueueOptions, 'store'> {
  /** Where workers connect. Default `tcp://127.0.0.1:*`: a port that is free. */
  readonly bind?: string | undefined;
  /** Worker processes to be started, replaced when they die, and stopped at the end. Default: none. */
  readonly workers?: WorkerProcesses | undefined;
  /** How many outcomes may wait to be read before the source is read no further. Default 10,000. */
  readonly maxUnread?: number | undefined;
  /** Cancels what has not ended when it fires, and reads no more of the source. */
  readonly signal?: AbortSignal | undefined;
}

const { store: _, ...ownChecks } = queueChecks;

/** The checks of {@link FanOutOptions}. */
export const fanOutChecks: Checks<FanOutOptions> = {
  ...ownChecks,
  bind: text,
  workers: (value) =>
    typeof value === 'object' && value !== null && 'file' in value
      ? undefined
      : 'an object with the file of a program, and how many are to run it',
  maxUnread: integer(1),
  signal: shaped('an AbortSignal', 'addEventListener'),
};

/** What the options mean to the crew. */
export function crewOptions(
  { count = 1, args = [], ...others }: WorkerProcesses,
  endpoint: string,
): CrewOptions {
  return { ...others, count, args: [endpoint, ...args] };
}
