/**
 * Runs the examples of the pattern's README as they stand there, from the package and from a copy of the folder in a
 * program of one's own, and compares what they print with what they say.
 */
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Live } from '../../examples/live.ts';
import { runScript } from '../../support/child.ts';
import { type Folder, temporaryFolder } from '../../support/consumer.ts';
import { python, requirePython } from '../../support/python.ts';
import { root } from '../../support/root.ts';

const PATTERN = join(root, 'patterns/tasks');
const readme = await readFile(join(PATTERN, 'README.md'), 'utf8');
const snippets = [...readme.matchAll(/^```js\n\/\/ (\w+\.mjs)[^\n]*\n(.*?)^```$/gms)].map(
  ([, name = '', text = '']) => ({ name, text }),
);

/** A project with the package in its `node_modules`, and the examples, with endpoints that nobody else has. */
async function makeProject(change = (text: string): string => text): Promise<Folder> {
  const folder = await temporaryFolder();
  await mkdir(join(folder.path, 'node_modules'));
  await symlink(root, join(folder.path, 'node_modules/brokerless'));
  await writeFile(join(folder.path, 'package.json'), '{ "type": "module" }');
  for (const { name, text } of snippets) {
    const own = change(text).replace(/tcp:\/\/127\.0\.0\.1:(\d+)/g, `ipc://${folder.path}/$1`);
    await writeFile(join(folder.path, name), own);
  }
  return folder;
}

const promised = (name: string): string => {
  const text = snippets.find((snippet) => snippet.name === name)?.text ?? '';
  return [...text.matchAll(/\/\/ prints: (.*)$/gm)].map(([, line]) => `${line}\n`).join('');
};

/** Runs one of the examples, which prints what it says. */
async function expectPromise(project: Folder, name: string): Promise<void> {
  const ran = await runScript(join(project.path, name), { source: true, timeoutMs: 60_000 });
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
    expect(snippets.map(({ name }) => name).toSorted()).toEqual(all.toSorted());
    expect(readme.match(/^```js$/gm)).toHaveLength(all.length);
    for (const name of CLIENTS) expect(promised(name), name).not.toBe('');
  });

  test('run as they stand there, whoever is there first', async () => {
    await using project = await makeProject();
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
    const loader = new URL('../work-queue/programs/register-tsx.mjs', import.meta.url).href;
    const execArgv = JSON.stringify(['--conditions=@brokerless/source', '--import', loader]);
    const change = (text: string): string =>
      // Where the package is its sources, threads read these.
      text.replace('threads: 2', `threads: 2, execArgv: ${execArgv}`);
    await using project = await makeProject(change);
    using queue = new Live(join(project.path, 'queue.mjs'));
    using threads = new Live(join(project.path, 'threads.mjs'));
    await Promise.all(CLIENTS.map((name) => expectPromise(project, name)));
    await expectLeave(threads);
    await expectLeave(queue);
  });

  test('run with a copy of the folder', async () => {
    const change = (text: string): string =>
      text.replace('brokerless/patterns/tasks', './tasks/index.ts');
    await using project = await makeProject(change);
    await cp(PATTERN, join(project.path, 'tasks'), { recursive: true });
    using queue = new Live(join(project.path, 'queue.mjs'));
    using worker = new Live(join(project.path, 'worker.mjs'));
    await Promise.all(CLIENTS.map((name) => expectPromise(project, name)));
    await expectLeave(worker);
    await expectLeave(queue);
  });
});

test('the task that the README sends in Python is done', { timeout: 120_000 }, async (context) => {
  requirePython(context, 'zmq', 'cbor2');
  await using project = await makeProject();
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
