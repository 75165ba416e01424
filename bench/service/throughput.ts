/**
 * Throughput: how many calls a second, with one, 64 and 512 of them under way at a time?
 *
 * The floor is an echo written by hand on a raw DEALER and a raw ROUTER: one message a call, pipelined, nothing
 * encoded, nothing checked, no time limit.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Brief, Row } from '../support/report.ts';
import { type TripReport, tripContestant, tripRate } from '../support/round-trip-rounds.ts';
import { alternate, type Contestant, compare, type Series } from '../support/rounds.ts';
import { usage } from '../support/usage.ts';

/** What is measured. */
export interface Case {
  readonly transport: 'tcp' | 'ipc';
  readonly inFlight: 1 | 64 | 512;
}

const ours = new URL('../ours/service.ts', import.meta.url);
const floor = new URL('../floors/dealer-router.ts', import.meta.url);

const SIZE = 16;
/** Whom it is compared with. */
export const FLOOR_NAME = 'DEALER/ROUTER by hand';

/** About how many calls a second to expect of ours, and of the floor. */
const expected = { 1: [10_000, 10_000], 64: [250_000, 65_000], 512: [600_000, 80_000] } as const;

const cases: readonly Case[] = (['tcp', 'ipc'] as const).flatMap((transport) => [
  { transport, inFlight: 1 },
  { transport, inFlight: 64 },
  { transport, inFlight: 512 },
]);

/** Measures every case that was asked for. */
export async function throughput(brief: Brief): Promise<Row[]> {
  const rows: Row[] = [];
  for (const given of cases) {
    if (!brief.wants(nameOf(given))) continue;
    brief.note(nameOf(given));
    rows.push(rowOf(given, await measured(given, brief.rounds)));
  }
  return rows;
}

function nameOf({ transport, inFlight }: Case): string {
  return `${transport}, ${inFlight} in flight`;
}

/** Both, for a case; `address` is what is bound. */
export function contestantsOf(
  { inFlight }: Case,
  address = 'tcp://127.0.0.1:*',
): Contestant<TripReport>[] {
  const shape = { size: SIZE, inFlight, address };
  const [own, theirs] = expected[inFlight];
  return [
    tripContestant('ours', { file: ours, expected: own }, shape),
    tripContestant(FLOOR_NAME, { file: floor, expected: theirs }, shape),
  ];
}

/** Runs all rounds; a path for ipc is one that only this user can enter. */
async function measured(given: Case, rounds: number): Promise<Series<TripReport>> {
  if (given.transport === 'tcp') return alternate(contestantsOf(given), rounds);
  const folder = await mkdtemp(join(tmpdir(), 'brokerless-bench-'));
  try {
    return await alternate(contestantsOf(given, `ipc://${join(folder, 'socket')}`), rounds);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function rowOf(given: Case, series: Series<TripReport>): Row {
  const own = series.get('ours') ?? [];
  const theirs = series.get(FLOOR_NAME) ?? [];
  return {
    bench: 'service',
    case: nameOf(given),
    class: 'a',
    unit: 'calls/s',
    floorName: FLOOR_NAME,
    ...compare(own.map(tripRate), theirs.map(tripRate)),
    ...usage(own, theirs),
  };
}
