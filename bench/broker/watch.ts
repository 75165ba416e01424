/**
 * Watch: what a process used while the client's requests were timed, and how late its timers were.
 */
import { createHistogram } from 'node:perf_hooks';
import { everythingArrived, meter, type Usage } from '../support/child.ts';

/** What there is to say of a process. */
export interface Watched extends Usage {
  /** How late a timer was that should have come every 10 ms: the 99th percentile, in milliseconds. */
  readonly lateMs: number;
}

const PERIOD_MS = 10;

/** Watches this process from the bench's word that the warm-up is over until everything has arrived. */
export async function watched(): Promise<Watched> {
  const late = createHistogram();
  let usage = meter();
  process.stdin.on('data', () => {
    usage = meter();
    late.reset();
  });
  let dueMs = performance.now() + PERIOD_MS;
  const timer = setInterval(() => {
    const nowMs = performance.now();
    late.record(Math.max(1, Math.round((nowMs - dueMs) * 1e6)));
    dueMs = nowMs + PERIOD_MS;
  }, PERIOD_MS);
  await everythingArrived();
  clearInterval(timer);
  return { ...usage(), lateMs: late.percentile(99) / 1e6 };
}
