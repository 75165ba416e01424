/**
 * Latency: how long after a call was due is its answer there, at a rate that waits for nobody?
 *
 * Each is paced at half of what it manages with 512 calls under way, measured first in the same run: the same rate for
 * all would drown whoever can do less. How calls are paced and why is told in `support/pacing.ts`.
 */
import type { Brief, Row } from '../support/report.ts';
import { tripRate } from '../support/round-trip-rounds.ts';
import { alternate, type Contestant, compare, median } from '../support/rounds.ts';
import { usage } from '../support/usage.ts';
import { type PacedReport, pacedContestant } from './paced.ts';
import { contestantsOf, FLOOR_NAME } from './throughput.ts';

const SHARE = 0.5;
const SECONDS = 4;
const TURN_US = 200; // Some 40 calls of ours a turn, and 4 of the floor's.
const WARM_SECONDS = 2; // At the whole rate; it takes twice as long to get there.
const CAPACITY_RUNS = 3;

const files: Readonly<Record<string, URL>> = {
  ours: new URL('../ours/service-paced.ts', import.meta.url),
  [FLOOR_NAME]: new URL('../floors/service-paced.ts', import.meta.url),
};

const questions: readonly {
  readonly name: string;
  readonly of: (report: PacedReport) => number;
}[] = [
  { name: 'p50', of: ({ sent }) => sent.p50 },
  { name: 'p99', of: ({ sent }) => sent.p99 },
];

/** Measures it, if it was asked for. */
export async function latency(brief: Brief): Promise<Row[]> {
  if (!questions.some(({ name }) => brief.wants(nameOf(name)))) return [];
  const paced: Contestant<PacedReport>[] = [];
  const rates = new Map<string, number>();
  for (const contestant of contestantsOf({ transport: 'tcp', inFlight: 512 })) {
    const { name } = contestant;
    brief.note(`capacity of ${name}`);
    const measured: number[] = [];
    for (let run = 0; run < CAPACITY_RUNS; run += 1) {
      measured.push(tripRate(await contestant.measure(run)));
    }
    const rate = Math.round(median(measured) * SHARE);
    rates.set(name, rate);
    const warm = Math.round(rate * WARM_SECONDS);
    const count = Math.round(rate * SECONDS);
    paced.push(pacedContestant(name, files[name] as URL, { rate, warm, count, turnUs: TURN_US }));
  }
  brief.note([...rates].map(([name, rate]) => `${name} at ${rate} calls/s`).join(', '));
  const series = await alternate(paced, brief.rounds);
  const ours = series.get('ours') ?? [];
  const floor = series.get(FLOOR_NAME) ?? [];
  const rows = questions.map(({ name, of }) => ({
    bench: 'service',
    case: nameOf(name),
    class: 'a' as const,
    unit: 'µs',
    floorName: `${FLOOR_NAME}, at ${SHARE * 100} % of its own`,
    ...compare(ours.map(of), floor.map(of)),
    ...usage(ours, floor),
    rate: rates.get('ours') ?? NaN,
  }));
  return rows.filter((row) => brief.wants(row.case));
}

function nameOf(percentile: string): string {
  return `latency at ${SHARE * 100} %, ${percentile}`;
}
