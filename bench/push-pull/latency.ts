/**
 * Latency: how long after it was due does a value arrive, at a rate that waits for nobody?
 *
 * The rates are shares of what raw `zeromq` manages at full speed, measured first in the same run.
 * How values are paced and why is told in `support/pacing.ts`.
 */
import type { LatencyTask } from '../support/job.ts';
import type { Delays } from '../support/pacing.ts';
import { type PairReport, runPair, script } from '../support/processes.ts';
import type { Brief, Row } from '../support/report.ts';
import { alternate, type Contestant, compare, median } from '../support/rounds.ts';
import { usage } from '../support/usage.ts';
import { programs, rawCapacity } from './throughput.ts';

const SIZE = 16;
const SHARES = [0.1, 0.5, 0.8];
const PERCENTILES = ['p50', 'p99'] as const;
const SECONDS = 1;
const WARM = 30_000;
const CAPACITY_RUNS = 3;

/** Measures every rate that was asked for. */
export async function latency(brief: Brief): Promise<Row[]> {
  const shares = SHARES.filter((share) => PERCENTILES.some((p) => brief.wants(nameOf(share, p))));
  if (shares.length === 0) return [];
  brief.note('capacity of raw zeromq');
  const capacity = await medianCapacity();
  const rows: Row[] = [];
  for (const share of shares) {
    const rate = Math.round(capacity * share);
    brief.note(`latency at ${rate} msg/s`);
    rows.push(...(await atRate(share, rate, brief.rounds)));
  }
  return rows.filter((row) => brief.wants(row.case));
}

function nameOf(share: number, percentile: string): string {
  return `latency ${share * 100} % ${percentile}`;
}

async function medianCapacity(): Promise<number> {
  const rates: number[] = [];
  for (let run = 0; run < CAPACITY_RUNS; run += 1) rates.push(await rawCapacity(SIZE));
  return median(rates);
}

async function atRate(share: number, rate: number, rounds: number): Promise<Row[]> {
  const count = Math.round(rate * SECONDS);
  const task: LatencyTask = { task: 'latency', size: SIZE, rate, warm: WARM, count };
  const series = await alternate([contestant('ours', task), contestant('zeromq', task)], rounds);
  const ours = series.get('ours') ?? [];
  const floor = series.get('zeromq') ?? [];
  return PERCENTILES.map((percentile) => ({
    bench: 'push-pull',
    case: nameOf(share, percentile),
    class: 'a',
    unit: 'µs',
    floorName: 'zeromq',
    ...compare(
      ours.map(({ received }) => received[percentile]),
      floor.map(({ received }) => received[percentile]),
    ),
    ...usage(ours, floor),
    rate,
  }));
}

function contestant(
  name: keyof typeof programs,
  task: LatencyTask,
): Contestant<PairReport<Delays>> {
  const program = programs[name];
  return { name, measure: () => runPair((place) => script(program, { ...task, ...place })) };
}
