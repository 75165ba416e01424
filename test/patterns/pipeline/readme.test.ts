/**
 * Runs the examples of the pattern's README as they stand there, from the package and from a copy of the
 * folder in a program of one's own.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runScript } from '../../support/child.ts';
import type { Folder } from '../../support/consumer.ts';
import { makeProject } from '../../support/project.ts';
import { PYTHON, requirePython } from '../../support/python.ts';
import { root } from '../../support/root.ts';
import { until } from '../../support/until.ts';

const PATTERN = join(root, 'patterns/pipeline');

const text = await readFile(join(PATTERN, 'README.md'), 'utf8');
const programs = [...text.matchAll(/^`(\w+\.ts)`,[^\n]*\n\n```ts\n(.*?)^```$/gms)].map(
  ([, name = '', program = '']) => [name, program] as const,
);
const python = ['worker.py', /^```python\n(.*?)^```$/ms.exec(text)?.[1] ?? ''] as const;
const examples = [...programs, python];
const names = programs.map(([name]) => name);

const ends = (project: Folder, name: string) =>
  runScript(join(project.path, name), { source: true });

/** How they end. The sink begins: whoever has nothing more to say waits for it for a second only. */
async function endsOf(project: Folder, roles: readonly string[]) {
  const sink = ends(project, roles[0] ?? '');
  await until(() => existsSync(join(project.path, '5558')), { timeoutMs: 45_000 });
  return Promise.all([sink, ...roles.slice(1).map((name) => ends(project, name))]);
}

const SUM = 'the sum of the squares is 55\n';

describe('the examples of the README', { timeout: 90_000 }, () => {
  test('run as they stand there', async () => {
    await using project = await makeProject(examples);
    expect(names).toEqual(['sink.ts', 'worker.ts', 'ventilator.ts']);
    const [sink, ...others] = await endsOf(project, names);
    expect(sink).toEqual({ code: 0, signal: null, stdout: SUM, stderr: '' });
    for (const other of others) {
      expect(other).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
    }
  });

  test('run with a copy of the folder', async () => {
    await using project = await makeProject(examples, { copyOf: 'pipeline' });
    const [sink] = await endsOf(project, names);
    expect(sink).toEqual({ code: 0, signal: null, stdout: SUM, stderr: '' });
  });

  test('run with the worker in Python', async (context) => {
    requirePython(context, 'zmq', 'cbor2');
    await using project = await makeProject(examples);
    const child = spawn(PYTHON, [join(project.path, 'worker.py')], { stdio: 'inherit' });
    const gone = new Promise<number | null>((resolve) => {
      child.once('exit', resolve);
    });
    const roles = names.filter((name) => name !== 'worker.ts');
    const [sink] = await endsOf(project, roles);
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
