/**
 * Memory: how much does a sender grow whose receiver has stalled, and is it what the docs say?
 */

import type { Stalled } from '../ours/stalled.ts';
import type { StallTask } from '../support/job.ts';
import { Program, script } from '../support/processes.ts';
import type { Brief, Row } from '../support/report.ts';
import { compare, median } from '../support/rounds.ts';

/**
 * The documented bound of a Push with one peer: its queue (`maxQueueBytes`) and the messages that
 * ZeroMQ holds for the peer (`highWaterMark` batches of 64 KiB). What the kernel buffers is not the
 * process's memory.
 */
const BOUND_MB = (8 * 1024 * 1024 + 128 * 64 * 1024) / 1e6;

const NAME = 'stalled receiver, 10 M sends';
const TASK: StallTask = { task: 'stall', size: 16, count: 10_000_000 };
const DEAF = new URL('../floors/deaf.ts', import.meta.url);
const SENDER = new URL('../ours/stalled.ts', import.meta.url);

/** No floor takes turns here, so that fewer rounds tell as much. */
const MOST_ROUNDS = 3;

/** Measures it, if it was asked for. */
export async function memory(brief: Brief): Promise<Row[]> {
  if (!brief.wants(NAME)) return [];
  brief.note(NAME);
  const reports: Stalled[] = [];
  while (reports.length < Math.min(brief.rounds, MOST_ROUNDS)) reports.push(await stall());
  const growth = reports.map((report) => report.growth);
  const bound = reports.map(() => BOUND_MB);
  return [
    {
      bench: 'push-pull',
      case: NAME,
      class: 'a',
      unit: 'MB',
      floorName: 'bound',
      ...compare(growth, bound),
      rate: median(reports.map(({ seconds }) => TASK.count / seconds)),
    },
  ];
}

async function stall(): Promise<Stalled> {
  const receiver = new Program(script(DEAF, {}));
  try {
    const { endpoint } = await receiver.line<{ endpoint: string }>();
    const sender = new Program(script(SENDER, { ...TASK, endpoint }));
    try {
      return await sender.line<Stalled>();
    } finally {
      await sender.end();
    }
  } finally {
    await receiver.end();
  }
}
