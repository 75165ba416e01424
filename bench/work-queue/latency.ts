/**
 * Latency: how long after an item was due is its result back, at a rate that waits for nobody?
 *
 * Each is paced at half of what it manages itself at full speed, measured first in the same run: the same
 * rate for all would drown whoever can do less. How items are paced and why is told in `support/pacing.ts`.
 */
import type { LatencyTask } from '../support/job.ts';
import type { Brief, Row } from '../support/report.ts';
import { alternate, type Contestant, compare, median } from '../support/rounds.ts';
import { usage } from '../support/usage.ts';
import type { Delays } from './part.ts';
import { FLOOR_NAME, itemRate, type LateReport, runTeam, teamContestant, teams } from './team.ts';

type Name = 'fanOut' | 'apart' | 'zeromq';

const SIZE = 16;
const SHARE = 0.5;
const SECONDS = 1;
const WARM = 30_000;
const CAPACITY_RUNS = 3;
const WORKERS = 1;

const ways = ['fanOut', 'apart'] as const;

const questions: readonly { readonly name: string; readonly of: (delays: Delays) => number }[] = [
  { name: 'p50', of: ({ p50 }) => p50 },
  { name: 'p99', of: ({ p99 }) => p99 },
  { name: 'p99.9', of: ({ p999 }) => p999 },
];

/** Measures every case that was asked for. */
export async function latency(brief: Brief): Promise<Row[]> {
  const wanted = ways.filter((way) => questions.some(({ name }) => brief.wants(nameOf(way, name))));
  if (wanted.length === 0) return [];
  const rates = new Map<Name, number>();
  for (const name of [...wanted, 'zeromq'] as const) {
    brief.note(`capacity of ${name}`);
    rates.set(name, Math.round((await capacity(name)) * SHARE));
  }
  brief.note([...rates].map(([name, rate]) => `${name} at ${rate} items/s`).join(', '));
  const contestants = [...rates].map(([name, rate]) => contestant(name, rate));
  const series = await alternate(contestants, brief.rounds);
  const floor = series.get('zeromq') ?? [];
  const rows = wanted.flatMap((way) =>
    rowsOf(way, rates.get(way) ?? NaN, series.get(way) ?? [], floor),
  );
  return rows.filter((row) => brief.wants(row.case));
}

function nameOf(way: Name, percentile: string): string {
  return `${way} latency at ${SHARE * 100} % ${percentile}`;
}

async function capacity(name: Name): Promise<number> {
  const what = { values: 'bytes', size: SIZE, oneByOne: true } as const;
  const { measure } = teamContestant(name, teams[name], WORKERS, what);
  const rates: number[] = [];
  for (let run = 0; run < CAPACITY_RUNS; run += 1) rates.push(itemRate(await measure(run)));
  return median(rates);
}

function contestant(name: Name, rate: number): Contestant<LateReport> {
  const count = Math.round(rate * SECONDS);
  const task: LatencyTask = { task: 'latency', size: SIZE, rate, warm: WARM, count };
  return { name, measure: () => runTeam<Delays>(teams[name], WORKERS, task) };
}

function rowsOf(
  way: Name,
  rate: number,
  ours: readonly LateReport[],
  floor: readonly LateReport[],
): Row[] {
  return questions.map(({ name, of }) => ({
    bench: 'work-queue',
    case: nameOf(way, name),
    class: 'b',
    unit: 'µs',
    floorName: `${FLOOR_NAME}, at ${SHARE * 100} % of its own`,
    ...compare(
      ours.map(({ sent }) => of(sent)),
      floor.map(({ sent }) => of(sent)),
    ),
    ...usage(ours, floor),
    rate,
  }));
}
