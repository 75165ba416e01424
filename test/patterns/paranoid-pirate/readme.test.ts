/**
 * Runs the examples of the pattern's README as they stand there, from the package, from a copy of the folder in
 * a program of one's own, and in Python; and compares its tables with the code.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeHeader } from 'brokerless/kit';
import { describe, expect, test } from 'vitest';
import { queueChecks } from '../../../patterns/paranoid-pirate/queue.ts';
import { pirateWorkerChecks } from '../../../patterns/paranoid-pirate/worker.ts';
import { Live } from '../../examples/live.ts';
import { run } from '../../support/command.ts';
import type { Folder } from '../../support/consumer.ts';
import { makeProject, type ProjectOptions } from '../../support/project.ts';
import { PYTHON, requirePython } from '../../support/python.ts';
import { root } from '../../support/root.ts';

const PATTERN = join(root, 'patterns/paranoid-pirate');
const readme = await readFile(join(PATTERN, 'README.md'), 'utf8');
const ANSWERS = [1, 2, 3, 4, 5].map((x) => `${x} squared is ${x * x}`);

const scripts = [...readme.matchAll(/^`(\w+\.ts)`,[^\n]*\n\n```ts\n(.*?)^```$/gms)];
const programs = [...readme.matchAll(/^```python\n# (\w+\.py)\n(.*?)^```$/gms)];

/** A project with the examples. */
function makeExamples(options?: ProjectOptions): Promise<Folder> {
  expect(scripts.map(([, name]) => name)).toEqual(['queue.ts', 'worker.ts', 'client.ts']);
  expect(programs.map(([, name]) => name)).toEqual(['worker.py', 'client.py']);
  const all = [...scripts, ...programs];
  return makeProject(
    all.map(([, name = '', text = '']) => [name, text]),
    options,
  );
}

const start = ({ path }: Folder, name: string): Live => new Live(join(path, name));

/** A program in Python that runs until its scope ends; what it complains of is seen. */
class PythonProgram implements Disposable {
  readonly #child: ChildProcess;

  constructor(path: string) {
    this.#child = spawn(PYTHON, [path], { stdio: ['ignore', 'ignore', 'inherit'] });
  }

  [Symbol.dispose](): void {
    this.#child.kill('SIGKILL');
  }
}

/** Lets a program that runs for ever end. */
async function stop(program: Live): Promise<void> {
  program.kill('SIGINT');
  expect(await program.ends(), program.output).toBe(0);
}

/** Queue, worker and client do what the README says, and go when they are told to. */
async function play(project: Folder): Promise<void> {
  using queue = start(project, 'queue.ts');
  using worker = start(project, 'worker.ts');
  await queue.says(/^(a worker is there)$/);
  using client = start(project, 'client.ts');
  expect(await client.ends(), client.output).toBe(0);
  expect(client.lines).toEqual(ANSWERS);
  await stop(worker);
  expect(await queue.says(/^a worker is lost: (.*)$/)).toBe('left');
  await stop(queue);
  expect(worker.output).toBe('');
}

describe('the examples of the README', { timeout: 90_000 }, () => {
  test('run as they stand there', async () => {
    await using project = await makeExamples();
    await play(project);
  });

  test('run in any order', async () => {
    await using project = await makeExamples();
    using client = start(project, 'client.ts');
    using worker = start(project, 'worker.ts');
    using queue = start(project, 'queue.ts');
    expect(await client.ends(), client.output + queue.output).toBe(0);
    expect(client.lines).toEqual(ANSWERS);
    expect(worker.output).toBe('');
  });

  test('run with a copy of the folder', async () => {
    await using project = await makeExamples({ copyOf: 'paranoid-pirate' });
    await play(project);
  });

  test('run with the worker in Python', async (context) => {
    requirePython(context, 'zmq', 'cbor2');
    await using project = await makeExamples();
    using queue = start(project, 'queue.ts');
    using worker = new PythonProgram(join(project.path, 'worker.py'));
    await queue.says(/^(a worker is there)$/);
    using client = start(project, 'client.ts');
    expect(await client.ends(), client.output).toBe(0);
    expect(client.lines).toEqual(ANSWERS);
    worker[Symbol.dispose]();
    expect(await queue.says(/^a worker is lost: (.*)$/)).toBe('gone');
  });

  test('run with the client in Python', async (context) => {
    requirePython(context, 'zmq', 'cbor2');
    await using project = await makeExamples();
    using queue = start(project, 'queue.ts');
    using worker = start(project, 'worker.ts');
    await queue.says(/^(a worker is there)$/);
    const told = await run(PYTHON, [join(project.path, 'client.py')], { cwd: project.path });
    expect(told.trimEnd().split('\n')).toEqual(ANSWERS);
    expect(worker.output).toBe('');
  });

  test('tell a failure from an answer in Python', async (context) => {
    requirePython(context, 'zmq', 'cbor2');
    const thrown = 'Object.assign(new Error(`not ${x}`), { code: "NOT_THIS" })';
    await using project = await makeExamples({
      change: (text) =>
        text.replace('=> x * x', `=> { if (x === 3) throw ${thrown}; return x * x; }`),
    });
    using queue = start(project, 'queue.ts');
    using worker = start(project, 'worker.ts');
    await queue.says(/^(a worker is there)$/);
    const told = await run(PYTHON, [join(project.path, 'client.py')], { cwd: project.path });
    const answers = ANSWERS.with(2, 'no answer: not 3 (NOT_THIS)');
    expect(told.trimEnd().split('\n')).toEqual(answers);
    expect(worker.output).toBe(''); // What a handler throws is the client's to know.
  });
});

