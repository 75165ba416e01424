/**
 * Tests of the word count's command line, without a process for each: what makes no sense is refused.
 */
import { expect, test } from 'vitest';
import { readOptions, UsageError } from '../../examples/word-count/options.ts';

test.each([
  ['half a worker', ['--workers', '1.5']],
  ['a negative number of workers', ['--workers', '-1']],
  ['a number of workers left out', ['--workers']],
  ['a flag that takes no value', ['--json=yes']],
  ['an empty name', ['']],
])('%s is refused in a line', async (_, args) => {
  await expect(readOptions(args)).rejects.toThrow(UsageError);
});
