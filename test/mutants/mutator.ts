/**
 * Mutator: has one line of the sources replaced while tests run, to see that a test notices.
 *
 * The mutant is named by an environment variable, so that the tests themselves know nothing of it.
 */
import { relative } from 'node:path/posix';
import type { Plugin } from 'vitest/config';
import { type Mutant, mutants } from './mutants.ts';

/** The environment variable that names the mutant to run the tests with. */
export const MUTANT_VARIABLE = 'BROKERLESS_MUTANT';

/** Replaces what the mutant says that the environment names at the time; does nothing if none is named. */
export function mutator(root: string): Plugin[] {
  if (process.env[MUTANT_VARIABLE] === undefined) return [];
  return [
    {
      name: 'mutator',
      enforce: 'pre',
      transform: (code, id) => {
        const mutant = mutants.find(({ name }) => name === process.env[MUTANT_VARIABLE]);
        return relative(root, id) === mutant?.file ? mutate(code, mutant) : null;
      },
    },
  ];
}

/** The text of a file with the mutation in it. Throws unless there is one place for it. */
export function mutate(code: string, { name, from, to }: Mutant): string {
  const parts = code.split(from);
  if (parts.length !== 2) {
    throw new Error(`mutant ${name}: ${parts.length - 1} places with ${JSON.stringify(from)}`);
  }
  return parts.join(to);
}
