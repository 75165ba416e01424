/**
 * Each mistake in mutants.ts is made, and the test that is named there must fail because of it. Half of them are
 * tried in `npm run test:long` only.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path/posix';
import { expect, test } from 'vitest';
import { run } from '../support/command.ts';
import { root } from '../support/root.ts';
import { type Mutant, mutants } from './mutants.ts';
import { MUTANT_VARIABLE, mutate } from './mutator.ts';

const vitest = join(root, 'node_modules/vitest/vitest.mjs');

interface Ran {
  readonly status: string;
  readonly fullName: string;
}

interface Verdict {
  readonly testResults: readonly { readonly assertionResults: readonly Ran[] }[];
}

/** The tests of that name, run with the mutant in place. */
async function runWith(mutant: Mutant): Promise<Ran[]> {
  const folder = mkdtempSync(join(tmpdir(), 'brokerless-'));
  const report = join(folder, 'report.json');
  const json = ['--reporter=json', `--outputFile=${report}`];
  const only = ['-t', mutant.named, '--testTimeout', '60000', mutant.test];
  const args = [
    vitest,
    'run',
    '--config',
    'test/vitest.config.ts',
    '--bail',
    '1',
    ...json,
    ...only,
  ];
  try {
    await run(process.execPath, args, {
      cwd: root,
      env: { [MUTANT_VARIABLE]: mutant.name },
      timeoutMs: 110_000,
    }).catch(() => ''); // It is meant to fail; what failed is in the report.
    const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as Verdict;
    const all = testResults.flatMap(({ assertionResults }) => assertionResults);
    return all.filter(({ fullName }) => fullName.includes(mutant.named));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const isLong = process.env['BROKERLESS_LONG'] === 'true';
const tried = mutants.filter(({ isSeldom = false }) => isLong || !isSeldom);

test.each(mutants)('$name: the line that it changes is there, once', (mutant) => {
  const code = readFileSync(join(root, mutant.file), 'utf8');
  expect(mutate(code, mutant)).not.toBe(code);
});

test.each(tried)('$name: it is noticed', { timeout: 120_000 }, async (mutant) => {
  const ran = await runWith(mutant);
  expect(ran.length, `tests named "${mutant.named}"`).toBeGreaterThan(0);
  expect(ran.map(({ status }) => status)).toContain('failed');
});
