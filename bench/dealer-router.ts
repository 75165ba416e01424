/**
 * The bench `dealer-router`: how many values a second go to a Router and back, 512 under way at a time?
 */
import type { Brief, Outcome } from './support/report.ts';
import { tripContestant, tripRate } from './support/round-trip-rounds.ts';
import { alternate, compare } from './support/rounds.ts';
import { usage } from './support/usage.ts';

const NAME = 'echo, 512 in flight';
const shape = { size: 16, inFlight: 512, address: 'tcp://127.0.0.1:*' };

const programs = {
  ours: { file: new URL('./ours/dealer-router.ts', import.meta.url), expected: 500_000 },
  zeromq: { file: new URL('./floors/dealer-router.ts', import.meta.url), expected: 60_000 },
};

/** Measures it, if it was asked for. */
export async function dealerRouter(brief: Brief): Promise<Outcome> {
  if (!brief.wants(NAME)) return { rows: [] };
  brief.note(NAME);
  const contestants = Object.entries(programs).map(([name, program]) =>
    tripContestant(name, program, shape),
  );
  const series = await alternate(contestants, brief.rounds);
  const ours = series.get('ours') ?? [];
  const floor = series.get('zeromq') ?? [];
  const row = {
    bench: 'dealer-router',
    case: NAME,
    class: 'a',
    unit: 'msg/s',
    floorName: 'zeromq',
    ...compare(ours.map(tripRate), floor.map(tripRate)),
    ...usage(ours, floor),
  } as const;
  return { rows: [row] };
}
