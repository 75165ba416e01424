/**
 * Source: the files of this repository as the house rules read them, and how an offender is named.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { parseAst } from 'vitest/node';
import { root } from '../support/root.ts';
import type { Node } from './syntax.ts';
import { isNode } from './syntax.ts';

/** One file, read once and parsed when somebody asks. */
export class Source {
  /** The path from the root of the repository, with forward slashes. */
  readonly path: string;
  /** All of its text. */
  readonly text: string;
  #tree: Node | undefined;

  constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
  }

  /** The text, line by line; the last line break opens no further line. */
  get lines(): readonly string[] {
    return this.text.replace(/\n$/, '').split('\n');
  }

  /** The syntax tree, so that no rule trips over a comment or a string. */
  get tree(): Node {
    const lang = extname(this.path) === '.ts' ? 'ts' : 'js';
    const tree: unknown = this.#tree ?? parseAst(this.text, { lang }, this.path);
    if (!isNode(tree)) throw new Error(`House rules: no syntax tree of ${this.path}`);
    this.#tree = tree;
    return tree;
  }

  /** Names the offender at a place of this file: a node, or an offset into the text. */
  offence(place: { readonly start: number } | number, reason: string): string {
    const offset = typeof place === 'number' ? place : place.start;
    return `${this.path}:${this.text.slice(0, offset).split('\n').length} ${reason}`;
  }
}

/** Whether a file is a program in a language that the rules can parse. */
export function isScript(source: Source): boolean {
  return ['.ts', '.mjs', '.js', '.cjs'].includes(extname(source.path));
}

/** Whether a file is code that somebody wrote, in whichever language. */
export function isCode(source: Source): boolean {
  return isScript(source) || ['.cc', '.c', '.h', '.py', '.sh'].includes(extname(source.path));
}

/** The files of one folder, or one file, that are code. Throws if there is none to be found. */
export function codeIn(...places: readonly string[]): Source[] {
  return places.flatMap((place) => some(place, files().filter(isCode).filter(within(place))));
}

/** The same, TypeScript and JavaScript only: what can be parsed. */
export function scriptsIn(...places: readonly string[]): Source[] {
  return places.flatMap((place) => some(place, files().filter(isScript).filter(within(place))));
}

/** What a search found, which must be something: a rule that reads nothing is no rule. */
export function some<Found>(where: string, found: readonly Found[]): readonly Found[] {
  if (found.length === 0) throw new Error(`House rules: nothing to read in ${where}`);
  return found;
}

const within =
  (place: string) =>
  ({ path }: Source) =>
    path === place || path.startsWith(`${place}/`);

let cache: readonly Source[] | undefined;

/** Every text file of the repository, without what git ignores. */
export function files(): readonly Source[] {
  cache ??= some('the repository', pathsIn('', ignored()))
    .map((path) => new Source(path, readFileSync(join(root, path), 'utf8')))
    .filter(({ text }) => !text.includes('\0'));
  return cache;
}

function pathsIn(folder: string, isIgnored: (name: string) => boolean): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return entries.flatMap((entry) => {
    if (isIgnored(entry.name)) return [];
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return pathsIn(path, isIgnored);
    return entry.isFile() ? [path] : [];
  });
}

// Understands as much of .gitignore as ours uses, and says so if that grows.
function ignored(): (name: string) => boolean {
  const lines = readFileSync(join(root, '.gitignore'), 'utf8').split('\n').filter(Boolean);
  const names = new Set(['.git']);
  const endings: string[] = [];
  for (const line of lines) {
    if (/^[\w.-]+\/?$/.test(line)) names.add(line.replace('/', ''));
    else if (/^\*[\w.-]+$/.test(line)) endings.push(line.slice(1));
    else throw new Error(`House rules: teach them to read this line of .gitignore: ${line}`);
  }
  return (name) => names.has(name) || endings.some((ending) => name.endsWith(ending));
}
