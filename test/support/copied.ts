/**
 * Copied patterns: a user's program that has its own copy of each pattern's folder, and what it prints.
 */
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './root.ts';

/** What the user's program, test/package/programs/main.ts, prints as JSON. */
export const told = {
  sockets: [1, 2],
  pipeline: 14,
  loadBalancer: 'hello, Ada',
  pirates: [49, 'left'],
  service: [8, [2, 3, 5, 7], 'SOLD_OUT', 1],
  error: 'INSECURE_BIND',
};

/** The folders of the patterns, by name. */
export async function patternNames(): Promise<string[]> {
  const entries = await readdir(join(root, 'patterns'), { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).toSorted();
}

/** Writes the program into `folder` of the project in `home`, with copies of the patterns that it imports. */
export async function copyProgram(home: string, folder: string): Promise<void> {
  const copied = join(home, folder);
  await mkdir(copied);
  for (const pattern of await patternNames()) {
    await cp(join(root, 'patterns', pattern), join(copied, pattern), { recursive: true });
  }
  const program = await readFile(join(root, 'test/package/programs/main.ts'), 'utf8');
  const own = program.replaceAll(/'brokerless\/patterns\/([\w-]+)'/g, "'./$1/index.ts'");
  await writeFile(join(copied, 'main.ts'), own);
}
