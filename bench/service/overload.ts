/**
 * Overload: when a server is asked for more than it can do, do those it takes on fare as they did before?
 *
 * Each call takes some milliseconds, and the server carries out so many at a time, and lets as many wait: that is what
 * it can do. The floor is the same server at 80 % of that.
 */
import type { Brief, Row } from '../support/report.ts';
import { alternate, compare } from '../support/rounds.ts';
import { usage } from '../support/usage.ts';
import { type PacedReport, pacedContestant } from './paced.ts';

const REST_MS = 10;
const CONCURRENCY = 64;
const MAX_QUEUED = 64;
const SECONDS = 3;
const WARM = 500;

const LESS = 0.8;
const MORE = 1.2;

const file = new URL('../ours/service-paced.ts', import.meta.url);

const questions: readonly {
  readonly name: string;
  readonly unit: string;
  readonly of: (report: PacedReport) => number;
}[] = [
  { name: 'p99 of those taken on', unit: 'µs', of: ({ sent }) => sent.p99 },
  { name: 'answered', unit: 'calls/s', of: ({ sent }) => sent.answered / SECONDS },
];

/** Measures it, if it was asked for. */
export async function overload(brief: Brief): Promise<Row[]> {
  if (!questions.some(({ name }) => brief.wants(nameOf(name)))) return [];
  brief.note(`overload: ${MORE * 100} % of what a server can do, beside ${LESS * 100} %`);
  // A timer is up to a millisecond late, so this is a little more than it can really do.
  const capacity = (CONCURRENCY / (REST_MS + 1)) * 1000;
  const at = (share: number): ReturnType<typeof pacedContestant> =>
    pacedContestant(`${share}`, file, {
      rate: Math.round(capacity * share),
      warm: WARM,
      count: Math.round(capacity * share * SECONDS),
      restMs: REST_MS,
      concurrency: CONCURRENCY,
      maxQueued: MAX_QUEUED,
    });
  const series = await alternate([at(MORE), at(LESS)], brief.rounds);
  const more = series.get(`${MORE}`) ?? [];
  const less = series.get(`${LESS}`) ?? [];
  const refused = more.map(({ sent }) => sent.refused).join(', ');
  brief.note(`refused with OVERLOADED at ${MORE * 100} %: ${refused} calls a round`);
  const rows = questions.map(({ name, unit, of }) => ({
    bench: 'service',
    case: nameOf(name),
    class: 'a' as const,
    unit,
    floorName: `the same at ${LESS * 100} %`,
    ...compare(more.map(of), less.map(of)),
    ...usage(more, less),
    rate: Math.round(capacity * MORE),
  }));
  return rows.filter((row) => brief.wants(row.case));
}

function nameOf(what: string): string {
  return `${MORE * 100} % of capacity, ${what}`;
}
