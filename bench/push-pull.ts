/**
 * The bench `push-pull`: what Push and Pull can do, beside raw `zeromq` and libzmq itself.
 */
import { libzmqFloor } from './floors/libzmq.ts';
import { latency } from './push-pull/latency.ts';
import { memory } from './push-pull/memory.ts';
import { throughput } from './push-pull/throughput.ts';
import type { Brief, Outcome } from './support/report.ts';

/** Runs its three questions one after the other. */
export async function pushPull(brief: Brief): Promise<Outcome> {
  const floor = libzmqFloor();
  const program = 'program' in floor ? floor.program : undefined;
  const rows = [
    ...(await throughput(brief, program)),
    ...(await latency(brief)),
    ...(await memory(brief)),
  ];
  const libzmq = 'version' in floor ? floor.version : `rows left out: ${floor.missing}`;
  return { rows, notes: { libzmqFloor: libzmq } };
}
