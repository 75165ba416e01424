/**
 * Where the repository begins, for tests that read its files or run its tools.
 */
import { fileURLToPath } from 'node:url';

/** The repository's own folder. */
export const root: string = fileURLToPath(new URL('../..', import.meta.url));
