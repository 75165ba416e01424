/**
 * Runs the examples of the pattern's README as they stand there, from the package and from a copy of the
 * folder in a program of one's own.
 */
import { spawn } from 'node:child_process';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runScript } from '../../support/child.ts';
import { type Folder, temporaryFolder } from '../../support/consumer.ts';
import { PYTHON, requirePython } from '../../support/python.ts';
import { root } from '../../support/root.ts';

const PATTERN = join(root, 'patterns/pipeline');

/** A project with the package in its `node_modules`. */
async function makeProject(): Promise<Folder> {
  const folder = await temporaryFolder();
  await mkdir(join(folder.path, 'node_modules'));
  await symlink(root, join(folder.path, 'node_modules/brokerless'));
  await writeFile(join(folder.path, 'package.json'), '{ "type": "module" }');
  return folder;
}

/** Writes the examples of the README into the project, with endpoints that nobody else has. */
async function writeExamples(project: Folder, change = (text: string): string => text) {
  const readme = await readFile(join(PATTERN, 'README.md'), 'utf8');
  const found = readme.matchAll(/^`(\w+\.ts)`,[^\n]*\n\n```ts\n(.*?)^```$/gms);
  const python = /^```python\n(.*?)^```$/ms.exec(readme)?.[1] ?? '';
  const examples = [...found].map(([, name = '', text = '']) => [name, change(text)] as const);
  for (const [name, text] of [...examples, ['worker.py', python] as const]) {
    const own = text.replace(/tcp:\/\/127\.0\.0\.1:(\d+)/g, `ipc://${project.path}/$1`);
    await writeFile(join(project.path, name), own);
  }
  return examples.map(([name]) => name);
}

const ends = (project: Folder, name: string) =>
  runScript(join(project.path, name), { source: true });

const SUM = 'the sum of the squares is 55\n';

describe('the examples of the README', () => {
  test('run as they stand there', async () => {
    await using project = await makeProject();
    const names = await writeExamples(project);
    expect(names).toEqual(['sink.ts', 'worker.ts', 'ventilator.ts']);
    const [sink, ...others] = await Promise.all(names.map((name) => ends(project, name)));
    expect(sink).toEqual({ code: 0, signal: null, stdout: SUM, stderr: '' });
    for (const other of others) {
      expect(other).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
    }
  });

  test('run with a copy of the folder', async () => {
    await using project = await makeProject();
    await cp(PATTERN, join(project.path, 'pipeline'), { recursive: true });
    const names = await writeExamples(project, (text) =>
      text.replace('brokerless/patterns/pipeline', './pipeline/index.ts'),
    );
    const [sink] = await Promise.all(names.map((name) => ends(project, name)));
    expect(sink).toEqual({ code: 0, signal: null, stdout: SUM, stderr: '' });
  });

  test('run with the worker in Python', async (context) => {
    requirePython(context, 'zmq', 'cbor2');
    await using project = await makeProject();
    const names = await writeExamples(project);
    const child = spawn(PYTHON, [join(project.path, 'worker.py')], { stdio: 'inherit' });
    const gone = new Promise<number | null>((resolve) => {
      child.once('exit', resolve);
    });
    const roles = names.filter((name) => name !== 'worker.ts');
    const [sink] = await Promise.all(roles.map((name) => ends(project, name)));
    expect(sink?.stdout).toBe(SUM);
    expect(await gone).toBe(0);
  });
});

describe('the tables of the README', () => {
  test('name every option and no other', async () => {
    const readme = await readFile(join(PATTERN, 'README.md'), 'utf8');
    for (const role of ['Ventilator', 'Worker', 'Sink']) {
      const source = await readFile(join(PATTERN, `${role.toLowerCase()}.ts`), 'utf8');
      const checks = /const optionChecks[^\n]* = \{\n(.*?)^\};/ms.exec(source)?.[1] ?? '';
      const checked = [...checks.matchAll(/^ {2}(\w+)(?=[:,])/gm)].map(([, name]) => name);
      const options = checked.filter((name) => name !== 'source');
      const [table = ''] =
        readme
          .split(`\`start${role}(`)
          .at(-1)
          ?.split(/^It (?:gives|is)/m) ?? [];
      const named = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
      expect(named, role).toEqual(options);
    }
  });

  test('show the same messages as the code', async () => {
    const read = (name: string) => readFile(join(PATTERN, name), 'utf8');
    const messages = async (name: string): Promise<string[]> =>
      [...(await read(name)).matchAll(/\| `(\["\w+", run.*?\])`/g)].map(([, shown]) =>
        String(shown),
      );
    const shown = await messages('README.md');
    expect(shown).toHaveLength(6);
    expect(shown).toEqual(await messages('messages.ts'));
  });
});
