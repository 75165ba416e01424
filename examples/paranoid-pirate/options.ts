/**
 * Options: the command line of the paranoid pirate.
 */
import { parseArgs } from 'node:util';

/** How the program is called. */
export const usage = 'main.ts [--requests N] [--workers N] [--kills N]';

/** What the program was asked to do. */
export interface Options {
  /** How many requests there are to be answered. */
  readonly requests: number;
  /** How many worker processes there are at a time. */
  readonly workers: number;
  /** How many of them are killed on the way. */
  readonly kills: number;
}

/** A command line that makes no sense, in one line. */
export class UsageError extends Error {}

/** Reads the command line. @throws UsageError that says what is wrong with it. */
export function readOptions(args: readonly string[]): Options {
  const { requests, workers, kills } = parse(args);
  return {
    requests: readCount('--requests', requests, 1, 1_000_000),
    workers: readCount('--workers', workers, 1, 64),
    kills: readCount('--kills', kills, 0, 1000),
  };
}

function parse(args: readonly string[]) {
  const options = {
    requests: { type: 'string', default: '2000' },
    workers: { type: 'string', default: '4' },
    kills: { type: 'string', default: '8' },
  } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function readCount(name: string, text: string, min: number, max: number): number {
  const count = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isInteger(count) && count >= min && count <= max) return count;
  throw new UsageError(
    `${name} must be a whole number from ${min} to ${max}, got ${JSON.stringify(text)}`,
  );
}
