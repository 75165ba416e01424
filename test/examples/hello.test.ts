/**
 * Tests of the smallest example: two processes, started in either order.
 */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runScript } from '../support/child.ts';
import { emptyTree } from './trees.ts';

const halves = ['pull.ts', 'push.ts'];

describe('two processes that talk to each other', () => {
  test.each([[halves], [halves.toReversed()]])('%s may be started in this order', async (order) => {
    await using folder = await emptyTree();
    const args = [`ipc://${join(folder.path, 'hello')}`];
    const runs = order.map(async (name) => {
      return [name, await runScript(`examples/hello/${name}`, { args, source: true })] as const;
    });
    const { 'pull.ts': pull, 'push.ts': push } = Object.fromEntries(await Promise.all(runs));
    expect(push).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
    expect(pull).toMatchObject({ code: 0, stderr: '' });
    const said = [1, 2, 3].map((number) => `hello number ${number}, said at \\S+Z\\n`);
    expect(pull?.stdout).toMatch(new RegExp(`^${said.join('')}$`));
  });
});