test('the header is built in Python as it is here', async (context) => {
  requirePython(context);
  const line = /`(header = [^`]*)`/.exec(readme)?.[1] ?? '';
  const given = 'import struct; priority, remaining_ms, request_id = 7, 70_000, b"\\x00id"';
  const told = await run(PYTHON, ['-c', `${given}\n${line}\nprint(header.hex())`], { cwd: root });
  const id = Uint8Array.of(0, ...Buffer.from('id'));
  const ours = encodeHeader({ id, priority: 7, remainingMs: 70_000 });
  expect(told.trim()).toBe(Buffer.from(ours).toString('hex'));
});

/** The words in the first column of the first table after `heading`. */
function tableAfter(heading: string): (string | undefined)[] {
  const [, after = ''] = readme.split(heading);
  const [table = ''] = /(?:^\|.*\n)+/m.exec(after) ?? [];
  return [...table.matchAll(/^\| `'?([\w:]+)'?`/gm)].map(([, name]) => name);
}

/** The names that a pattern finds in the block that begins with `start` in a file. */
async function namesIn(file: string, start: string, name: RegExp): Promise<(string | undefined)[]> {
  const [, after = ''] = (await readFile(join(root, file), 'utf8')).split(start);
  const [block = ''] = after.split(/^[};]/m);
  return [...block.matchAll(name)].map(([, found]) => found);
}

describe('the tables of the README', () => {
  test.each([
    ['`startPirateQueue(', queueChecks],
    ['`startPirateWorker(', pirateWorkerChecks],
  ])('name every option of %s and no other', (heading, checks) => {
    expect(tableAfter(heading).toSorted()).toEqual(Object.keys(checks).toSorted());
  });

  test.each([
    ['`queue.stats()`', 'src/run/broker-stats.ts', 'interface BrokerStats'],
    ['`worker.stats()`', 'src/run/worker.ts', 'interface WorkerStats'],
    ['## Events', 'src/run/broker.ts', 'interface BrokerEvents'],
  ])('name every member of %s and no other', async (heading, file, start) => {
    const members = await namesIn(file, start, /^ {2}readonly '?(\w+(?::\w+)?)/gm);
    expect(members.length).toBeGreaterThan(0);
    expect(tableAfter(heading)).toEqual(members);
  });

  test('name every reason to lose a worker, and every way to assign work', async () => {
    const source = await readFile(join(PATTERN, 'queue-rules.ts'), 'utf8');
    const [type = ''] = /^export type WorkerLoss = .*$/m.exec(source) ?? [];
    const reasons = [...type.matchAll(/'(\w+)'/g)].map(([, reason]) => reason);
    expect(tableAfter('The reasons:').toSorted()).toEqual(reasons.toSorted());
    const { isAssign } = await import('brokerless/kit');
    const named = [...readme.matchAll(/^\| `'([\w-]+)'` +\|/gm)].map(([, name]) => String(name));
    const ways = named.filter((name) => isAssign(name) === undefined);
    expect([...new Set(ways)]).toEqual(['longest-idle', 'round-robin', 'random', 'priority']);
  });

  test('show the same messages as the code', async () => {
    const source = await readFile(join(PATTERN, 'messages.ts'), 'utf8');
    const rows = (text: string): string[] =>
      [...text.matchAll(/\| ((?:worker|queue|both) +\| (?:worker|queue|both) .*)\|$/gm)].map(
        ([, row = '']) => row.replaceAll(/ +/g, ' '),
      );
    expect(rows(readme)).toHaveLength(6);
    expect(rows(readme)).toEqual(rows(source));
  });
});
