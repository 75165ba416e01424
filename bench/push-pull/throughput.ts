/**
 * Throughput: how many values a second go from one process to another, over TCP loopback?
 */
import type { Received } from '../support/child.ts';
import type { Place, ThroughputTask, Values } from '../support/job.ts';
import { type Command, type PairReport, runPair, script } from '../support/processes.ts';
import type { Brief, Row } from '../support/report.ts';
import { alternate, type Contestant, calibrated, compare, type Series } from '../support/rounds.ts';
import { usage } from '../support/usage.ts';
import { expectedSum } from '../support/values.ts';

/** The programs of our sockets and of raw zeromq's, which understand every job. */
export const programs = {
  ours: new URL('../ours/push-pull.ts', import.meta.url),
  zeromq: new URL('../floors/raw.ts', import.meta.url),
} as const;

type Name = 'ours' | 'zeromq' | 'libzmq' | 'libzmq-packed';

interface Case {
  readonly name: string;
  readonly values: Values;
  readonly size: number;
  /** Who takes part, and about how many values a second to expect: the length of the warm-up round. */
  readonly expected: Partial<Readonly<Record<Name, number>>>;
}

const small = { zeromq: 300e3, libzmq: 4e6, 'libzmq-packed': 10e6 };

const cases: readonly Case[] = [
  {
    name: 'Uint8Array of 16 B',
    values: 'bytes',
    size: 16,
    expected: { ...small, ours: 4e6 },
  },
  {
    name: 'Uint8Array of 100 B',
    values: 'bytes',
    size: 100,
    expected: { ...small, ours: 3e6 },
  },
  {
    name: 'Uint8Array of 1 KiB',
    values: 'bytes',
    size: 1024,
    expected: { zeromq: 250e3, libzmq: 700e3, 'libzmq-packed': 1e6, ours: 1e6 },
  },
  {
    name: 'Uint8Array of 64 KiB',
    values: 'bytes',
    size: 65_536,
    expected: { zeromq: 20e3, ours: 20e3 },
  },
  {
    name: 'Uint8Array of 64 KiB, transfer',
    values: 'constant',
    size: 65_536,
    expected: { zeromq: 20e3, ours: 20e3 },
  },
  {
    name: 'object {id, name, args, ts, ok}',
    values: 'object',
    size: 0,
    expected: { zeromq: 200e3, ours: 1e6 },
  },
];

/** How long the timed part of a round should last. */
const TIMED_SECONDS = 1;

type Report = PairReport<Received>;

/** Measures every case that was asked for; without `libzmqProgram` the floors in C++ are left out. */
export async function throughput(brief: Brief, libzmqProgram: string | undefined): Promise<Row[]> {
  const rows: Row[] = [];
  for (const given of cases.filter(({ name }) => brief.wants(name))) {
    brief.note(given.name);
    const names = (Object.keys(given.expected) as Name[]).filter(
      (name) => libzmqProgram !== undefined || !name.startsWith('libzmq'),
    );
    const contestants = names.map((name) => contestant(name, given, libzmqProgram ?? ''));
    rows.push(...rowsOf(given, await alternate(contestants, brief.rounds)));
  }
  return rows;
}

/** Raw zeromq's values a second in one round of one second, for whoever needs a rate. */
export async function rawCapacity(size: number): Promise<number> {
  const given: Case = { name: '', values: 'bytes', size, expected: { zeromq: small.zeromq } };
  return rate(await contestant('zeromq', given, '').measure(0));
}

function contestant(name: Name, given: Case, libzmqProgram: string): Contestant<Report> {
  const length = { expected: given.expected[name] ?? 0, seconds: TIMED_SECONDS };
  return calibrated(name, length, {
    rate,
    async measure(counted) {
      const task = {
        task: 'throughput',
        values: given.values,
        size: given.size,
        ...counted,
      } as const;
      const report = await runPair<Received>((place) => command(name, task, place, libzmqProgram));
      checkAllSeen(name, task, report.received);
      return report;
    },
  });
}

function command(name: Name, task: ThroughputTask, place: Place, libzmqProgram: string): Command {
  if (name === 'ours' || name === 'zeromq') return script(programs[name], { ...task, ...place });
  const mode = name === 'libzmq' ? 'single' : 'packed';
  const numbers = [task.size, task.warm, task.count].map(String);
  const verb = place.role === 'bind' ? 'pull' : 'push';
  return [libzmqProgram, verb, mode, place.endpoint, ...numbers];
}

/** A contestant that loses or damages values is no contestant. */
function checkAllSeen(name: Name, task: ThroughputTask, { sum }: Received): void {
  const expected = expectedSum(task.values, task);
  if (sum !== expected) throw new Error(`${name} read ${sum} of its values, not ${expected}`);
}

function rowsOf(given: Case, series: Series<Report>): Row[] {
  const ours = series.get('ours') ?? [];
  const floors = [...series].filter(([name]) => name !== 'ours');
  return floors.map(([floorName, floor]) => ({
    bench: 'push-pull',
    case: given.name,
    class: 'a',
    unit: 'msg/s',
    floorName,
    ...compare(ours.map(rate), floor.map(rate)),
    ...usage(ours, floor),
  }));
}

function rate({ received }: Report): number {
  return received.values / received.seconds;
}
