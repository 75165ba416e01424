/**
 * The bench `service`: what does a call cost, beside raw `zeromq`?
 */

import { latency } from './service/latency.ts';
import { overload } from './service/overload.ts';
import { throughput } from './service/throughput.ts';
import type { Brief, Outcome } from './support/report.ts';

/** Measures every case that was asked for. */
export async function service(brief: Brief): Promise<Outcome> {
  return {
    rows: [...(await throughput(brief)), ...(await latency(brief)), ...(await overload(brief))],
  };
}
