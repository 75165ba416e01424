/**
 * The built package on every Node.js that it supports, each from the npm package of its binary.
 */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../support/command.ts';
import type { Folder } from '../support/consumer.ts';
import { install, makeConsumer, temporaryFolder } from '../support/consumer.ts';

let consumer: Folder;

beforeAll(async () => {
  consumer = await makeConsumer();
  const programs = fileURLToPath(new URL('programs', import.meta.url));
  await cp(programs, consumer.path, { recursive: true });
});

afterAll(() => consumer[Symbol.asyncDispose]());

// 20.19 is the floor that package.json names; `npm test` runs on whatever is installed.
describe.for(['20.19', '22', '24', '26'])('on Node.js %s', (version) => {
  let home: Folder;
  let binary: string;

  beforeAll(async () => {
    const name = `node-${process.platform}-${process.arch}`;
    home = await temporaryFolder();
    await install(home.path, '--no-save', `${name}@${version}`);
    binary = join(home.path, 'node_modules', name, 'bin/node');
  });

  afterAll(() => home[Symbol.asyncDispose]());

  const node = (...args: readonly string[]): Promise<string> =>
    run(binary, args, { cwd: consumer.path });

  test.for(['tcp://127.0.0.1:*', 'ipc://*'])('two processes talk over %s', async (endpoint) => {
    const told = JSON.parse(await node('smoke.mjs', endpoint));
    expect(told).toMatchObject({ last: 'pulled 10000', code: 0, report: { unsent: 0 } });
    expect(told.node).toContain(`v${version}.`);
  });

  test('the package can be required', async () => {
    const program = "process.stdout.write(typeof require('brokerless').Push)";
    expect(await node('--eval', program)).toBe('function');
  });
});
