/**
 * Images: makes a thumbnail of each PNG file of a folder, in threads, and shows how long it will take.
 *
 *     node --conditions=@brokerless/source --import tsx examples/images/main.ts FROM TO [THREADS]
 *
 * In Python this is a `concurrent.futures.ProcessPoolExecutor` with Pillow and tqdm. A file that is no PNG costs
 * nothing but itself: it is tried, named, and makes the exit code 1.
 */
import { mkdir, readdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fanOut, progress, startQueueWorker } from 'brokerless/patterns/work-queue';
import { Presets, SingleBar } from 'cli-progress';
import type { Picture } from './handler.ts';

const [from = '.', to = 'thumbnails', threads = availableParallelism()] = process.argv.slice(2);
await mkdir(to, { recursive: true });
const names = (await readdir(from)).filter((name) => name.endsWith('.png'));
const pictures = names.map((name) => ({ from: join(from, name), to: join(to, name) }));

const run = await fanOut<Picture, readonly number[]>(pictures, { maxAttempts: 2 });
// The threads are of this process here. A worker of its own takes the same lines, elsewhere.
const worker = await startQueueWorker<Picture, readonly number[]>({
  queue: run.endpoint,
  handler: new URL('handler.ts', import.meta.url),
  threads: Number(threads),
  execArgv: ['--import', new URL('register-tsx.js', import.meta.url).href],
});

const format = ' {bar} {percentage}% | {value} of {total} pictures | {left} s left';
const bar = new SingleBar({ format, clearOnComplete: true }, Presets.shades_classic);
bar.start(names.length, 0, { left: '?' });
const failed: string[] = [];
let seconds = 0;
const outcomes = progress(run, {
  total: names.length,
  onProgress: ({ done, etaMs, elapsedMs }) => {
    seconds = elapsedMs / 1000;
    bar.update(done, { left: etaMs === undefined ? '?' : (etaMs / 1000).toFixed(0) });
  },
});
for await (const outcome of outcomes) {
  const reason = outcome.status === 'failed' ? outcome.error.message : outcome.status;
  if (outcome.status !== 'done') failed.push(`${outcome.item.from}: ${reason}`);
}
bar.stop();
await worker.leave();

for (const line of failed) console.error(`failed: ${line}`);
console.log(
  `${names.length - failed.length} of ${names.length} thumbnails in ${seconds.toFixed(1)} s`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
