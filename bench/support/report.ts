/**
 * Report: the rows that all benches give, as a table for people and JSON for programs.
 */
import Table from 'cli-table3';
import type { Comparison } from './rounds.ts';

/** What a row promises about a value that was accepted; only equal classes are divided. */
export const promiseClasses = {
  a: 'memory, no ack',
  b: 'memory, ack',
  c: 'on disk before ack',
  d: 'replicated',
  none: 'nothing is sent: inside one process',
} as const;

/** One number of ours beside one floor's. */
export interface Row extends Comparison {
  readonly bench: string;
  readonly case: string;
  readonly class: keyof typeof promiseClasses;
  readonly unit: string;
  readonly floorName: string;
  /** How many cores our processes kept busy, and the floor's; medians. */
  readonly cpu?: Ends;
  readonly floorCpu?: Ends;
  /** The most memory our processes had resident, and the floor's, in MB; medians. */
  readonly rss?: Ends;
  readonly floorRss?: Ends;
  /** Values a second, where the rate was given and not measured. */
  readonly rate?: number;
}

/** A number for each process; of several receivers, a list. Who asks is a sender, who answers a receiver. */
export interface Ends {
  readonly sender: number;
  readonly receiver: number | readonly number[];
}

/** What a bench is told. */
export interface Brief {
  readonly rounds: number;
  /** Whether the case of this name was asked for. */
  readonly wants: (caseName: string) => boolean;
  /** Says on stderr what is going on. */
  readonly note: (text: string) => void;
}

/** What a bench gives. */
export interface Outcome {
  readonly rows: readonly Row[];
  /** What belongs beside the rows, for `meta`. */
  readonly notes?: Notes;
}

/** Remarks of the benches for `meta`. */
export interface Notes {
  /** The libzmq of the C++ floors, or why their rows are missing. */
  readonly libzmqFloor?: string;
}

/** The rows as a table. */
export function table(rows: readonly Row[]): string {
  const head = ['bench', 'case', 'unit', 'floor', 'its figure', 'ours', 'ratio', 'min – max'];
  const colAligns = [...left(4), ...right(4)];
  const grid = new Table({ head, colAligns, style: { head: [], border: [] } });
  for (const row of rows) {
    const range = `${figure(row.min)} – ${figure(row.max)}`;
    const names = [row.bench, row.case, row.unit, row.floorName];
    grid.push([...names, figure(row.floor), figure(row.ours), figure(row.ratio), range]);
  }
  return grid.toString();
}

const left = (count: number): 'left'[] => Array<'left'>(count).fill('left');
const right = (count: number): 'right'[] => Array<'right'>(count).fill('right');

/** Three digits that mean something, and no more. */
function figure(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** The number with no more digits than it is worth, for JSON that is read by people too. */
export function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(6)) : value;
}
