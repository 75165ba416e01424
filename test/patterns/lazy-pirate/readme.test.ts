/**
 * Runs the examples of the pattern's README as they stand there, from the package and from a copy of the
 * folder in a program of one's own.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { runScript } from '../../support/child.ts';
import { commandOf } from '../../support/compiled.ts';
import { type Folder, temporaryFolder } from '../../support/consumer.ts';
import { PYTHON, requirePython } from '../../support/python.ts';
import { root } from '../../support/root.ts';

const PATTERN = join(root, 'patterns/lazy-pirate');
const ANSWER = { code: 0, signal: null, stdout: 'the squares are 1, 4, 9\n', stderr: '' };

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A project with the package in its `node_modules`. */
async function makeProject(): Promise<Folder> {
  const folder = await temporaryFolder();
  await mkdir(join(folder.path, 'node_modules'));
  await symlink(root, join(folder.path, 'node_modules/brokerless'));
  await writeFile(join(folder.path, 'package.json'), '{ "type": "module" }');
  return folder;
}

/** Writes the examples of the README into the project, with an endpoint that nobody else has. */
async function writeExamples(project: Folder, change = (text: string): string => text) {
  const readme = await readFile(join(PATTERN, 'README.md'), 'utf8');
  const found = readme.matchAll(/^`(\w+\.ts)`,[^\n]*\n\n```ts\n(.*?)^```$/gms);
  const python = /^```python\n(.*?)^```$/ms.exec(readme)?.[1] ?? '';
  const examples = [...found].map(([, name = '', text = '']) => [name, change(text)] as const);
  for (const [name, text] of [...examples, ['server.py', python] as const]) {
    const own = text.replace(/tcp:\/\/127\.0\.0\.1:(\d+)/g, `ipc://${project.path}/$1`);
    await writeFile(join(project.path, name), own);
  }
  return examples.map(([name]) => name);
}

function start(command: string, args: readonly string[]): void {
  children.push(spawn(command, args, { cwd: root, stdio: 'inherit' }));
}

const client = (project: Folder) =>
  runScript(join(project.path, 'client.ts'), { source: true, timeoutMs: 15_000 });

describe('the examples of the README', () => {
  test('run as they stand there', async () => {
    await using project = await makeProject();
    expect(await writeExamples(project)).toEqual(['server.ts', 'client.ts']);
    start(process.execPath, commandOf(join(project.path, 'server.ts')));
    expect(await client(project)).toEqual(ANSWER);
  });

  test('run with a copy of the folder, and the server in Python', async (context) => {
    requirePython(context, 'zmq', 'cbor2');
    await using project = await makeProject();
    await cp(PATTERN, join(project.path, 'lazy-pirate'), { recursive: true });
    await writeExamples(project, (text) =>
      text.replace('brokerless/patterns/lazy-pirate', './lazy-pirate/index.ts'),
    );
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
