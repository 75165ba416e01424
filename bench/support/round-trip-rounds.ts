/**
 * Round-trip rounds: one process asks, another answers, and both tell what they saw.
 */
import type { Received } from './child.ts';
import type { Counted, RoundTripTask } from './job.ts';
import { runGroup, script } from './processes.ts';
import { type Contestant, calibrated } from './rounds.ts';
import { expectedSum } from './values.ts';

/** A program that understands a {@link RoundTripTask}, and about how many round trips a second to expect. */
export interface Program {
  readonly file: URL;
  readonly expected: number;
}

/** What came of a round. Who asks is the sender, who answers the receiver. */
export interface TripReport<R extends Received = Received> {
  readonly sent: R;
  readonly received: Received;
}

/** How long the timed part of a round should last: some ten thousand round trips, for the 99.9th percentile. */
const TIMED_SECONDS = 2;

/** The program as a contestant; one that loses or damages values is none. */
export function tripContestant<R extends Received>(
  name: string,
  { file, expected }: Program,
  shape: Omit<RoundTripTask, keyof Counted>,
): Contestant<TripReport<R>> {
  const length = { expected, seconds: TIMED_SECONDS };
  return calibrated(name, length, {
    rate: tripRate,
    async measure(counted) {
      const task: RoundTripTask = { ...shape, ...counted };
      const group = { connections: 1, reports: 'connect' } as const;
      const report = await runGroup<R>(group, (place) => script(file, { ...task, ...place }));
      const [sent, received] = [report.reports[0] as R, report.others[0] as Received];
      const sum = expectedSum('bytes', counted);
      if (sent.sum === sum && received.sum === sum) return { sent, received };
      throw new Error(`${name} read ${received.sum} there and ${sent.sum} back, not ${sum}`);
    },
  });
}

/** Round trips a second. */
export function tripRate({ sent }: TripReport): number {
  return sent.values / sent.seconds;
}
