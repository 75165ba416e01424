/**
 * Stryker: makes one small mistake after another in the rules, and tells which of them no test notices.
 *
 * It works on a copy of the tree, and is installed there: it asks for compilers and runners of its own.
 */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../support/command.ts';
import { type Folder, install, temporaryFolder } from '../../support/consumer.ts';
import { root } from '../../support/root.ts';

const VERSION = '9.6.1'; // Later ones need a later Node.js.

/** What is mutated. */
export const RULES: readonly string[] = [
  'src/rules/*.ts',
  'src/broker/*.ts',
  'patterns/*/*rules.ts',
  'patterns/*/messages.ts',
];

// What the tests need of the tree, and npm.
const PARTS = [
  'src',
  'patterns',
  'test',
  'node_modules',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
];

/** One mistake, and what became of it. */
export interface Mutation {
  /** The file it is made in, from the root. */
  readonly file: string;
  /** The line it begins in, from 1. */
  readonly at: number;
  /** That line, without what surrounds it. */
  readonly line: string;
  /** What is replaced; of several lines the first. */
  readonly from: string;
  /** What it is replaced by. */
  readonly to: string;
  /** Whether a test failed because of it, or never ended. */
  readonly isKilled: boolean;
}

interface Place {
  readonly line: number;
  readonly column: number;
}

interface Report {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: Mutant[] }>>;
}

interface Mutant {
  readonly status: string;
  readonly replacement?: string;
  readonly location: { readonly start: Place; readonly end: Place };
}

/** A copy of what the tests need, with Stryker in it. */
export async function makeTree(): Promise<Folder> {
  const folder = await temporaryFolder();
  for (const name of PARTS) {
    const options = { recursive: true, verbatimSymlinks: true };
    await cp(join(root, name), join(folder.path, name), options);
  }
  const packages = ['core', 'vitest-runner'].map((name) => `@stryker-mutator/${name}@${VERSION}`);
  await install(folder.path, '--no-save', ...packages);
  return folder;
}

/** Tries the mutants of all `files` in that tree, for up to `timeoutMs`. */
export async function mutate(
  tree: string,
  files: readonly string[],
  timeoutMs: number,
): Promise<Mutation[]> {
  await writeFile(join(tree, 'stryker.json'), JSON.stringify({ ...settings, mutate: files }));
  const start = (script: string, ...args: readonly string[]): Promise<string> =>
    run(process.execPath, [join(tree, 'node_modules', script), ...args], { cwd: tree, timeoutMs });
  // Stryker would take no notice of a file of tests that cannot be loaded.
  await start('vitest/vitest.mjs', 'run', '--config', settings.vitest.configFile);
  await start('@stryker-mutator/core/bin/stryker.js', 'run', 'stryker.json');
  return mutationsOf(
    JSON.parse(await readFile(join(tree, settings.jsonReporter.fileName), 'utf8')),
  );
}

const settings = {
  testRunner: 'vitest',
  vitest: { configFile: 'test/long/mutation/vitest.config.ts', related: false },
  plugins: ['@stryker-mutator/vitest-runner'],
  coverageAnalysis: 'perTest',
  reporters: ['json'],
  jsonReporter: { fileName: 'mutation.json' },
  concurrency: 1,
  timeoutMS: 10_000,
  disableTypeChecks: false,
  tsconfigFile: 'none.json', // It would be read with an API that TypeScript 7 does not have.
  allowConsoleColors: false,
} as const;

/** The mutants of a report that ran: those that do not compile or never begin are none. */
function mutationsOf({ files }: Report): Mutation[] {
  return Object.entries(files).flatMap(([file, { source, mutants }]) => {
    const lines = source.split('\n');
    return mutants.flatMap(({ status, replacement = '', location: { start, end } }) => {
      const isKilled = status === 'Killed' || status === 'Timeout';
      if (!isKilled && status !== 'Survived' && status !== 'NoCoverage') return [];
      const text = lines[start.line - 1] ?? '';
      const until = end.line === start.line ? end.column - 1 : text.length;
      const from = text.slice(start.column - 1, until);
      return [{ file, at: start.line, line: text.trim(), from, to: replacement, isKilled }];
    });
  });
}
