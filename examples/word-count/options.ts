/**
 * Options: the command line of the word count.
 */
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

/** How the program is called. */
export const usage = 'npm start [-- DIR] [--workers N] [--json]';

/** What the program was asked to do. */
export interface Options {
  /** The tree to count. */
  readonly directory: string;
  /** How many worker processes to start. */
  readonly workers: number;
  /** Whether to print one JSON object instead of tables. */
  readonly json: boolean;
}

/** A command line that makes no sense, in one line. */
export class UsageError extends Error {}

/** Reads the command line. @throws UsageError that says what is wrong with it. */
export async function readOptions(args: readonly string[]): Promise<Options> {
  const { values, positionals } = parse(args);
  if (positionals.length > 1) throw new UsageError(`one DIR, please, not ${positionals.length}`);
  const [directory = process.cwd()] = positionals;
  await checkDirectory(directory);
  return { directory, workers: readWorkers(values.workers), json: values.json === true };
}

function parse(args: readonly string[]) {
  const options = { workers: { type: 'string' }, json: { type: 'boolean' } } as const;
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function readWorkers(text: string | undefined): number {
  const workers = text === undefined ? availableParallelism() : Number(text);
  if (Number.isInteger(workers) && workers >= 1 && workers <= 256) return workers;
  throw new UsageError(
    `--workers must be a whole number from 1 to 256, got ${JSON.stringify(text)}`,
  );
}

async function checkDirectory(directory: string): Promise<void> {
  const found = await stat(directory).catch((error: Error) => {
    throw new UsageError(`cannot read DIR: ${error.message}`);
  });
  if (!found.isDirectory())
    throw new UsageError(`DIR must be a directory, and ${directory} is not`);
}
