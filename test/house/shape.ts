/**
 * Shape: how long files, lines and functions may be, and which parts of the language are not used.
 */
import type { Source } from './source.ts';
import { isScript } from './source.ts';
import type { Node, Visit } from './syntax.ts';
import { many, one, walk, word } from './syntax.ts';

const maxColumns = 120;
const maxFunctionLines = 70;

/** How a script opens; and a file in another language, with a docstring or a run of comments. */
const docComment = /^\/\*\*(.*?)\*\//s;
const anyComment = /^(?:"""(.*?)"""|\/\*\*?(.*?)\*\/|((?:(?:\/\/|#).*\n)+))/s;

/** A file that is longer than its folder allows. */
export function tooLong(source: Source): string[] {
  const most = source.path.startsWith('patterns/') ? 250 : 300;
  const { length } = source.lines;
  return length > most
    ? [`${source.path}:${most} goes on to line ${length}; ${most} is the most`]
    : [];
}

/** Lines that run out of the page. */
export function wideLines(source: Source): string[] {
  return source.lines.flatMap((line, index) => {
    const columns = Array.from(line).length;
    return columns > maxColumns ? [`${source.path}:${index + 1} has ${columns} columns`] : [];
  });
}

/** Functions that are no longer read at a glance; the body of a `describe` is a chapter, not one. */
export function longFunctions(source: Source): string[] {
  return [...walk(source.tree)].flatMap((visit) => {
    const { node } = visit;
    if (one(node, 'body') === undefined || !/Function/.test(node.type) || isChapter(visit))
      return [];
    const { length } = source.text.slice(node.start, node.end).split('\n');
    const isTest = source.path.startsWith('test/'); // A block of tests is as long as they are many.
    return length > maxFunctionLines && !isTest
      ? [source.offence(node, `a function of ${length} lines`)]
      : [];
  });
}

function isChapter({ parent, field }: Visit): boolean {
  let callee =
    parent?.type === 'CallExpression' && field === 'arguments' ? one(parent, 'callee') : undefined;
  // `describe.each(…)(…)` and `describe.runIf(…)(…)` are chapters too.
  while (callee !== undefined && callee.type !== 'Identifier') {
    callee = one(callee, 'callee') ?? one(callee, 'object');
  }
  return word(callee, 'name') === 'describe';
}

/** Parts of the language that this house does without. */
export function foreignSyntax(source: Source): string[] {
  return [...walk(source.tree)].flatMap(({ node }) => {
    const reason = foreign(node);
    return reason === undefined ? [] : [source.offence(node, reason)];
  });
}

const reasons: Readonly<Record<string, string>> = {
  TSAnyKeyword: 'any: unknown says the same and is checked',
  TSEnumDeclaration: 'enum: a union of words does without code',
  TSNonNullExpression: 'non-null "!": say why it cannot be missing',
  TSParameterProperty: 'a parameter property: write the field',
  ExportAllDeclaration: 'export *: name what is exported',
};

function foreign(node: Node): string | undefined {
  if (node.type === 'TSModuleDeclaration' && node['kind'] === 'namespace') return 'a namespace';
  if (node['definite'] === true) return 'definite "!": give it a value';
  return reasons[node.type];
}

/** Who asks for a default export: tools, of their configs, and the work queue, of a handler for its threads. */
const byDefault = /\.config\.ts$|^examples\/[\w-]+\/handler\.ts$/;

/** Default exports: a name that everybody may choose is no name. */
export function defaultExports(source: Source): string[] {
  if (byDefault.test(source.path)) return [];
  const guilty = many(source.tree, 'body').filter(
    (node) => node.type === 'ExportDefaultDeclaration' || many(node, 'specifiers').some(isDefault),
  );
  return guilty.map((node) => source.offence(node, 'a default export'));
}

function isDefault(specifier: Node): boolean {
  return word(one(specifier, 'exported'), 'name') === 'default';
}

/** Comments that switch off the compiler, or put work off. */
export function badNotes(source: Source): string[] {
  // Written so that this file is not its own offender.
  const notes = [/\bTO(?:DO)\b/g, /\bFIX(?:ME)\b/g, /@ts-(?:nocheck)\b/g];
  if (!source.path.startsWith('test/types/')) notes.push(/@ts-(?:ignore|expect-error)\b/g);
  return notes.flatMap((note) =>
    [...source.text.matchAll(note)].map((found) => source.offence(found.index, found[0])),
  );
}

/** A file whose first words do not say what it is. */
export function speechless(source: Source): string[] {
  const text = source.text.replace(/^#!.*\n/, '');
  const found = (isScript(source) ? docComment : anyComment).exec(text) ?? [];
  const comment = found.slice(1).find((group) => group !== undefined) ?? '';
  const [paragraph = ''] = comment
    .replace(/^[ \t]*(?:\*|#|\/\/)?[ \t]?/gm, '')
    .trim()
    .split(/\n\s*\n/);
  const [sentence = ''] = /^\S.*?[.?](?=\s|$)/s.exec(paragraph) ?? [];
  if (sentence.split(/\s+/).length >= 4) return [];
  return [`${source.path}:1 does not open with a comment whose first sentence says what it is`];
}
