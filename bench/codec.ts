/**
 * The bench `codec`: what do values cost on their way to bytes and back, every check switched on?
 *
 * Nothing is sent. Beside ours stands what people use without us: JSON text, and cbor-x bare, which
 * trusts its peer. Ours packs values into batches and reads them from there, as sockets under load do;
 * the floors make a message of each.
 */
import { type CodecJob, steps, subjects } from './codec/job.ts';
import { wayNames } from './codec/ways.ts';
import { Program, script } from './support/processes.ts';
import type { Brief, Outcome, Row } from './support/report.ts';
import { alternate, compare } from './support/rounds.ts';

/** Measures encoding and decoding of all that was asked for. */
export async function codec(brief: Brief): Promise<Outcome> {
  const rows: Row[] = [];
  for (const subject of subjects) {
    for (const step of steps) {
      const name = `${step} ${subject}`;
      if (!brief.wants(name)) continue;
      brief.note(name);
      rows.push(...(await compareWays(name, { step, subject }, brief.rounds)));
    }
  }
  return { rows };
}

async function compareWays(
  name: string,
  what: Omit<CodecJob, 'way'>,
  rounds: number,
): Promise<Row[]> {
  const contestants = wayNames.map((way) => ({
    name: way,
    measure: () => opsPerSecond({ way, ...what }),
  }));
  const series = await alternate(contestants, rounds);
  const ours = series.get('ours') ?? [];
  const floors = [...series].filter(([way]) => way !== 'ours');
  return floors.map(([floorName, floor]) => ({
    bench: 'codec',
    case: name,
    class: 'none',
    unit: 'ops/s',
    floorName,
    ...compare(ours, floor),
  }));
}

async function opsPerSecond(job: CodecJob): Promise<number> {
  const program = new Program(script(new URL('./codec/measure.ts', import.meta.url), job));
  try {
    return (await program.line<{ opsPerSecond: number }>()).opsPerSecond;
  } finally {
    await program.end();
  }
}
