/**
 * The bench `pub-sub`: how many values a second reach every subscriber of one topic, none of them lost?
 */
import type { Received, Usage } from './support/child.ts';
import type { PublishTask } from './support/job.ts';
import { runGroup, script } from './support/processes.ts';
import type { Brief, Outcome, Row } from './support/report.ts';
import { alternate, type Contestant, calibrated, compare } from './support/rounds.ts';
import { usage } from './support/usage.ts';
import { expectedSum } from './support/values.ts';

const programs = {
  ours: { file: new URL('./ours/pub-sub.ts', import.meta.url), expected: 2e6 },
  zeromq: { file: new URL('./floors/pub-sub.ts', import.meta.url), expected: 150e3 },
};

const SUBSCRIBERS = [1, 4];
const SIZE = 16;
const TIMED_SECONDS = 1;

interface Report {
  readonly sent: Usage;
  readonly received: readonly Received[];
}

/** Measures every case that was asked for. */
export async function pubSub(brief: Brief): Promise<Outcome> {
  const rows: Row[] = [];
  for (const subscribers of SUBSCRIBERS) {
    const name = `1 to ${subscribers}, 16 B`;
    if (!brief.wants(name)) continue;
    brief.note(name);
    rows.push(await measured(name, subscribers, brief.rounds));
  }
  return { rows };
}

async function measured(name: string, subscribers: number, rounds: number): Promise<Row> {
  const names = Object.keys(programs) as (keyof typeof programs)[];
  const series = await alternate(
    names.map((each) => contestant(each, subscribers)),
    rounds,
  );
  const ours = series.get('ours') ?? [];
  const floor = series.get('zeromq') ?? [];
  return {
    bench: 'pub-sub',
    case: name,
    class: 'a',
    unit: 'msg/s',
    floorName: 'zeromq',
    ...compare(ours.map(rate), floor.map(rate)),
    ...usage(ours, floor),
  };
}

function contestant(name: keyof typeof programs, subscribers: number): Contestant<Report> {
  const { file, expected } = programs[name];
  const length = { expected: expected / subscribers, seconds: TIMED_SECONDS };
  const group = { connections: subscribers, reports: 'connect' } as const;
  return calibrated(name, length, {
    rate,
    async measure(counted) {
      const task: PublishTask = { size: SIZE, subscribers, ...counted };
      const report = await runGroup<Received>(group, (place) =>
        script(file, { ...task, ...place }),
      );
      const expectation = expectedSum('bytes', counted);
      const wrong = report.reports.find(({ sum }) => sum !== expectation);
      if (wrong !== undefined) throw new Error(`${name} read ${wrong.sum}, not ${expectation}`);
      return { sent: report.others[0] as Usage, received: report.reports };
    },
  });
}

/** Values a second at the subscriber that took longest: what reached all of them. */
function rate({ received }: Report): number {
  return Math.min(...received.map(({ values, seconds }) => values / seconds));
}
