/**
 * Compiles files of a consumer's project under the settings that users may have.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';
import { root } from './root.ts';

// ES2022 is what a careful user still targets; skipLibCheck: false reads our types and zeromq's.
const strict = { strict: true, target: 'es2022', types: ['node'], skipLibCheck: false };
const strictest = {
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noFallthroughCasesInSwitch: true,
  noPropertyAccessFromIndexSignature: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  verbatimModuleSyntax: true,
  erasableSyntaxOnly: true,
};
const nodenext = { module: 'nodenext', rewriteRelativeImportExtensions: true };
const bundler = {
  module: 'preserve',
  moduleResolution: 'bundler',
  allowImportingTsExtensions: true,
};

/** Each pair of module resolutions and of strictness that the types have to bear. */
export const settings = [
  { name: 'nodenext', options: { ...strict, ...nodenext } },
  { name: 'nodenext, strictest flags', options: { ...strict, ...strictest, ...nodenext } },
  { name: 'bundler', options: { ...strict, ...bundler } },
  { name: 'bundler, strictest flags', options: { ...strict, ...strictest, ...bundler } },
].map(({ name, options }) => ({ name, options: { ...options, noEmit: true } }));

/** Compiler options under which a program of the project can be run from its folder `out`. */
export const emitting = { ...strict, ...nodenext, rootDir: 'src', outDir: 'out' };

/** Compiles some files of the project in `home`, whatever else lies there; by default with our tsc. */
export async function compile(
  home: string,
  compilerOptions: object,
  include: readonly string[],
  tsc: string = join(root, 'node_modules/.bin/tsc'),
): Promise<void> {
  await writeFile(join(home, 'tsconfig.json'), JSON.stringify({ compilerOptions, include }));
  await run(tsc, ['-p', home], { cwd: home });
}
