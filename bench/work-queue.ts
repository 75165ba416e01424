/**
 * The bench `work-queue`: what does it cost that every item is acknowledged, counted once and given to
 * another worker when its own dies, beside raw `zeromq` that promises nothing of it?
 *
 * The floor is PUSH and PULL as the Guide has them, ventilator, workers and sink. It is of a lower promise
 * class than ours: whoever beats it need not weigh safety against speed. Every item comes back as it went,
 * so that what the sink reads has been on both ways.
 */
import type { Brief, Outcome } from './support/report.ts';
import { latency } from './work-queue/latency.ts';
import { memory } from './work-queue/memory.ts';
import { throughput } from './work-queue/throughput.ts';

/** Runs its three questions one after the other. */
export async function workQueue(brief: Brief): Promise<Outcome> {
  const rows = [...(await throughput(brief)), ...(await latency(brief)), ...(await memory(brief))];
  return { rows };
}
