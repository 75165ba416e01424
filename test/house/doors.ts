/**
 * Doors: what the package exports, by which door, and whether each name says what it is.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support/root.ts';
import type { Source } from './source.ts';
import { files, some } from './source.ts';
import type { Node } from './syntax.ts';
import { many, one, word } from './syntax.ts';

/** One entry of the exports map of package.json. */
export interface Door {
  /** What a user imports, such as `brokerless/kit`. */
  readonly name: string;
  /** The file behind it, from the root of the repository. */
  readonly source: string;
  /** Its targets by condition. */
  readonly targets: Readonly<Record<string, string>>;
}

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

/** Every door of the package: each entry of its exports map but package.json itself. */
export function doors(): readonly Door[] {
  const { name, exports }: Manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const found = Object.entries(exports).flatMap(([path, targets]) => {
    if (typeof targets === 'string') return [];
    return [{ name: name + path.slice(1), source: targets['@brokerless/source'] ?? '', targets }];
  });
  return some('the exports of package.json', found);
}

/** What a door promises that is not so: its source exists, and the build puts its files there. */
export function doorFaults({ name, source, targets }: Door): string[] {
  const built = `./dist/${source.replace(/^\.\//, '').replace(/\.ts$/, '')}`;
  const isThere = files().some(({ path }) => source === `./${path}`);
  const faults = [
    isThere ? '' : `has no source ${source}`,
    targets['types'] === `${built}.d.ts` ? '' : `must give its types as ${built}.d.ts`,
    targets['default'] === `${built}.js` ? '' : `must give its code as ${built}.js`,
  ];
  return faults.filter(Boolean).map((fault) => `package.json:1 the door ${name} ${fault}`);
}

/** The folders of the patterns, such as `patterns/pipeline`. */
export function patternFolders(): readonly string[] {
  const found = files().flatMap(({ path }) => /^patterns\/[^/]+(?=\/)/.exec(path) ?? []);
  return some('patterns', [...new Set(found)]);
}

/** What a pattern's folder lacks. */
export function patternFaults(folder: string): string[] {
  const lacks = (name: string) => !files().some(({ path }) => path === `${folder}/${name}`);
  const isOpen = doors().some(({ source }) => source === `./${folder}/index.ts`);
  const faults = ['index.ts', 'README.md'].filter(lacks).map((name) => `has no ${name}`);
  if (!isOpen) faults.push('has no entry in the exports of package.json');
  return faults.map((fault) => `${folder}:1 ${fault}`);
}

/** The names that a file exports, types marked as such, in alphabetical order. */
export function exportedNames(source: Source): string[] {
  const names = many(source.tree, 'body').flatMap((node) => {
    if (node.type !== 'ExportNamedDeclaration') return [];
    return [...declaredNames(one(node, 'declaration')), ...listedNames(node)];
  });
  return [...new Set(names)].toSorted(byWord);
}

function declaredNames(node: Node | undefined): string[] {
  const isType = ['TSInterfaceDeclaration', 'TSTypeAliasDeclaration'].includes(node?.type ?? '');
  const declared = node?.type === 'VariableDeclaration' ? many(node, 'declarations') : [node];
  const names = declared.flatMap((each) => word(one(each, 'id'), 'name') ?? []);
  return isType ? names.map((name) => `type ${name}`) : names;
}

function listedNames(node: Node): string[] {
  return many(node, 'specifiers').map((each) => {
    const isType = node['exportKind'] === 'type' || each['exportKind'] === 'type';
    const name = word(one(each, 'exported'), 'name') ?? '?';
    return isType ? `type ${name}` : name;
  });
}

const plain = (name: string): string => name.replace('type ', '');
const byWord = (left: string, right: string): number => (plain(left) < plain(right) ? -1 : 1);
