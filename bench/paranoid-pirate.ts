/**
 * The bench `paranoid-pirate`: what do heartbeats, tags and bounds cost a request, beside a queue of two
 * ROUTERs of raw `zeromq` that has none of them?
 */
import { measureBroker } from './broker/bench.ts';
import type { Brief, Outcome } from './support/report.ts';

/** Measures every case that was asked for. */
export function paranoidPirate(brief: Brief): Promise<Outcome> {
  const programs = {
    ours: { file: new URL('./ours/paranoid-pirate.ts', import.meta.url), expected: 15_000 },
    floor: { file: new URL('./floors/paranoid-pirate.ts', import.meta.url), expected: 15_000 },
  };
  return measureBroker({ bench: 'paranoid-pirate', socket: 'DEALER', ...programs }, brief);
}
