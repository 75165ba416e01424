/**
 * Crew options: what a crew of processes is told, and what it tells.
 */
import {
  type Check,
  type Checks,
  type Clock,
  callback,
  either,
  integer,
  shaped,
  text,
} from 'brokerless/kit';

/** Options of `startCrew`. */
export interface CrewOptions {
  /** The program that every process runs. */
  readonly file: URL | string;
  /** How many processes there shall be. */
  readonly count: number;
  /** What each is called with. Default: nothing. */
  readonly args?: readonly string[] | undefined;
  /** The flags of Node.js, such as `['--import', 'tsx']`. Default: those of this process. */
  readonly execArgv?: readonly string[] | undefined;
  /** Variables added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** The most that the first wait before a restart may take, in milliseconds; it doubles. Default 100. */
  readonly restartMs?: number | undefined;
  /** What no such wait exceeds, in milliseconds. Default 10,000. */
  readonly restartMaxMs?: number | undefined;
  /** A process that lives so long has started well, in milliseconds. Default 5000. */
  readonly steadyMs?: number | undefined;
  /**
   * After how many quick deaths in a row, with no process that starts well meanwhile, the crew gives up.
   * Default: 3 for each process, and at least 5.
   */
  readonly maxQuickDeaths?: number | undefined;
  /** How long a process may take to end when it is asked to, in milliseconds. Default 5000. */
  readonly stopMs?: number | undefined;
  /** Tells the time. Default: the computer's own clock. */
  readonly clock?: Clock | undefined;
  /** Gives numbers from 0 up to but not including 1. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

const texts: Check = (value) =>
  Array.isArray(value) && value.every((each) => typeof each === 'string')
    ? undefined
    : 'an array of strings';

const url: Check = (value) => (value instanceof URL ? undefined : 'a URL');

/** The checks of {@link CrewOptions}. */
export const crewChecks: Checks<CrewOptions> = {
  file: either(url, text),
  count: integer(1, 1000),
  args: texts,
  execArgv: texts,
  env: (value) => (typeof value === 'object' && value !== null ? undefined : 'an object'),
  restartMs: integer(1, 600_000),
  restartMaxMs: integer(1, 600_000),
  steadyMs: integer(1, 600_000),
  maxQuickDeaths: integer(1, 1_000_000),
  stopMs: integer(0, 600_000),
  clock: shaped('an object with now and at', 'now', 'at'),
  random: callback,
};

/** How a process has ended. One of `code` and `signal` is null; both are if it could not be started. */
export interface CrewExit {
  /** Its process id; undefined if it could not be started. */
  readonly pid: number | undefined;
  /** Its exit code. */
  readonly code: number | null;
  /** The signal that killed it, such as `SIGKILL`. */
  readonly signal: string | null;
  /** Why it could not be started. */
  readonly cause?: unknown;
}

/** What there is to hear of a crew. */
export interface CrewEvents {
  /** A process has been started; those of the beginning are not told. */
  readonly start: { readonly pid: number };
  /** A process has ended, wanted or not. */
  readonly exit: CrewExit;
}
