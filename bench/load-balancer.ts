/**
 * The bench `load-balancer`: what do tags, bounds and a look at every worker cost a request, beside a
 * broker of two ROUTERs of raw `zeromq` that has none of them?
 */
import { measureBroker } from './broker/bench.ts';
import type { Brief, Outcome } from './support/report.ts';

/** Measures every case that was asked for. */
export function loadBalancer(brief: Brief): Promise<Outcome> {
  const programs = {
    ours: { file: new URL('./ours/load-balancer.ts', import.meta.url), expected: 15_000 },
    floor: { file: new URL('./floors/load-balancer.ts', import.meta.url), expected: 15_000 },
  };
  return measureBroker({ bench: 'load-balancer', socket: 'REQ', ...programs }, brief);
}
