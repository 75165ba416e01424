/**
 * Runs the examples of the pattern's README as they stand there, from the package and from a copy of the folder in a
 * program of one's own, and compares what they print with what they say.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Live } from '../../examples/live.ts';
import { runScript } from '../../support/child.ts';
import type { Folder } from '../../support/consumer.ts';
import { makeProject } from '../../support/project.ts';
import { python, requirePython } from '../../support/python.ts';
import { root } from '../../support/root.ts';

const PATTERN = join(root, 'patterns/tasks');
const readme = await readFile(join(PATTERN, 'README.md'), 'utf8');
const snippets = [...readme.matchAll(/^```js\n\/\/ (\w+\.mjs)[^\n]*\n(.*?)^```$/gms)].map(
  ([, name = '', text = '']) => [name, text] as const,
);

const promised = (name: string): string => {
  const text = new Map(snippets).get(name) ?? '';
  return [...text.matchAll(/\/\/ prints: (.*)$/gm)].map(([, line]) => `${line}\n`).join('');
};

/** Runs one of the examples, which prints what it says. */
async function expectPromise(project: Folder, name: string): Promise<void> {
  const ran = await runScript(join(project.path, name), { source: true });
  expect(ran).toEqual({ code: 0, signal: null, stdout: promised(name), stderr: '' });
}

async function expectLeave(program: Live): Promise<void> {
  program.kill('SIGINT');
  expect(await program.ends(), program.output).toBe(0);
  expect(program.output).toBe('');
}

const CLIENTS = ['client.mjs', 'failures.mjs', 'compose.mjs'];

describe('the examples of the README', { timeout: 120_000 }, () => {
  test('are these', () => {
    const around = ['tasks.mjs', 'queue.mjs', 'worker.mjs', 'patient.mjs', 'handler.mjs'];
    const all = [...around, ...CLIENTS, 'threads.mjs'];
    expect(snippets.map(([name]) => name).toSorted()).toEqual(all.toSorted());
    expect(readme.match(/^```js$/gm)).toHaveLength(all.length);
    for (const name of CLIENTS) expect(promised(name), name).not.toBe('');
  });

  test('run as they stand there, whoever is there first', async () => {
    await using project = await makeProject(snippets);
    using worker = new Live(join(project.path, 'worker.mjs'));
    const first = expectPromise(project, 'client.mjs');
    using queue = new Live(join(project.path, 'queue.mjs'));
    await first;
    const others = CLIENTS.filter((name) => name !== 'client.mjs');
    await Promise.all([...others, 'patient.mjs'].map((name) => expectPromise(project, name)));
    await expectLeave(worker);
    await expectLeave(queue);
  });

  test('run with threads', async () => {
    await using project = await makeProject(snippets);
    using queue = new Live(join(project.path, 'queue.mjs'));
    using threads = new Live(join(project.path, 'threads.mjs'));
    await Promise.all(CLIENTS.map((name) => expectPromise(project, name)));
    await expectLeave(threads);
    await expectLeave(queue);
  });

  test('run with a copy of the folder', async () => {
    await using project = await makeProject(snippets, { copyOf: 'tasks' });
    using queue = new Live(join(project.path, 'queue.mjs'));
    using worker = new Live(join(project.path, 'worker.mjs'));
    await Promise.all(CLIENTS.map((name) => expectPromise(project, name)));
    await expectLeave(worker);
    await expectLeave(queue);
  });
});

test('the task that the README sends in Python is done', { timeout: 120_000 }, async (context) => {
  requirePython(context, 'zmq', 'cbor2');
  await using project = await makeProject(snippets);
  const text = /^```python\n(.*?)^```$/ms.exec(readme)?.[1] ?? '';
  const program = join(project.path, 'send.py');
  await writeFile(program, text.replace(/tcp:\/\/127\.0\.0\.1:(\d+)/, `ipc://${project.path}/$1`));
  using queue = new Live(join(project.path, 'queue.mjs'));
  using worker = new Live(join(project.path, 'worker.mjs'));
  await expectPromise(project, 'client.mjs'); // Now all are there.
  expect(await python(program)).toEqual({ code: 0, stdout: 'done 8\n', stderr: '' });
  await expectLeave(worker);
  await expectLeave(queue);
});

describe('the tables of the README', () => {
  const named = (title: string): string[] => {
    const [, table = ''] = readme.split(`\n\`${title}(`);
    const rows = table.split('\n\n')[1] ?? '';
    return [...rows.matchAll(/^\| (`\w+`(?:, `\w+`)*)/gm)].flatMap(([, names = '']) =>
      names.replaceAll('`', '').split(', '),
    );
  };
  const checked = async (path: string, name: string): Promise<string[]> => {
    const source = await readFile(join(root, 'patterns', path), 'utf8');
    const checks = new RegExp(`const ${name}[^\\n]* = \\{\\n(.*?)^\\};`, 'ms').exec(source)?.[1];
    return [...(checks ?? '').matchAll(/^ {2}(\w+)(?=[:,])/gm)].map(([, option = '']) => option);
  };

  test('name every option of a task and no other', async () => {
    const options = await checked('tasks/task.ts', 'taskChecks');
    expect(named('app.add.with').toSorted()).toEqual(options.toSorted());
  });

  test('name every option of a connection and no other', async () => {
    const producer = await checked('work-queue/producer.ts', 'producerChecks');
    const connection = await checked('work-queue/connection.ts', 'connectionChecks');
    const options = ['queue', ...producer, ...connection];
    const own = options.filter((name) => name !== 'outcomes' && name !== 'maxOutcomes');
    expect(named('connectTasks').toSorted()).toEqual(own.toSorted());
  });
});
