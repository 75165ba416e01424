/**
 * Runs benches by name, prints a table and, if asked, writes JSON.
 *
 *     npm run bench -- push-pull codec [--json FILE] [--rounds N] [--case TEXT]
 *
 * Ratios are the result; absolute figures say little without the machine and its load.
 */
import { appendFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { assign } from './assign.ts';
import { codec } from './codec.ts';
import { dealerRouter } from './dealer-router.ts';
import { loadBalancer } from './load-balancer.ts';
import { paranoidPirate } from './paranoid-pirate.ts';
import { pubSub } from './pub-sub.ts';
import { pushPull } from './push-pull.ts';
import { requestReply } from './request-reply.ts';
import { rules } from './rules.ts';
import { service } from './service.ts';
import { describeMachine, type Meta } from './support/machine.ts';
import { type Brief, type Outcome, type Row, rounded, table } from './support/report.ts';
import { workQueue } from './work-queue.ts';

const benches: Readonly<Record<string, (brief: Brief) => Promise<Outcome>>> = {
  'push-pull': pushPull,
  'request-reply': requestReply,
  'pub-sub': pubSub,
  'dealer-router': dealerRouter,
  'load-balancer': loadBalancer,
  'paranoid-pirate': paranoidPirate,
  'work-queue': workQueue,
  service,
  assign,
  codec,
  rules,
};

interface Request {
  readonly names: readonly string[];
  readonly rounds: number;
  readonly text: string;
  readonly json: string | undefined;
}

await main();

async function main(): Promise<void> {
  const request = asked();
  if (request.json !== undefined) touch(request.json);
  const { meta, results } = await runAll(request);
  if (results.length === 0) refuse(`no case has "${request.text}" in its name`);
  if (request.json !== undefined) writeFileSync(request.json, asJson(meta, results));
  process.stdout.write(`${table(results)}\n${footer(meta)}\n`);
}

async function runAll({ names, rounds, text }: Request): Promise<{ meta: Meta; results: Row[] }> {
  const describe = describeMachine(rounds);
  const outcomes: Outcome[] = [];
  for (const name of names) {
    const note = (what: string): void => void process.stderr.write(`${name}: ${what}\n`);
    const wants = (caseName: string): boolean => caseName.includes(text);
    outcomes.push(await (benches[name] as (typeof benches)[string])({ rounds, wants, note }));
  }
  const notes = Object.assign({}, ...outcomes.map((outcome) => outcome.notes)) as Outcome['notes'];
  return { meta: describe(notes ?? {}), results: outcomes.flatMap(({ rows }) => rows) };
}

function asked(): Request {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: { json: { type: 'string' }, rounds: { type: 'string' }, case: { type: 'string' } },
    });
    return {
      names: known(positionals),
      rounds: many(values.rounds),
      text: values.case ?? '',
      json: values.json,
    };
  } catch (error) {
    return refuse((error as Error).message);
  }
}

function known(names: readonly string[]): readonly string[] {
  const choice = Object.keys(benches).join(', ');
  if (names.length === 0) throw new Error(`name a bench: ${choice}`);
  const stranger = names.find((name) => !Object.hasOwn(benches, name));
  if (stranger !== undefined) throw new Error(`no bench "${stranger}"; there are ${choice}`);
  return names;
}

function many(text = '5'): number {
  const rounds = Number(text);
  if (Number.isInteger(rounds) && rounds >= 1) return rounds;
  throw new Error(`--rounds takes a whole number from 1, not "${text}"`);
}

/** Finds out now, not after ten minutes, that the file cannot be written. */
function touch(file: string): void {
  try {
    appendFileSync(file, '');
  } catch (error) {
    refuse(`--json: ${(error as Error).message}`);
  }
}

function refuse(reason: string): never {
  process.stderr.write(`bench: ${reason}\n`);
  process.exit(2);
}

function asJson(meta: Meta, results: readonly Row[]): string {
  return `${JSON.stringify({ meta, results }, rounded, 2)}\n`;
}

function footer(meta: Meta): string {
  const load = `load ${meta.load.before[0]?.toFixed(2)} before, ${meta.load.after[0]?.toFixed(2)} after`;
  const versions = `node ${meta.node}, zeromq ${meta.zeromq} (libzmq ${meta.libzmq})`;
  const floor =
    meta.libzmqFloor === undefined ? '' : `\nlibzmq of the C++ floors: ${meta.libzmqFloor}`;
  return `${meta.date}, ${meta.cores} × ${meta.cpu}, ${versions}, ${meta.rounds} rounds, ${load}${floor}`;
}
