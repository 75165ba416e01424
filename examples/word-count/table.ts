/**
 * Table: what a person sees of a word count, while it runs and at the end.
 */
import { Presets, SingleBar } from 'cli-progress';
import Table from 'cli-table3';
import type { Summary, Tally } from './tally.ts';

// Plain lines: the tables are as likely to go to a file as to a terminal.
const style = { head: [], border: [] };

/** A progress bar over `total` files, on the error output and only if that is a terminal. */
export function progressBar(total: number): Pick<SingleBar, 'increment' | 'stop'> {
  if (!process.stderr.isTTY) return { increment() {}, stop() {} };
  const format = ' {bar} {percentage}% | {value} of {total} files | {eta_formatted} left';
  const bar = new SingleBar(
    { format, clearOnComplete: true, stream: process.stderr },
    Presets.shades_classic,
  );
  bar.start(total, 0);
  return bar;
}

/** The result of a run, with so many workers at a time, as text. */
export function render(summary: Summary, tally: Tally, atATime: number): string {
  return [totals(summary, tally), topTen(summary), workers(summary, tally, atATime)].join('\n');
}

function totals(summary: Summary, tally: Tally): string {
  const table = new Table({ style, colAligns: ['left', 'right'] });
  table.push(
    ['files', figure(summary.files)],
    ['bytes', figure(summary.bytes)],
    ['words', figure(summary.words)],
    ['distinct words', figure(summary.distinct)],
    ...[...tally.skipped].map(([reason, files]) => [`skipped: ${reason}`, figure(files)]),
    ['unreadable', figure(tally.unreadable.length)],
    ['seconds', summary.seconds.toFixed(2)],
  );
  return table.toString();
}

function topTen(summary: Summary): string {
  const table = new Table({ style, head: ['word', 'times'], colAligns: ['left', 'right'] });
  table.push(...summary.top.map(([word, count]) => [word, figure(count)]));
  return table.toString();
}

function workers(summary: Summary, tally: Tally, atATime: number): string {
  const aligned = ['left', 'right', 'right', 'right'] as const;
  const table = new Table({
    style,
    head: ['worker', 'files', 'seconds', 'busy'],
    colAligns: [...aligned],
  });
  const row = (name: string, files: number, seconds: number, wall: number): string[] => [
    name,
    figure(files),
    seconds.toFixed(2),
    `${((100 * seconds) / wall).toFixed(0)} %`,
  ];
  const busy = tally.workers.reduce((sum, { seconds }) => sum + seconds, 0);
  for (const { pid, files, seconds } of tally.workers) {
    table.push(row(`process ${pid}`, files, seconds, summary.seconds));
  }
  table.push(row('all', summary.files, busy, summary.seconds * atATime));
  return table.toString();
}

function figure(value: number): string {
  return value.toLocaleString('en-US');
}
