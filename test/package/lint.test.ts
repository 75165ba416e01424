/**
 * The packed package under the eyes of publint and of "are the types wrong".
 */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../support/command.ts';
import type { Folder } from '../support/consumer.ts';
import { pack, temporaryFolder } from '../support/consumer.ts';
import { root } from '../support/root.ts';

const bin = (name: string): string => join(root, 'node_modules/.bin', name);

let folder: Folder;
let tarball: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  tarball = await pack(folder.path);
}, 120_000);

afterAll(() => folder[Symbol.asyncDispose]());

test('publint finds nothing to say', { timeout: 180_000 }, async () => {
  const said = await run(bin('publint'), ['run', tarball, '--strict'], { cwd: folder.path });
  expect(said).toContain('All good!');
});

test('the types of every door resolve', { timeout: 180_000 }, async () => {
  // The pattern names its own package, which the resolution of Node 10 cannot find; the profile leaves
  // that resolution out, but not for this one rule. What the rule asks, consumer.test.ts compiles.
  const rules = ['--profile', 'esm-only', '--ignore-rules', 'internal-resolution-error'];
  await run(bin('attw'), [tarball, ...rules, '--no-definitely-typed'], { cwd: folder.path });
});
