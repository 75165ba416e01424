/**
 * Word count: counts the words of a tree of text files on several processes.
 *
 *     npm start [-- DIR] [--workers N] [--json]
 *
 * This process is the ventilator, which deals the files out, and the sink, which merges what comes
 * back. The workers are processes of their own. A worker that is killed costs the files it held: the
 * run then names them and ends with exit code 1, because a total without them would be wrong.
 */
import { isBrokerlessError } from 'brokerless';
import { type Sink, startSink, startVentilator } from 'brokerless/patterns/pipeline';
import { Crew } from './crew.ts';
import { type FileReport, MAX_REPORT_BYTES } from './job.ts';
import { type Options, readOptions, UsageError, usage } from './options.ts';
import { progressBar, render } from './table.ts';
import { Tally } from './tally.ts';
import { walk } from './walk.ts';

// Workers start within a second; one that died before it could begin must not hold up the others.
const START_MS = 5000;

// With all workers gone, what is still on its way arrives in an instant.
const LAST_CALL_MS = 1000;

try {
  process.exitCode = await main(await readOptions(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message.replaceAll(/\s+/g, ' ')}; usage: ${usage}`);
  process.exitCode = 2;
}

async function main(options: Options): Promise<number> {
  const startedAt = performance.now();
  const unreadable: string[] = [];
  const paths: Buffer[] = [];
  const tree = walk(Buffer.from(options.directory), ({ path, reason }) => {
    unreadable.push(`${path}: ${reason}`);
  });
  for await (const path of tree) paths.push(path);

  await using sink = await startSink<FileReport>({
    bind: 'tcp://127.0.0.1:*',
    maxMessageBytes: MAX_REPORT_BYTES,
  });
  await using ventilator = await startVentilator(paths, {
    bind: 'tcp://127.0.0.1:*',
    sink: sink.endpoint,
    workers: options.workers,
    waitMs: START_MS,
  });
  using crew = new Crew(options.workers, [ventilator.endpoint, sink.endpoint]);
  void crew.gone.then(() => sink.lastCall(LAST_CALL_MS));

  const tally = new Tally(crew.pids);
  const missing = await collect(sink, paths, tally);
  tally.unreadable.push(...unreadable);
  for (const line of tally.unreadable) console.error(`unreadable: ${line}`);
  if (missing.length > 0) return fail(missing);

  const summary = tally.summary((performance.now() - startedAt) / 1000);
  console.log(options.json ? JSON.stringify(summary) : render(summary, tally));
  return 0;
}

/** Adds up what comes back; returns the paths of which nothing did. */
async function collect(
  sink: Sink<FileReport>,
  paths: readonly Buffer[],
  tally: Tally,
): Promise<string[]> {
  const waiting = new Map(paths.map((path, id) => [id, String(path)]));
  const bar = progressBar(paths.length);
  try {
    for await (const result of sink) {
      const path = waiting.get(result.id) ?? '';
      if (!result.ok) throw new Error(`the worker failed at ${path}: ${result.reason}`);
      waiting.delete(result.id);
      tally.add(path, result.value);
      bar.increment();
    }
  } catch (error) {
    if (!isBrokerlessError(error, 'MISSING_RESULTS')) throw error;
  } finally {
    bar.stop();
  }
  return [...waiting.values()];
}

function fail(missing: readonly string[]): number {
  console.error(`no total: ${missing.length} files have no result, because a worker died`);
  for (const path of missing) console.error(`missing: ${path}`);
  return 1;
}
