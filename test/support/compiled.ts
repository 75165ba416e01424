/**
 * Compiled: where the programs are that tests start as processes, in plain JavaScript.
 *
 * A loader of TypeScript in each process takes longer than most of what the processes are there for, so all of them
 * are compiled once before the tests, together with the package that they import.
 */
import { join, relative, resolve } from 'node:path/posix';
import { fileURLToPath } from 'node:url';
import { root } from './root.ts';

/** The folder of all that is compiled: the repository once more. */
export const compiledRoot: string = join(root, '.compiled');

/**
 * The compiled program of this source, which is a path from the root of the repository or a URL. Those in Python are
 * run as they are.
 */
export function compiled(source: string | URL): string {
  const path = pathOf(source);
  if (path.endsWith('.py')) return path;
  return join(compiledRoot, relative(root, path).replace(/\.ts$/, '.js'));
}

/** How Node.js is called to run this source. A program elsewhere has been compiled where it stands: see project.ts. */
export function commandOf(source: string | URL): string[] {
  const path = pathOf(source);
  const isOurs = !relative(root, path).startsWith('..');
  return [isOurs ? compiled(path) : path.replace(/\.ts$/, '.js')];
}

function pathOf(source: string | URL): string {
  return source instanceof URL ? fileURLToPath(source) : resolve(root, source);
}
