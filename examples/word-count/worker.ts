/**
 * Worker: a process that counts the words of the files it is handed, until it is told to stop.
 *
 *     worker.ts VENTILATOR SINK
 */
import { open } from 'node:fs/promises';
import { startWorker } from 'brokerless/patterns/pipeline';
import { type FileReport, MAX_FILE_BYTES, MAX_REPORT_BYTES, type Outcome } from './job.ts';
import { countWords } from './words.ts';

const [from = '', to = ''] = process.argv.slice(2);
process.once('disconnect', () => process.exit()); // Whoever started this process has died,
if (!process.connected) process.exit(); // now, or while this one was starting.

const worker = await startWorker({ from, to, handler: report, maxMessageBytes: MAX_REPORT_BYTES });
await worker.finished;
process.disconnect?.();

async function report(path: Uint8Array): Promise<FileReport> {
  const startedAt = performance.now();
  const outcome = await count(Buffer.from(path));
  return { pid: process.pid, seconds: (performance.now() - startedAt) / 1000, outcome };
}

async function count(path: Buffer): Promise<Outcome> {
  let bytes: Buffer | undefined;
  try {
    bytes = await read(path);
  } catch (error) {
    return { kind: 'unreadable', reason: (error as Error).message };
  }
  if (bytes === undefined) return { kind: 'skipped', reason: 'too large' };
  const counted = countWords(bytes);
  if (counted === undefined) return { kind: 'skipped', reason: 'not UTF-8' };
  return { kind: 'counted', bytes: bytes.length, words: counted.total, counts: counted.counts };
}

/** The bytes of a file; undefined if it is larger than what is counted. */
async function read(path: Buffer): Promise<Buffer | undefined> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size > MAX_FILE_BYTES) return undefined;
    const bytes = await file.readFile();
    return bytes.length > MAX_FILE_BYTES ? undefined : bytes;
  } finally {
    await file.close();
  }
}
