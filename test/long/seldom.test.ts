/**
 * What `npm test` leaves out because it takes long: the other half of the mutants, and more ways to kill.
 */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../support/command.ts';
import { root } from '../support/root.ts';

const WHAT = ['test/mutants', 'test/examples/word-count-killed.test.ts'];

test('every mutant is noticed, and every killed worker replaced', {
  timeout: 1_200_000,
}, async () => {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', '--config', 'test/vitest.config.ts', ...WHAT];
  const env = { BROKERLESS_LONG: 'true' };
  const stdout = await run(process.execPath, args, { cwd: root, env, timeoutMs: 1_100_000 });
  expect(stdout).toContain('passed');
});
