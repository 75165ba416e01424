/**
 * The types of the built package, and the sources of its patterns, under the compilers that users
 * have beside the one of this repository; and what these make of copied patterns, at work.
 */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../support/command.ts';
import { compile, emitting, settings } from '../support/compile.ts';
import type { Folder } from '../support/consumer.ts';
import { install, makeConsumer, temporaryFolder } from '../support/consumer.ts';
import { copyProgram, told } from '../support/copied.ts';
import { root } from '../support/root.ts';

let consumer: Folder;

beforeAll(async () => {
  consumer = await makeConsumer();
  const sources = join(consumer.path, 'src');
  await cp(join(root, 'patterns'), join(sources, 'patterns'), { recursive: true });
  await cp(join(root, 'test/package/programs'), sources, { recursive: true });
});

afterAll(() => consumer[Symbol.asyncDispose]());

describe.for(['5.9', '6.0'])('TypeScript %s', (version) => {
  let home: Folder;

  beforeAll(async () => {
    home = await temporaryFolder();
    await install(home.path, '--no-save', `typescript@${version}`);
  });

  afterAll(() => home[Symbol.asyncDispose]());

  const tsc = (): string => join(home.path, 'node_modules/.bin/tsc');

  for (const { name, options } of settings) {
    test(`compiles a user's program and the patterns under ${name}`, () =>
      compile(consumer.path, options, ['src'], tsc()));
  }

  test('makes of copied patterns a program that runs', async () => {
    const folder = `copied-${version.replace('.', '-')}`; // A dot would make it a file to tsc.
    await copyProgram(consumer.path, folder);
    const options = { ...emitting, rootDir: folder, outDir: `out/${folder}` };
    await compile(consumer.path, options, [folder], tsc());
    const program = join(consumer.path, options.outDir, 'main.js');
    const printed = await run(process.execPath, [program], { cwd: consumer.path });
    expect(JSON.parse(printed)).toEqual(told);
  });
});
