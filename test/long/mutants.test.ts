/**
 * All mutants, those that `npm test` leaves out too.
 */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../support/command.ts';
import { root } from '../support/root.ts';

test('every mutant is noticed', { timeout: 1_200_000 }, async () => {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', '--config', 'test/vitest.config.ts', 'test/mutants'];
  const env = { BROKERLESS_LONG: 'true' };
  const stdout = await run(process.execPath, args, { cwd: root, env, timeoutMs: 1_100_000 });
  expect(stdout).toContain('passed');
});
