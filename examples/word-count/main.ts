/**
 * Word count: counts the words of a tree of text files on several processes.
 *
 *     npm start [-- DIR] [--workers N] [--json]
 *
 * This process deals the files out and merges what comes back; the workers are processes of their own. One
 * that is killed is replaced, and what it had in hand is counted by another: the totals are exact all the same.
 * A file that no worker can count is named, and the run ends with exit code 1, because a total without it
 * would be wrong. In Python this is a `multiprocessing.Pool`, which waits for ever if a worker is killed.
 */
import { isBrokerlessError } from 'brokerless';
import { type FanOut, fanOut, type Outcome } from 'brokerless/patterns/work-queue';
import { type FileReport, MAX_REPORT_BYTES } from './job.ts';
import { type Options, readOptions, UsageError, usage } from './options.ts';
import { progressBar, render } from './table.ts';
import { Tally } from './tally.ts';
import { walk } from './walk.ts';

// A file that so many workers have died of, or that was in their hands when they were killed, is given up.
const MAX_ATTEMPTS = 5;

// A worker says nothing while it counts a long file. That it was killed is noticed at once all the same.
const HEARTBEAT_MS = 5000;

try {
  process.exitCode = await main(await readOptions(process.argv.slice(2)));
} catch (error) {
  if (error instanceof UsageError) {
    console.error(`${error.message.replaceAll(/\s+/g, ' ')}; usage: ${usage}`);
    process.exitCode = 2;
  } else if (isBrokerlessError(error, 'HANDLER_FAILED')) {
    console.error(`no total: ${error.message}`); // The workers cannot be kept running.
    process.exitCode = 1;
  } else throw error;
}

async function main(options: Options): Promise<number> {
  const startedAt = performance.now();
  const unreadable: string[] = [];
  const listed = list(options.directory, unreadable);
  async function* files(): AsyncGenerator<Buffer> {
    yield* await listed; // The workers start meanwhile.
  }
  await using run = await fanOut<Buffer, FileReport>(files(), {
    // In the end they have nothing in hand, and one that is frozen hears no other signal than SIGKILL.
    workers: { file: new URL('worker.ts', import.meta.url), count: options.workers, stopMs: 0 },
    maxMessageBytes: MAX_REPORT_BYTES,
    maxAttempts: MAX_ATTEMPTS,
    heartbeatMs: HEARTBEAT_MS,
  });
  const tally = new Tally(run.crew?.pids ?? []);
  run.crew?.on('start', ({ pid }) => tally.join(pid));

  const missing = await collect(run, (await listed).length, tally);
  tally.unreadable.push(...unreadable);
  for (const line of tally.unreadable) console.error(`unreadable: ${line}`);
  if (missing.length > 0) return fail(missing);

  const seconds = (performance.now() - startedAt) / 1000;
  const summary = tally.summary(seconds);
  console.log(options.json ? JSON.stringify(summary) : render(summary, tally, options.workers));
  return 0;
}

/** The paths of all files of a tree; what of it cannot be read is added to `unreadable`. */
async function list(directory: string, unreadable: string[]): Promise<Buffer[]> {
  const paths: Buffer[] = [];
  const tree = walk(Buffer.from(directory), ({ path, reason }) => {
    unreadable.push(`${path}: ${reason}`);
  });
  for await (const path of tree) paths.push(path);
  return paths;
}

/** Adds up what comes back; returns what has to be said of files that nobody could count. */
async function collect(
  run: FanOut<Buffer, FileReport>,
  total: number,
  tally: Tally,
): Promise<string[]> {
  const missing: string[] = [];
  const bar = progressBar(total);
  try {
    for await (const outcome of run) {
      const path = String(outcome.item);
      if (outcome.status === 'done') tally.add(path, outcome.value);
      else missing.push(`${path}: ${reasonOf(outcome)}`);
      bar.increment();
    }
  } finally {
    bar.stop();
  }
  return missing;
}

function reasonOf(outcome: Exclude<Outcome<FileReport>, { status: 'done' }>): string {
  if (outcome.status === 'failed') return outcome.error.message;
  return outcome.status === 'discarded' ? outcome.reason : outcome.status;
}

function fail(missing: readonly string[]): number {
  console.error(`no total: ${missing.length} files could not be counted`);
  for (const line of missing) console.error(`missing: ${line}`);
  return 1;
}
