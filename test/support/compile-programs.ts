/**
 * Compile programs: what is done once before the tests, so that their programs need no loader. See compiled.ts.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path/posix';
import { build } from 'esbuild';
import { MUTANT_VARIABLE } from '../mutants/mutator.ts';
import { run } from './command.ts';
import { compiledRoot } from './compiled.ts';
import { root } from './root.ts';

/** Compiles the package, the examples and the programs of the tests. */
export async function setup(): Promise<void> {
  if (process.env[MUTANT_VARIABLE] !== undefined) return; // Those are found without processes.
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  await run(process.execPath, [tsc, '-p', 'test/support/programs.tsconfig.json'], { cwd: root });
  writeFileSync(join(compiledRoot, 'package.json'), manifest());
  for (const folder of ['examples', 'test']) {
    for (const file of filesOf(folder)) nameCompiled(file);
  }
  await bundle();
}

/** Programs import the package by its name: here that is what was compiled, in place of the build. */
function manifest(): string {
  const own = readFileSync(join(root, 'package.json'), 'utf8');
  return own.replaceAll(/"@brokerless\/source": .*/g, '').replaceAll('./dist/', './');
}

function filesOf(folder: string): string[] {
  const place = join(compiledRoot, folder);
  const files = readdirSync(place, { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith('.js')).map((file) => join(place, file));
}

/** Programs that start others name them by their sources. */
function nameCompiled(path: string): void {
  const code = readFileSync(path, 'utf8');
  writeFileSync(path, code.replaceAll(/(?<=new URL\('[\w./-]+)\.ts(?=')/g, '.js'));
}

/**
 * Puts all files of each door of the package into one: to load a hundred small ones takes a process longer than most of
 * what the tests start it for.
 */
async function bundle(): Promise<void> {
  const doors = ['index', 'kit', 'testing/index'].map((name) => `src/${name}.js`);
  const patterns = filesOf('patterns').filter((file) => basename(file) === 'index.js');
  const settings = {
    absWorkingDir: compiledRoot,
    outdir: '.',
    outbase: '.',
    bundle: true,
    splitting: true, // What doors have in common is there once.
    format: 'esm',
    platform: 'node',
    packages: 'external',
    allowOverwrite: true,
    logLevel: 'warning',
  } as const;
  await build({ ...settings, entryPoints: doors, chunkNames: 'src/[name]-[hash]' });
  for (const pattern of patterns) await build({ ...settings, entryPoints: [pattern] });
}
