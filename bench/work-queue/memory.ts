/**
 * Memory: how much does a hub grow with what it has accepted, while no worker is there to take it?
 */
import type { Full } from '../ours/work-queue-full.ts';
import type { Usage } from '../support/child.ts';
import { type Command, Program, script } from '../support/processes.ts';
import type { Brief, Row } from '../support/report.ts';
import { compare } from '../support/rounds.ts';
import { usage } from '../support/usage.ts';
import type { Doors, FillTask } from './job.ts';

/** What it is to stay under: four hundred bytes an item. */
const BOUND_MB = 40;

const TASK: FillTask = { size: 16, count: 100_000 };
const HUB = new URL('../ours/work-queue-full.ts', import.meta.url);
const PRODUCER = new URL('../ours/work-queue-fill.ts', import.meta.url);

/** No floor takes turns here, so that fewer rounds tell as much. */
const MOST_ROUNDS = 3;

const questions: readonly { readonly name: string; readonly of: (full: Full) => number }[] = [
  { name: 'resident', of: ({ resident }) => resident },
  { name: 'heap and buffers', of: ({ heap }) => heap },
];

interface FillReport {
  readonly sent: Usage;
  readonly received: Full;
}

/** Measures it, if it was asked for. */
export async function memory(brief: Brief): Promise<Row[]> {
  const wanted = questions.filter(({ name }) => brief.wants(nameOf(name)));
  if (wanted.length === 0) return [];
  brief.note(nameOf(wanted.map(({ name }) => name).join(' and ')));
  const reports: FillReport[] = [];
  while (reports.length < Math.min(brief.rounds, MOST_ROUNDS)) reports.push(await fill());
  const { cpu, rss } = usage(reports, []);
  return wanted.map(({ name, of }) => ({
    bench: 'work-queue',
    case: nameOf(name),
    class: 'b',
    unit: 'MB',
    floorName: 'bound',
    ...compare(
      reports.map(({ received }) => of(received)),
      reports.map(() => BOUND_MB),
    ),
    ...(cpu && { cpu }),
    ...(rss && { rss }),
  }));
}

function nameOf(what: string): string {
  return `hub with ${TASK.count.toLocaleString('en')} items of ${TASK.size} B, ${what}`;
}

/** Hub and producer take turns: each does its next step when the bench has heard of the other's last. */
async function fill(): Promise<FillReport> {
  const hub = new Program(withGc(script(HUB, TASK)));
  try {
    const doors = await hub.line<Doors>();
    const producer = new Program(script(PRODUCER, { ...TASK, doors }));
    try {
      await producer.line(); // The warm-up is over.
      hub.begin();
      await hub.line(); // It knows how much it has.
      producer.begin();
      const sent = await producer.line<Usage>(); // All is accepted.
      hub.begin();
      return { sent, received: await hub.line<Full>() };
    } finally {
      await producer.end();
    }
  } finally {
    await hub.end();
  }
}

function withGc([program, ...args]: Command): Command {
  return [program, '--expose-gc', ...args];
}
