/**
 * Logs, the aggregator: writes the lines of all programs to one file, each of them once.
 *
 *     aggregator.ts WORKERS FILE
 *
 * In Python this is a `logging.handlers.QueueListener` with a `FileHandler`, which loses its queue when it is killed.
 * A line is acknowledged when it has been written. If this process is killed in between, the line comes
 * again; the next process reads what is in the file, and knows it. Started by main.ts.
 */
import { existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { leaveWithParent, startQueueWorker } from 'brokerless/patterns/work-queue';
import type { Line } from './shipper.ts';

const [queue = '', path = ''] = process.argv.slice(2);
leaveWithParent();

const nameOf = ({ name, number }: Line): string => `${name} ${number}`;
const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
const written = new Set(
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => nameOf(JSON.parse(line))),
);
const file = openSync(path, 'a');

await startQueueWorker({
  queue,
  handler: (line: Line) => {
    if (written.has(nameOf(line))) return;
    writeSync(file, `${JSON.stringify(line)}\n`); // In one piece: a kill leaves no half of it.
    written.add(nameOf(line));
  },
});
