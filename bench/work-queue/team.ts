/**
 * Team: a producer, its workers and, where it stands apart, the hub between them, each in a process of its own.
 */
import type { Watched } from '../broker/watch.ts';
import type { Received, Usage } from '../support/child.ts';
import { Program, script } from '../support/processes.ts';
import { type Contestant, calibrated } from '../support/rounds.ts';
import { expectedSum } from '../support/values.ts';
import type { Doors, PlacedTask, Task } from './job.ts';
import type { Delays } from './part.ts';

/** The programs of a team, and about how many items a second to expect of them. */
export interface Team {
  /** Left out where the producer is the hub. */
  readonly hub?: URL;
  readonly producer: URL;
  readonly worker: URL;
  readonly expected: number;
}

/** What came of a round: of the producer, and of the hub, if there is one, and the workers, in this order. */
export interface TeamReport<R extends Usage> {
  readonly sent: R;
  readonly received: readonly Watched[];
}

/** What came of a round at full speed. */
export type FloodReport = TeamReport<Received>;

/** What came of a round in which each item was sent when it was due. */
export type LateReport = TeamReport<Delays>;

const ours = (name: string): URL => new URL(`../ours/work-queue${name}.ts`, import.meta.url);
const floor = (name: string): URL => new URL(`../floors/work-queue${name}.ts`, import.meta.url);

/** Who takes part. */
export const teams = {
  fanOut: { producer: ours(''), worker: ours('-worker'), expected: 300e3 },
  apart: {
    hub: ours('-hub'),
    producer: ours('-producer'),
    worker: ours('-worker'),
    expected: 150e3,
  },
  zeromq: { producer: floor(''), worker: floor('-worker'), expected: 100e3 },
} as const satisfies Readonly<Record<string, Team>>;

/** The name of the floor in rows: it promises less. */
export const FLOOR_NAME = 'zeromq, no ack';

const TIMED_SECONDS = 1;

/** The team as a contestant at full speed; one that loses or damages items is none. */
export function teamContestant(
  name: string,
  team: Team,
  workers: number,
  what: Omit<Extract<Task, { task: 'throughput' }>, 'task' | 'warm' | 'count'>,
): Contestant<FloodReport> {
  const length = { expected: team.expected, seconds: TIMED_SECONDS };
  return calibrated(name, length, {
    rate: itemRate,
    async measure(counted) {
      const task = { task: 'throughput', ...what, ...counted } as const;
      const report = await runTeam<Received>(team, workers, task);
      const sum = expectedSum(what.values, counted);
      if (report.sent.sum === sum) return report;
      throw new Error(`${name} read ${report.sent.sum} in its results, not ${sum}`);
    },
  });
}

/** Items a second whose results are in. */
export function itemRate({ sent }: FloodReport): number {
  return sent.values / sent.seconds;
}

/** Runs a team until the producer has all results. */
export async function runTeam<R extends Usage>(
  { hub, producer, worker }: Team,
  workers: number,
  task: Task,
): Promise<TeamReport<R>> {
  const started: Program[] = [];
  const start = (file: URL, job: Task | PlacedTask): Program => {
    const one = new Program(script(file, job));
    started.push(one);
    return one;
  };
  try {
    const first = start(hub ?? producer, task);
    const placed: PlacedTask = { ...task, doors: await first.line<Doors>() };
    const crew = Array.from({ length: workers }, () => start(worker, placed));
    await Promise.all(crew.map((one) => one.line())); // Loaded, so that none has the warm-up alone.
    for (const one of crew) one.begin();
    const sending = hub === undefined ? first : start(producer, placed);
    const others = hub === undefined ? crew : [first, ...crew];
    const failures = others.map(({ failure }) => failure);
    await Promise.race([sending.line(), ...failures]); // The warm-up is over.
    for (const other of others) other.begin();
    const sent = await Promise.race([sending.line<R>(), ...failures]);
    for (const other of others) other.endInput();
    const received = await Promise.all(others.map((other) => other.line<Watched>()));
    return { sent, received };
  } finally {
    await Promise.all(started.map((program) => program.end()));
  }
}
