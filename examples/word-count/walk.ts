/**
 * Walk: the regular files below a directory, without following links and without `.git`.
 */
import { readdir } from 'node:fs/promises';
import { sep } from 'node:path';

/** A directory that could not be read, and why. */
export interface Unreadable {
  /** Its path. */
  readonly path: string;
  /** Why, in the system's words. */
  readonly reason: string;
}

/**
 * Yields the path of each regular file. Paths are bytes, because on disk they need not be UTF-8. A
 * directory that cannot be read is handed to `onUnreadable` and passed over.
 */
export async function* walk(
  directory: Buffer,
  onUnreadable: (unreadable: Unreadable) => void,
): AsyncGenerator<Buffer> {
  let entries;
  try {
    entries = await readdir(directory, { encoding: 'buffer', withFileTypes: true });
  } catch (error) {
    onUnreadable({ path: String(directory), reason: (error as Error).message });
    return;
  }
  for (const entry of entries) {
    const path = Buffer.concat([directory, Buffer.from(sep), entry.name]);
    if (String(entry.name) === '.git') continue; // In a worktree it is a file.
    if (entry.isFile()) yield path;
    else if (entry.isDirectory()) yield* walk(path, onUnreadable);
  }
}
