/**
 * Runs the examples of the pattern's README as they stand there, from the package and from a copy of the
 * folder in a program of one's own.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { runScript } from '../../support/child.ts';
import { commandOf } from '../../support/compiled.ts';
import type { Folder } from '../../support/consumer.ts';
import { makeProject } from '../../support/project.ts';
import { PYTHON, requirePython } from '../../support/python.ts';
import { root } from '../../support/root.ts';

const PATTERN = join(root, 'patterns/lazy-pirate');
const ANSWER = { code: 0, signal: null, stdout: 'the squares are 1, 4, 9\n', stderr: '' };

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

const text = await readFile(join(PATTERN, 'README.md'), 'utf8');
const programs = [...text.matchAll(/^`(\w+\.ts)`,[^\n]*\n\n```ts\n(.*?)^```$/gms)].map(
  ([, name = '', program = '']) => [name, program] as const,
);
const python = ['server.py', /^```python\n(.*?)^```$/ms.exec(text)?.[1] ?? ''] as const;
const examples = [...programs, python];
const names = programs.map(([name]) => name);

function start(command: string, args: readonly string[]): void {
  children.push(spawn(command, args, { cwd: root, stdio: 'inherit' }));
}

const client = (project: Folder) => runScript(join(project.path, 'client.ts'), { source: true });

describe('the examples of the README', { timeout: 90_000 }, () => {
  test('run as they stand there', async () => {
    expect(names).toEqual(['server.ts', 'client.ts']);
    await using project = await makeProject(examples);
    start(process.execPath, commandOf(join(project.path, 'server.ts')));
    expect(await client(project)).toEqual(ANSWER);
  });

  test('run with a copy of the folder, and the server in Python', async (context) => {
    requirePython(context, 'zmq', 'cbor2');
    await using project = await makeProject(examples, { copyOf: 'lazy-pirate' });
    start(PYTHON, [join(project.path, 'server.py')]);
    expect(await client(project)).toEqual(ANSWER);
  });
});

test('the tables of the README name every option and no other', async () => {
  const readme = await readFile(join(PATTERN, 'README.md'), 'utf8');
  const source = await readFile(join(PATTERN, 'options.ts'), 'utf8');
  const checked = (name: string): string[] => {
    const checks = new RegExp(`const ${name}[^\\n]* = \\{\\n(.*?)^\\};`, 'ms').exec(source)?.[1];
    return [...(checks ?? '').matchAll(/^ {2}(\w+)(?=[:,])/gm)].map(([, option = '']) => option);
  };
  const [table = ''] = readme.split('`new LazyPirate(options)`').at(-1)?.split('\n`request(') ?? [];
  const named = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
  expect(named).toEqual(checked('pirateChecks'));
  const asked = /`request\(value, \{ (.*?) \}\)`/.exec(readme)?.[1]?.split(', ');
  expect(asked).toEqual(checked('askChecks'));
});
