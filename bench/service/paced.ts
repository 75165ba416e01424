/**
 * Paced: calls at a rate that waits for nobody, by one process to another.
 */

import type { Usage } from '../support/child.ts';
import type { LatencyTask } from '../support/job.ts';
import type { Delays } from '../support/pacing.ts';
import { runGroup, script } from '../support/processes.ts';
import type { Contestant } from '../support/rounds.ts';

/** What is to be done. */
export interface PacedTask extends LatencyTask {
  /** What the server is to bind. */
  readonly address: string;
  /** How long each call takes, in milliseconds. Left out: it is answered at once. */
  readonly restMs?: number;
  /** How many may be carried out at a time. */
  readonly concurrency?: number;
  /** How many may wait for that. */
  readonly maxQueued?: number;
}

/** What a client reports. */
export interface PacedDelays extends Delays {
  /** How many calls were refused. */
  readonly refused: number;
  /** How many of those on the schedule were answered. */
  readonly answered: number;
}

/** What came of a round. */
export interface PacedReport {
  readonly sent: PacedDelays;
  readonly received: Usage;
}

/** A program as a contestant. */
export function pacedContestant(
  name: string,
  file: URL,
  task: Omit<PacedTask, 'task' | 'size' | 'address'>,
): Contestant<PacedReport> {
  const whole: PacedTask = { task: 'latency', size: 16, address: 'tcp://127.0.0.1:*', ...task };
  return {
    name,
    measure: async () => {
      const group = { connections: 1, reports: 'connect' } as const;
      const report = await runGroup<PacedDelays>(group, (place) =>
        script(file, { ...whole, ...place }),
      );
      return { sent: report.reports[0] as PacedDelays, received: report.others[0] as Usage };
    },
  };
}
