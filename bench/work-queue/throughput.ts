/**
 * Throughput: for how many items a second are the results in?
 */
import type { ThroughputTask } from '../support/job.ts';
import type { Brief, Row } from '../support/report.ts';
import { alternate, compare, type Series } from '../support/rounds.ts';
import { usage } from '../support/usage.ts';
import { FLOOR_NAME, type FloodReport, itemRate, teamContestant, teams } from './team.ts';

type Way = 'fanOut' | 'apart';

/** Cases that have one floor. */
interface Group {
  readonly ways: readonly Way[];
  readonly workers: number;
  readonly payload: Payload;
}

interface Payload extends Pick<ThroughputTask, 'values' | 'size'> {
  readonly name: string;
}

const payloads: readonly Payload[] = [
  { name: 'Uint8Array of 16 B', values: 'bytes', size: 16 },
  { name: 'object {id, name, args, ts, ok}', values: 'object', size: 0 },
];

const groups: readonly Group[] = payloads.flatMap((payload): Group[] => [
  { ways: ['fanOut', 'apart'], workers: 1, payload },
  { ways: ['fanOut'], workers: 2, payload },
]);

const questions: readonly {
  readonly name: string;
  readonly unit: string;
  readonly of: (report: FloodReport) => number;
}[] = [
  { name: '', unit: 'items/s', of: itemRate },
  {
    name: ', CPU of all processes',
    unit: 'µs/item',
    of: (report) => (coresOf(report) / itemRate(report)) * 1e6,
  },
];

function coresOf({ sent, received }: FloodReport): number {
  return received.reduce((sum, { cpu }) => sum + cpu, sent.cpu);
}

/** Measures every case that was asked for. */
export async function throughput(brief: Brief): Promise<Row[]> {
  const rows: Row[] = [];
  for (const group of groups) {
    const ways = group.ways.filter((way) =>
      questions.some((question) => brief.wants(nameOf(way, group) + question.name)),
    );
    if (ways.length === 0) continue;
    brief.note(ways.map((way) => nameOf(way, group)).join(' and '));
    const { workers, payload } = group;
    const { values, size } = payload;
    const contestants = ([...ways, 'zeromq'] as const).map((name) =>
      teamContestant(name, teams[name], workers, { values, size }),
    );
    const series = await alternate(contestants, brief.rounds);
    rows.push(...ways.flatMap((way) => rowsOf(way, nameOf(way, group), series)));
  }
  return rows.filter((row) => brief.wants(row.case));
}

function nameOf(way: Way, { workers, payload }: Group): string {
  return `${way}, ${workers} worker${workers === 1 ? '' : 's'}, ${payload.name}`;
}

function rowsOf(way: Way, name: string, series: Series<FloodReport>): Row[] {
  const ours = series.get(way) ?? [];
  const floor = series.get('zeromq') ?? [];
  return questions.map((question) => ({
    bench: 'work-queue',
    case: name + question.name,
    class: 'b',
    unit: question.unit,
    floorName: FLOOR_NAME,
    ...compare(ours.map(question.of), floor.map(question.of)),
    ...usage(ours, floor),
  }));
}
