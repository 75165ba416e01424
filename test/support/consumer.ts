/**
 * A consumer: a project of its own, outside this repository, that has installed the packed package
 * the way its users do, with install scripts off.
 */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './command.ts';
import { root } from './root.ts';

/** A temporary folder, gone when its scope ends. */
export interface Folder extends AsyncDisposable {
  /** Its path. */
  readonly path: string;
}

const quietly = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];

/** Makes a temporary folder. */
export async function temporaryFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'brokerless-'));
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** Packs what was last built into `folder` and gives the path of the tarball. */
export async function pack(folder: string): Promise<string> {
  await checkBuilt();
  const args = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder];
  const stdout = await run('npm', args, { cwd: root });
  return join(folder, stdout.trim());
}

/** Installs packages into `folder`: names with versions, or paths of tarballs. */
export async function install(folder: string, ...packages: readonly string[]): Promise<void> {
  const args = ['install', '--prefix', folder, ...quietly, ...packages];
  await run('npm', args, { cwd: folder, timeoutMs: 180_000 });
}

/** Makes a project that has installed the package, and the types of Node.js in our own version. */
export async function makeConsumer(): Promise<Folder> {
  const folder = await temporaryFolder();
  const manifest = { name: 'consumer', private: true, type: 'module' };
  await writeFile(join(folder.path, 'package.json'), JSON.stringify(manifest));
  const tarball = await pack(folder.path);
  await install(folder.path, tarball, `@types/node@${await versionOf('@types/node')}`);
  return folder;
}

async function versionOf(name: string): Promise<string> {
  const text = await readFile(join(root, 'node_modules', name, 'package.json'), 'utf8');
  const { version }: { version: string } = JSON.parse(text);
  return version;
}

/** The build must be that of the sources as they are, or the tests would try something else. */
async function checkBuilt(): Promise<void> {
  for (const folder of ['src', 'patterns']) {
    const names = await readdir(join(root, folder), { recursive: true });
    for (const name of names.filter((each) => each.endsWith('.ts'))) {
      const [source, built] = [join(folder, name), join('dist', folder, name)];
      const age = await changedAt(built.replace(/ts$/, 'js'));
      if (age < (await changedAt(source)))
        throw new Error(`Run "npm run build": ${source} changed`);
    }
  }
}

async function changedAt(path: string): Promise<number> {
  const found = await stat(join(root, path)).catch(() => undefined);
  return found?.mtimeMs ?? 0;
}
