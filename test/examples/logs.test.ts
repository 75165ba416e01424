/**
 * Test of the example that ships logs: no line that was shipped is lost, and none is written twice.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Live } from './live.ts';
import { emptyTree } from './trees.ts';

const LINES = 500;

test('an aggregator that is killed costs no line', { timeout: 120_000 }, async () => {
  await using folder = await emptyTree();
  const path = join(folder.path, 'all.log');
  using main = new Live('examples/logs/main.ts', path, String(LINES));
  await main.says(/^(the aggregator is killed)/);
  expect(await main.ends(), main.output).toBe(0);
  expect(main.output.match(/^the aggregator is killed/gm)).toHaveLength(3);
  const all = 10 * LINES;
  expect(main.lines.at(-1)).toBe(`shipped ${all}, written ${all}, different ${all}`);

  const lines = (await readFile(path, 'utf8')).trim().split('\n');
  const expected = Array.from({ length: 10 }, (_, program) =>
    Array.from({ length: LINES }, (__, i) => `program ${program} ${i + 1}`),
  ).flat();
  const found = lines.map((line) => JSON.parse(line) as { name: string; number: number });
  const names = found.map(({ name, number }) => `${name} ${number}`);
  expect(names.toSorted()).toEqual(expected.toSorted());
});
