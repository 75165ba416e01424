/**
 * Each mistake in mutants.ts is made, and the test that is named there must fail because of it. Half of them are
 * tried in `npm run test:long` only.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path/posix';
import { beforeAll, expect, test } from 'vitest';
import { run } from '../support/command.ts';
import { compiled } from '../support/compiled.ts';
import { root } from '../support/root.ts';
import { type Ended, mutants } from './mutants.ts';
import { mutate } from './mutator.ts';

const LIMIT_MS = 600_000;

const isLong = process.env['BROKERLESS_LONG'] === 'true';
const tried = mutants.filter(({ isSeldom = false }) => isLong || !isSeldom);

let ended: Readonly<Record<string, readonly Ended[]>>;

beforeAll(async () => {
  const args = [compiled('test/mutants/programs/try.ts'), ...tried.map(({ name }) => name)];
  ended = JSON.parse(await run(process.execPath, args, { cwd: root, timeoutMs: LIMIT_MS }));
}, LIMIT_MS);

test.each(mutants)('$name: the line that it changes is there, once', (mutant) => {
  const code = readFileSync(join(root, mutant.file), 'utf8');
  expect(mutate(code, mutant)).not.toBe(code);
});

test.each(tried)('$name: it is noticed', ({ name, named }) => {
  expect(ended[name]?.length, `tests named "${named}"`).toBeGreaterThan(0);
  expect(ended[name]).toContain('failed');
});
