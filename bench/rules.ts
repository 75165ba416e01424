/**
 * The bench `rules`: what do the decisions cost, without sockets, for one request and its reply?
 *
 * Nothing is sent. Beside ours stands what people write who keep no promises. As the bodies are never
 * looked into, their length does not matter.
 */
import { type RulesJob, subjects } from './rules/job.ts';
import { Program, script } from './support/processes.ts';
import type { Brief, Outcome, Row } from './support/report.ts';
import { alternate, compare } from './support/rounds.ts';

/** Measures all that was asked for. */
export async function rules(brief: Brief): Promise<Outcome> {
  const rows: Row[] = [];
  for (const [subject, floorName] of subjects) {
    if (!brief.wants(subject)) continue;
    brief.note(subject);
    const contestants = (['ours', 'floor'] as const).map((way) => ({
      name: way,
      measure: () => microseconds({ way, subject }),
    }));
    const series = await alternate(contestants, brief.rounds);
    rows.push({
      bench: 'rules',
      case: subject,
      class: 'none',
      unit: 'µs',
      floorName,
      ...compare(series.get('ours') ?? [], series.get('floor') ?? []),
    });
  }
  return { rows };
}

async function microseconds(job: RulesJob): Promise<number> {
  const program = new Program(script(new URL('./rules/measure.ts', import.meta.url), job));
  try {
    return (await program.line<{ us: number }>()).us;
  } finally {
    await program.end();
  }
}
