/**
 * Purity: what pure code may not touch, and which code has to be pure.
 */
import { dirname } from 'node:path/posix';
import type { Source } from './source.ts';
import { files } from './source.ts';
import type { Node } from './syntax.ts';
import { many, uses, walk } from './syntax.ts';

/** Asking what time it is, or asking to be woken: the business of the clock. */
const time = new Set([
  'performance',
  'Date.now',
  'new Date()',
  'setTimeout',
  'setInterval',
  'process.hrtime',
  'AbortSignal.timeout',
]);

/** Asking for a later moment of the same event loop: the business of sockets and of `drive`. */
const turns = new Set(['setImmediate', 'queueMicrotask', 'process.nextTick']);

/** What else makes two runs differ, or lets anybody see that there was one. */
const effects = new Set(
  (
    'Promise Math.random crypto nanoid console process drive systemClock ' +
    'Push Pull Publisher Subscriber Request Reply Dealer Router'
  ).split(' '),
);

const partI = /^\/\/ ── I\. /m;
const partII = /^\/\/ ── II\. /m;

/** The files of a pattern that are rules and nothing else, and so have no second part. */
const allRules = /(?:^|[/-])(?:rules|messages|wire|index)\.ts$/;

/** The files of a pattern that are where its decisions are. */
const ownRules = /(?:^|[/-])rules\.ts$/;

/** Where a file reads the clock or sets a timer. */
export function timeUses(source: Source): string[] {
  return named(source, [source.tree], time, 'the clock is src/run/clock.ts');
}

/** Where a file puts something off to a later moment of the event loop. */
export function turnUses(source: Source): string[] {
  return named(source, [source.tree], turns, 'only src/sockets and src/run may');
}

/** Where code that has to be pure is not: the whole file, unless only these parts of it have to. */
export function impurities(source: Source, parts: readonly Node[] = [source.tree]): string[] {
  const forbidden = new Set([...time, ...turns, ...effects]);
  const waiting = parts.flatMap((part) => [...walk(part)]).filter(({ node }) => waits(node));
  return [
    ...named(source, parts, forbidden, 'in pure code'),
    ...waiting.map(({ node }) => source.offence(node, 'async or await in pure code')),
  ];
}

/** Where the rules of a pattern are not pure: all of the file down to its second heading. */
export function impureRules(source: Source): string[] {
  if (isShell(source)) return [];
  const found = source.text.search(partII);
  const end = found < 0 ? source.text.length : found;
  // An import may serve the second part only; what counts is where its names are used.
  const isRule = ({ type, start }: Node) => type !== 'ImportDeclaration' && start < end;
  return impurities(source, many(source.tree, 'body').filter(isRule));
}

/**
 * The headings of a pattern's file: both in order, or none in a file that is all rules, or all sockets
 * because the folder's rules have files of their own.
 */
export function headingFaults(source: Source): string[] {
  if (allRules.test(source.path) || isShell(source)) return [];
  const [first, second] = [source.text.search(partI), source.text.search(partII)];
  if (second > first && first >= 0) return [];
  return [`${source.path}:1 needs a heading "// ── I. …" and after it one "// ── II. …"`];
}

/** Whether a file is what gives rules in other files of its folder their sockets. */
function isShell({ path, text }: Source): boolean {
  if (allRules.test(path) || partI.test(text)) return false;
  const folder = dirname(path);
  return files().some((file) => dirname(file.path) === folder && ownRules.test(file.path));
}

function waits(node: Node): boolean {
  const isUsing = node.type === 'VariableDeclaration' && node['kind'] === 'await using';
  return (
    isUsing || node.type === 'AwaitExpression' || node['async'] === true || node['await'] === true
  );
}

function named(
  source: Source,
  parts: readonly Node[],
  names: ReadonlySet<string>,
  reason: string,
): string[] {
  const guilty = parts.flatMap((part) => [...uses(part)]).filter(({ name }) => names.has(name));
  return guilty.map(({ name, node }) => source.offence(node, `${name}: ${reason}`));
}
