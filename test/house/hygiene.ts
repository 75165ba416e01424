/**
 * Hygiene: no test sleeps, is skipped or tried again, and no machine's address stands in the tree.
 */
import type { Source } from './source.ts';
import type { Node } from './syntax.ts';
import { imports, many, one, uses, walk, word } from './syntax.ts';

/** Where a test waits for time to pass; it should wait for a condition, with a deadline. */
export function sleeps(source: Source): string[] {
  const timers = [...imports(source.tree)].filter(
    ({ specifier }) => specifier === 'node:timers/promises',
  );
  const found = [...walk(source.tree)].filter(({ node }) => isSleep(node) || isSleepCall(node));
  return [...timers, ...found].map(({ node }) =>
    source.offence(node, 'sleeps: wait for a condition'),
  );
}

function isSleepCall(node: Node): boolean {
  const callee = node.type === 'CallExpression' ? word(one(node, 'callee'), 'name') : undefined;
  return callee === 'sleep' || callee === 'delay';
}

/** `new Promise((resolve) => setTimeout(resolve, …))`, or with `() => resolve()` in its place. */
function isSleep(node: Node): boolean {
  if (node.type !== 'NewExpression' || word(one(node, 'callee'), 'name') !== 'Promise')
    return false;
  const resolve = word(many(many(node, 'arguments')[0], 'params')[0], 'name');
  return [...walk(node)].some(({ node: call }) => {
    const isTimer =
      call.type === 'CallExpression' && word(one(call, 'callee'), 'name') === 'setTimeout';
    const wake = isTimer ? many(call, 'arguments')[0] : undefined;
    return wake !== undefined && [...uses(wake)].some(({ name }) => name === resolve);
  });
}

/** Where a test is left out, or let pass at its second try. */
export function excuses(source: Source): string[] {
  return [...walk(source.tree)].flatMap(({ node }) => {
    const excuse = excuseOf(node);
    return excuse === undefined ? [] : [source.offence(node, `${excuse}: a test passes or fails`)];
  });
}

function excuseOf(node: Node): string | undefined {
  const key = node.type === 'Property' ? word(one(node, 'key'), 'name') : undefined;
  if (key === 'retry') return key;
  if (node.type !== 'MemberExpression' || !isTest(node)) return undefined;
  const member = word(one(node, 'property'), 'name') ?? '';
  return ['skip', 'only', 'todo', 'fails'].includes(member) ? member : undefined;
}

/** Whether a chain such as `test.concurrent.each` begins with what vitest gives. */
function isTest(node: Node): boolean {
  const owner = one(node, 'object');
  if (owner?.type === 'MemberExpression') return isTest(owner);
  return ['test', 'it', 'describe'].includes(word(owner, 'name') ?? '');
}

/** Paths of one machine, and addresses that packages were fetched from. */
export function machineTraces(source: Source): string[] {
  const traces = [
    /(?<![\w.-])\/(?:work|root|home)\//g,
    /\bregistry\.[a-z\d-]+\.[a-z]+\b/g,
    /^\s*(?:@[\w-]+:)?registry\s*=.*/gm,
    /"resolved":\s*"https?:/g,
  ];
  return traces.flatMap((trace) =>
    [...source.text.matchAll(trace)].map((found) => source.offence(found.index, found[0].trim())),
  );
}
