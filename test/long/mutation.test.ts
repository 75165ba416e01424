/**
 * Small mistakes made by a machine, one after another, everywhere in the rules: tests notice nine of ten at
 * least, and of others it is written down why they do no harm.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Folder } from '../support/consumer.ts';
import { explained, explanationOf } from './mutation/explained.ts';
import { type Mutation, makeTree, mutate, RULES } from './mutation/stryker.ts';

const HOUR_MS = 3_600_000;
const ENOUGH = 0.9;

let tree: Folder;
let mutations: readonly Mutation[];

beforeAll(async () => {
  tree = await makeTree();
  mutations = await mutate(tree.path, RULES, 2 * HOUR_MS);
}, 3 * HOUR_MS);

afterAll(() => tree[Symbol.asyncDispose]());

test('nine of ten mistakes in the rules are noticed by a test', () => {
  const unexplained = survivorsOf(mutations).filter((each) => explanationOf(each) === undefined);
  console.log([...table(mutations), ...unexplained.map(shown)].join('\n'));
  expect(mutations.length).toBeGreaterThan(2000);
  expect(shareKilled(mutations)).toBeGreaterThanOrEqual(ENOUGH);
});

test('each mistake that is explained is made, and is not noticed', () => {
  const met = new Set(mutations.map(explanationOf));
  const stale = Object.values(explained)
    .flat()
    .filter((each) => !met.has(each));
  expect(stale).toEqual([]);
});

const survivorsOf = (all: readonly Mutation[]): Mutation[] =>
  all.filter(({ isKilled }) => !isKilled);

const shareKilled = (all: readonly Mutation[]): number => 1 - survivorsOf(all).length / all.length;

/** How many were noticed in each file. */
function table(all: readonly Mutation[]): string[] {
  const files = [...new Set(all.map(({ file }) => file))].toSorted();
  const rows = files.map((file) => [file, all.filter((each) => each.file === file)] as const);
  return [...rows, ['all', all] as const].map(([name, of]) => {
    const survivors = survivorsOf(of);
    const open = survivors.filter((each) => explanationOf(each) === undefined).length;
    const percent = (100 * shareKilled(of)).toFixed(1).padStart(5);
    return `${percent} % of ${of.length}, ${survivors.length} survive, ${open} unexplained: ${name}`;
  });
}

const shown = ({ file, at, line, from, to }: Mutation): string =>
  `${file}:${at} survives: ${line}\n  ${from} => ${to.split('\n').join(' ')}`;
