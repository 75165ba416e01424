/**
 * Syntax: what the house rules ask of a syntax tree: its nodes, the names it uses, its imports.
 */

/** A node of the tree: ESTree with TypeScript, whose many shapes the rules read by field name. */
export interface Node {
  /** The kind of node, such as `CallExpression`. */
  readonly type: string;
  /** Offset of its first character. */
  readonly start: number;
  /** Offset after its last character. */
  readonly end: number;
  readonly [field: string]: unknown;
}

/** A node, and where it hangs. */
export interface Visit {
  /** The node itself. */
  readonly node: Node;
  /** The node above it; undefined for the root. */
  readonly parent: Node | undefined;
  /** The field of the parent that holds it. */
  readonly field: string;
}

/** A name that code uses: a lone one (`Date`), or with what is asked of it (`Date.now`). */
export interface Use {
  /** The name as written, without a leading `globalThis.`. */
  readonly name: string;
  /** Where. */
  readonly node: Node;
}

/** A module that a file asks for. */
export interface Import {
  /** As written; empty if it is computed at run time. */
  readonly specifier: string;
  /** Whether nothing of it is left once types are erased. */
  readonly typeOnly: boolean;
  /** Where. */
  readonly node: Node;
}

/** The node in a field, if there is one. */
export function one(node: Node | undefined, field: string): Node | undefined {
  const value = node?.[field];
  return isNode(value) ? value : undefined;
}

/** The nodes in a field that holds a list. */
export function many(node: Node | undefined, field: string): readonly Node[] {
  const value = node?.[field];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** The text in a field, if it holds text. */
export function word(node: Node | undefined, field: string): string | undefined {
  const value = node?.[field];
  return typeof value === 'string' ? value : undefined;
}

/** Whether a field holds a node. */
export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

/** Every node from `node` down, parents first. */
export function* walk(node: Node, parent?: Node, field = ''): Generator<Visit> {
  yield { node, parent, field };
  for (const [name, value] of Object.entries(node)) {
    const children: readonly unknown[] = Array.isArray(value) ? value : [value];
    for (const child of children) if (isNode(child)) yield* walk(child, node, name);
  }
}

/** Every name that is used as a value or as a type, not the names of properties and members. */
export function* uses(tree: Node): Generator<Use> {
  for (const { node, parent, field } of walk(tree)) {
    const dotted = node.type === 'MemberExpression' ? memberName(node) : undefined;
    if (dotted !== undefined) yield { name: dotted, node };
    if (isNowCall(node)) yield { name: 'new Date()', node };
    const isMember = (field === 'property' || field === 'key') && parent?.['computed'] !== true;
    const name = node.type === 'Identifier' && !isMember ? word(node, 'name') : undefined;
    if (name !== undefined) yield { name, node };
  }
}

function memberName(node: Node): string | undefined {
  const owner = word(one(node, 'object'), 'name');
  const member = word(one(node, 'property'), 'name');
  if (owner === undefined || member === undefined || node['computed'] === true) return undefined;
  return owner === 'globalThis' ? member : `${owner}.${member}`;
}

/** `new Date()` and `Date()` ask what time it is; `new Date(ms)` does not. */
function isNowCall(node: Node): boolean {
  const isDate = word(one(node, 'callee'), 'name') === 'Date';
  return isDate && (node.type === 'CallExpression' || many(node, 'arguments').length === 0);
}

/** Every module that a file asks for, however it does so. */
export function* imports(tree: Node): Generator<Import> {
  for (const { node } of walk(tree)) {
    const asked = sourceOf(node);
    if (asked === undefined) continue;
    yield { specifier: word(asked, 'value') ?? '', typeOnly: isTypeOnly(node), node };
  }
}

function sourceOf(node: Node): Node | undefined {
  if (node.type === 'CallExpression') {
    const isRequire = word(one(node, 'callee'), 'name') === 'require';
    return isRequire ? many(node, 'arguments')[0] : undefined;
  }
  if (node.type === 'TSExternalModuleReference') return one(node, 'expression');
  const asks = ['ImportDeclaration', 'ImportExpression', 'TSImportType'].includes(node.type);
  return asks || node.type.startsWith('Export') ? one(node, 'source') : undefined;
}

function isTypeOnly(node: Node): boolean {
  if (node.type === 'TSImportType') return true;
  const kind = word(node, 'importKind') ?? word(node, 'exportKind');
  const named = many(node, 'specifiers');
  const isType = (each: Node) => (word(each, 'importKind') ?? word(each, 'exportKind')) === 'type';
  return kind === 'type' || (named.length > 0 && named.every(isType));
}
