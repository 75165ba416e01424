/**
 * Compile programs: what is done once before the tests, so that their programs need no loader. See compiled.ts.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path/posix';
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
    const place = join(compiledRoot, folder);
    const files = readdirSync(place, { recursive: true, encoding: 'utf8' });
    for (const file of files) if (file.endsWith('.js')) nameCompiled(join(place, file));
  }
}

/** Programs import the package by its name: here that is what was compiled, in place of the build. */
function manifest(): string {
  const own = readFileSync(join(root, 'package.json'), 'utf8');
  return own.replaceAll(/"@brokerless\/source": .*/g, '').replaceAll('./dist/', './');
}

/** Programs that start others name them by their sources. */
function nameCompiled(path: string): void {
  const code = readFileSync(path, 'utf8');
  writeFileSync(path, code.replaceAll(/(?<=new URL\('[\w./-]+)\.ts(?=')/g, '.js'));
}
