/**
 * Worker: a process that counts the words of the files it is handed, until it is told to stop.
 *
 *     worker.ts QUEUE
 */
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { leaveWithParent, startQueueWorker } from 'brokerless/patterns/work-queue';
import { type FileReport, MAX_FILE_BYTES, MAX_REPORT_BYTES, type Outcome } from './job.ts';
import { countWords } from './words.ts';

const [queue = ''] = process.argv.slice(2);
leaveWithParent();
await startQueueWorker({ queue, handler: report, maxMessageBytes: MAX_REPORT_BYTES });

function report(path: Uint8Array): FileReport {
  const startedAt = performance.now();
  const outcome = count(Buffer.from(path));
  return { pid: process.pid, seconds: (performance.now() - startedAt) / 1000, outcome };
}

function count(path: Buffer): Outcome {
  let bytes: Buffer | undefined;
  try {
    bytes = read(path);
  } catch (error) {
    return { kind: 'unreadable', reason: (error as Error).message };
  }
  if (bytes === undefined) return { kind: 'skipped', reason: 'too large' };
  const counted = countWords(bytes);
  if (counted === undefined) return { kind: 'skipped', reason: 'not UTF-8' };
  return { kind: 'counted', bytes: bytes.length, words: counted.total, counts: counted.counts };
}

/** The bytes of a file; undefined if it is larger than what is counted. Nothing else is to be done meanwhile. */
function read(path: Buffer): Buffer | undefined {
  const file = openSync(path, 'r');
  try {
    if (fstatSync(file).size > MAX_FILE_BYTES) return undefined;
    const bytes = readFileSync(file);
    return bytes.length > MAX_FILE_BYTES ? undefined : bytes;
  } finally {
    closeSync(file);
  }
}
