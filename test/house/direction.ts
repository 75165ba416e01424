/**
 * Direction: who may import whom. One table, and whatever it does not allow is an offence.
 */
import { dirname, join } from 'node:path/posix';
import type { Source } from './source.ts';
import { imports } from './syntax.ts';

/** A part of the repository, and all that it may import. */
export interface Zone {
  /** The file, or the folder with a slash at its end. */
  readonly place: string;
  /** Packages by name; files and folders by path from the root; `./` is a pattern's own folder. */
  readonly may: readonly string[];
}

const ground = ['src/errors.ts', 'src/rules/'];
const pattern = ['brokerless', 'brokerless/kit', './'];
const byName = ['brokerless', 'brokerless/', 'node:', 'cli-progress', 'cli-table3'];

/** The table. What is not in a row is not allowed, and a file without a row is an offence too. */
export const zones: readonly Zone[] = [
  { place: 'src/errors.ts', may: [] },
  { place: 'src/rules/', may: ground },
  { place: 'src/wire/', may: [...ground, 'src/wire/', 'cbor-x', 'node:buffer'] },
  { place: 'src/broker/', may: [...ground, 'src/wire/', 'src/broker/', 'node:buffer'] },
  {
    place: 'src/run/',
    may: [...ground, 'src/wire/', 'src/broker/', 'src/run/', 'nanoid', 'node:perf_hooks'],
  },
  {
    place: 'src/sockets/',
    may: [...ground, 'src/wire/', 'src/run/', 'src/sockets/', 'zeromq', 'nanoid', 'node:'],
  },
  { place: 'src/testing/', may: [...ground, 'src/run/clock.ts', 'src/testing/'] },
  { place: 'src/index.ts', may: ['src/'] },
  { place: 'src/kit.ts', may: ['src/'] },
  { place: 'patterns/work-queue/crew.ts', may: [...pattern, 'node:child_process'] },
  // One imports a package by way of a name, the other the handler that it is told of.
  { place: 'patterns/work-queue/piscina.ts', may: [...pattern, ''] },
  { place: 'patterns/work-queue/in-thread.ts', may: [...pattern, ''] },
  // It stands on the work queue, by that one's door.
  { place: 'patterns/tasks/', may: [...pattern, 'brokerless/patterns/work-queue'] },
  { place: 'patterns/', may: pattern },
  // What they show the work queue with.
  { place: 'examples/mail/', may: [...byName, 'examples/', 'nodemailer', 'smtp-server'] },
  { place: 'examples/images/', may: [...byName, 'examples/', 'fast-png', 'tsx/'] },
  { place: 'examples/', may: [...byName, 'examples/'] },
  // Rules are no part of what the package exports.
  { place: 'bench/rules/', may: [...byName, 'bench/', 'patterns/', 'src/', 'tinybench'] },
  { place: 'bench/', may: [...byName, 'bench/', 'src/wire/', 'zeromq', 'cbor-x', 'tinybench'] },
];

/** The row of the table that a file falls under. */
export function zoneOf({ path }: Source): Zone | undefined {
  return zones.find(({ place }) => covers(place, path));
}

/** The imports of a file that its row of the table does not allow. */
export function strayImports(source: Source): string[] {
  const zone = zoneOf(source);
  if (zone === undefined) return [`${source.path}:1 has no row in the table of directions`];
  return [...imports(source.tree)].flatMap(({ specifier, node }) => {
    const target = specifier.startsWith('.') ? join(dirname(source.path), specifier) : specifier;
    const isAllowed = zone.may.some((place) =>
      covers(place === './' ? own(source) : place, target),
    );
    if (isAllowed) return [];
    return [source.offence(node, `imports ${specifier || 'what it computes'}: not allowed here`)];
  });
}

const covers = (place: string, target: string): boolean =>
  /[/:]$/.test(place) ? target.startsWith(place) : target === place;

/** The folder of the pattern that a file belongs to, such as `patterns/pipeline/`. */
function own({ path }: Source): string {
  return `${path.split('/').slice(0, 2).join('/')}/`;
}
