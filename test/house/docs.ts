/**
 * Docs: whether all that others may use says what it is, in a doc comment right before it.
 */
import type { Source } from './source.ts';
import { files } from './source.ts';
import type { Node } from './syntax.ts';
import { many, one, word } from './syntax.ts';

/** Exported names, and the public members of what is exported, that say nothing of themselves. */
export function undocumented(source: Source): string[] {
  const statements = many(source.tree, 'body');
  const listed = new Set(statements.flatMap(listedNames));
  const open = statements.filter((node) => isExport(node) || listed.has(nameOf(source, node)));
  const told = open.filter((node) => declarationOf(node) !== undefined);
  return [
    ...silent(source, told),
    ...told.map(declarationOf).flatMap((node) => {
      return silent(source, membersOf(node).filter(isPublic), inherited(source, node));
    }),
  ];
}

/** Members that the language itself tells about, by the interface that asks for them. */
const wellKnown: Readonly<Record<string, readonly string[]>> = {
  AsyncDisposable: ['[Symbol.asyncDispose]'],
  AsyncIterable: ['[Symbol.asyncIterator]'],
  AsyncIterableIterator: ['[Symbol.asyncIterator]', 'next', 'return', 'throw'],
};

/** The members of a class that the interfaces it implements have told about. */
function inherited(source: Source, declaration: Node | undefined): string[] {
  return many(declaration, 'implements').flatMap((clause) => toldBy(source, clause));
}

/** The members of the interface that a clause names, and of those that it extends. */
function toldBy(source: Source, clause: Node): string[] {
  const name = word(one(clause, 'expression'), 'name') ?? '';
  const library = files().filter(({ path }) => /^(?:src|patterns)\/.*\.ts$/.test(path));
  const found = [source, ...library].flatMap((each) => membersTold(each, name));
  return [...found, ...(wellKnown[name] ?? [])];
}

/** The names of the members of an interface of this file, if there is one of that name. */
function membersTold(source: Source, name: string): string[] {
  const declarations = many(source.tree, 'body').map(declarationOf);
  const found = declarations.find(
    (node) => node?.type === 'TSInterfaceDeclaration' && nameOf(source, node) === name,
  );
  const own = membersOf(found).map((member) => nameOf(source, member));
  return [...own, ...many(found, 'extends').flatMap((clause) => toldBy(source, clause))];
}

/** Those of `nodes` without a doc comment; an overload is told once, before the first. */
function silent(source: Source, nodes: readonly Node[], known: readonly string[] = []): string[] {
  const told = new Set(known);
  return nodes.flatMap((node) => {
    const name = nameOf(source, node);
    const isTold = told.has(name) || isDocumented(source, node);
    told.add(name);
    return isTold ? [] : [source.offence(node, `${name} has no doc comment`)];
  });
}

const isExport = (node: Node): boolean => node.type === 'ExportNamedDeclaration';

const declarationOf = (node: Node): Node | undefined =>
  isExport(node) ? one(node, 'declaration') : node;

/** What a statement declares, or a member is called, as far as it is to be told from others. */
function nameOf(source: Source, node: Node): string {
  const declaration = declarationOf(node);
  const first = many(declaration, 'declarations')[0] ?? declaration;
  const name = one(first, 'id') ?? one(first, 'key');
  const text = name === undefined ? node.type : source.text.slice(name.start, name.end);
  return node['static'] === true ? `static ${text}` : text;
}

/** The local names of `export { a, b }`, which are documented where they are declared. */
function listedNames(node: Node): string[] {
  if (!isExport(node) || one(node, 'source') !== undefined) return [];
  return many(node, 'specifiers').map((each) => word(one(each, 'local'), 'name') ?? '');
}

/** Of a class, of an interface, and of an alias of a list of members. */
function membersOf(declaration: Node | undefined): readonly Node[] {
  const body = one(declaration, 'body');
  const isBody = body?.type === 'ClassBody' || body?.type === 'TSInterfaceBody';
  return isBody ? many(body, 'body') : many(one(declaration, 'typeAnnotation'), 'members');
}

/** A constructor is told by its class and its options, an override by what it overrides. */
function isPublic(member: Node): boolean {
  const isHidden = ['private', 'protected'].includes(word(member, 'accessibility') ?? '');
  const isNameless = member.type === 'StaticBlock' || member['kind'] === 'constructor';
  if (isHidden || isNameless || member['override'] === true) return false;
  return one(member, 'key')?.type !== 'PrivateIdentifier';
}

function isDocumented(source: Source, node: Node): boolean {
  const notes = /(?:^[ \t]*\/\/.*\n)+[ \t]*$/m;
  const before = source.text.slice(0, node.start).replace(notes, '').trimEnd();
  if (!before.endsWith('*/')) return false;
  // Where the comment begins; the slash and star of an `ipc://*` inside it do not.
  const last = before.slice(0, -2).split('*/').at(-1) ?? '';
  return [...last.matchAll(/(?<=^|\s)\/\*+/g)].at(-1)?.[0] === '/**';
}
