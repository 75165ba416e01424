/**
 * Project: a program of somebody's own outside of this repository, with the package in its `node_modules`. It holds
 * the programs of a README, which run as they stand there, each on endpoints that nobody else has.
 *
 * TypeScript is compiled once for all of them, for the same reason as in compiled.ts.
 */
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';
import { compiledRoot } from './compiled.ts';
import { type Folder, temporaryFolder } from './consumer.ts';
import { root } from './root.ts';

/** What else a project is made with; every field has a default. */
export interface ProjectOptions {
  /** The pattern of which the project has a copy, which its programs import instead of the package's. */
  readonly copyOf?: string;
  /** Changes the text of each file. */
  readonly change?: (text: string) => string;
}

/** Makes a project with these files: a name and a text each. */
export async function makeProject(
  files: Iterable<readonly [name: string, text: string]>,
  { copyOf, change = (text) => text }: ProjectOptions = {},
): Promise<Folder> {
  const folder = await temporaryFolder();
  const { path } = folder;
  await mkdir(join(path, 'node_modules'));
  await symlink(compiledRoot, join(path, 'node_modules/brokerless'));
  await writeFile(join(path, 'package.json'), '{ "type": "module" }');
  if (copyOf !== undefined) {
    await cp(join(compiledRoot, 'patterns', copyOf), join(path, copyOf), { recursive: true });
  }
  const programs: string[] = [];
  for (const [name, text] of files) {
    const own = change(text)
      .replace(/tcp:\/\/127\.0\.0\.1:(\d+)/g, `ipc://${path}/$1`)
      .replace(`brokerless/patterns/${copyOf}`, `./${copyOf}/index.js`);
    await writeFile(join(path, name), own);
    if (name.endsWith('.ts')) programs.push(name);
  }
  if (programs.length > 0) await compile(path, programs);
  return folder;
}

/** Leaves the types out, each file by itself. */
async function compile(path: string, programs: readonly string[]): Promise<void> {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const settings = '--module nodenext --target es2022 --noCheck --noResolve --types'.split(' ');
  const args = [tsc, '--ignoreConfig', ...programs, ...settings, ''];
  await run(process.execPath, args, { cwd: path });
}
