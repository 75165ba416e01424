/**
 * The bench `request-reply`: what does it cost to ask and to be answered, beside raw `zeromq`?
 *
 * The floors are REQ to REP, with 64 requests in flight 64 REQ sockets on one REP, as the Guide has it; and
 * what an expert writes by hand to have many in flight on one socket, which has the same envelope as ours.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Brief, Outcome, Row } from './support/report.ts';
import {
  type Program,
  type TripReport,
  tripContestant,
  tripRate,
} from './support/round-trip-rounds.ts';
import type { Trips } from './support/round-trips.ts';
import { alternate, compare, type Series } from './support/rounds.ts';
import { usage } from './support/usage.ts';

interface Case {
  readonly transport: 'tcp' | 'ipc';
  readonly inFlight: number;
  /** Ours, and the floors by name. */
  readonly programs: Readonly<Record<string, Program>>;
}

const ours = new URL('./ours/request-reply.ts', import.meta.url);
const reqRep = new URL('./floors/req-rep.ts', import.meta.url);
const pipelined = new URL('./floors/pipelined.ts', import.meta.url);

const single = {
  ours: { file: ours, expected: 10_000 },
  'REQ/REP': { file: reqRep, expected: 10_000 },
  'DEALER/ROUTER': { file: pipelined, expected: 10_000 },
};
const many = {
  ours: { file: ours, expected: 40_000 },
  '64 REQ, one REP': { file: reqRep, expected: 40_000 },
  'DEALER/ROUTER': { file: pipelined, expected: 60_000 },
};

const cases: readonly Case[] = (['tcp', 'ipc'] as const).flatMap((transport) => [
  { transport, inFlight: 1, programs: single },
  { transport, inFlight: 64, programs: many },
]);

const SIZE = 16;

/** What a case is asked about: round trips a second, of which more is better, and delays. */
const questions: readonly {
  name: string;
  unit: string;
  of: (report: TripReport<Trips>) => number;
}[] = [
  { name: '', unit: 'req/s', of: tripRate },
  { name: ', p50', unit: 'µs', of: ({ sent }) => sent.p50 },
  { name: ', p99', unit: 'µs', of: ({ sent }) => sent.p99 },
  { name: ', p99.9', unit: 'µs', of: ({ sent }) => sent.p999 },
];

/** Measures every case that was asked for. */
export async function requestReply(brief: Brief): Promise<Outcome> {
  const rows: Row[] = [];
  for (const given of cases) {
    const wanted = questions.filter(({ name }) => brief.wants(nameOf(given) + name));
    if (wanted.length === 0) continue;
    brief.note(nameOf(given));
    rows.push(...rowsOf(given, await measured(given, brief.rounds)));
  }
  return { rows: rows.filter((row) => brief.wants(row.case)) };
}

function nameOf({ transport, inFlight }: Case): string {
  return `${transport}, ${inFlight} in flight`;
}

/** Runs all rounds; a path for ipc is one that only this user can enter. */
async function measured(
  { transport, inFlight, programs }: Case,
  rounds: number,
): Promise<Series<TripReport<Trips>>> {
  const folder = await mkdtemp(join(tmpdir(), 'brokerless-bench-'));
  const address = transport === 'tcp' ? 'tcp://127.0.0.1:*' : `ipc://${join(folder, 'socket')}`;
  const contestants = Object.entries(programs).map(([name, program]) =>
    tripContestant<Trips>(name, program, { size: SIZE, inFlight, address }),
  );
  try {
    return await alternate(contestants, rounds);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function rowsOf(given: Case, series: Series<TripReport<Trips>>): Row[] {
  const own = series.get('ours') ?? [];
  const floors = [...series].filter(([name]) => name !== 'ours');
  return floors.flatMap(([floorName, floor]) =>
    questions.map(({ name, unit, of }) => ({
      bench: 'request-reply',
      case: nameOf(given) + name,
      class: 'a' as const,
      unit,
      floorName,
      ...compare(own.map(of), floor.map(of)),
      ...usage(own, floor),
    })),
  );
}
