/**
 * Runs the examples of the pattern's README as they stand there, from the package and from a copy of the
 * folder in a program of one's own.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { balancedWorkerChecks } from '../../../patterns/load-balancer/worker.ts';
import { brokerChecks } from '../../../src/run/broker-options.ts';
import { runScript } from '../../support/child.ts';
import { commandOf } from '../../support/compiled.ts';
import type { Folder } from '../../support/consumer.ts';
import { makeProject, type ProjectOptions } from '../../support/project.ts';
import { PYTHON, python, requirePython } from '../../support/python.ts';
import { root } from '../../support/root.ts';

const PATTERN = join(root, 'patterns/load-balancer');
const SUM = { code: 0, signal: null, stdout: 'the sum of the squares is 55\n', stderr: '' };

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

const readme = (): Promise<string> => readFile(join(PATTERN, 'README.md'), 'utf8');

/** A project with the examples. */
async function makeExamples(options?: ProjectOptions): Promise<Folder> {
  const text = await readme();
  const found = [...text.matchAll(/^`(\w+\.ts)`[^\n]*\n\n```ts\n(.*?)^```$/gms)];
  const scripts = found.map(([, name = '', code = '']) => [name, code] as const);
  expect(scripts.map(([name]) => name)).toEqual(['broker.ts', 'worker.ts', 'client.ts']);
  const programs = [...text.matchAll(/^A (\w+) in Python:\n\n```python\n(.*?)^```$/gms)];
  const pythons = programs.map(([, role = '', code = '']) => [`${role}.py`, code] as const);
  return makeProject([...scripts, ...pythons], options);
}

/** Starts a program that goes on until it is told to end. */
function start(project: Folder, name: string): ChildProcess {
  const path = join(project.path, name);
  const child = name.endsWith('.py')
    ? spawn(PYTHON, [path], { stdio: 'inherit' })
    : spawn(process.execPath, commandOf(path), { stdio: 'inherit', cwd: root });
  children.push(child);
  return child;
}

const runClient = (project: Folder) =>
  runScript(join(project.path, 'client.ts'), { source: true, timeoutMs: 90_000 });

async function interrupted(child: ChildProcess): Promise<number | null> {
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
  });
  child.kill('SIGINT');
  return ended;
}

describe('the examples of the README', () => {
  test('run as they stand there, and end when they are told to', async () => {
    await using project = await makeExamples();
    const [broker, worker] = [start(project, 'broker.ts'), start(project, 'worker.ts')];
    expect(await runClient(project)).toEqual(SUM);
    expect(await interrupted(worker)).toBe(0);
    expect(await interrupted(broker)).toBe(0);
  }, 120_000);

  test('run with a copy of the folder', async () => {
    await using project = await makeExamples({ copyOf: 'load-balancer' });
    start(project, 'broker.ts');
    start(project, 'worker.ts');
    expect(await runClient(project)).toEqual(SUM);
  }, 120_000);

  test('run with the worker and the client in Python', async (context) => {
    requirePython(context, 'zmq', 'cbor2');
    await using project = await makeExamples();
    start(project, 'broker.ts');
    start(project, 'worker.py');
    expect(await runClient(project)).toEqual(SUM);
    const { stdout, stderr } = await python(join(project.path, 'client.py'));
    expect([stdout, stderr]).toEqual(['1\n4\n9\n', '']);
  }, 120_000);
});

describe('the tables of the README', () => {
  test.each([
    ['startLoadBalancer', brokerChecks],
    ['startBalancedWorker', balancedWorkerChecks],
  ])('name every option of %s and no other', async (name, checks) => {
    const [, after = ''] = (await readme()).split(`\`${name}(options)\``);
    const [table = ''] = after.split(/^It gives/m);
    const named = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, option]) => option);
    expect(named.toSorted()).toEqual(Object.keys(checks).toSorted());
  });

  test('show the same messages as the code', async () => {
    const source = await readFile(join(PATTERN, 'messages.ts'), 'utf8');
    const rows = (text: string): string[] =>
      [...text.matchAll(/\| (worker|broker) +\| (worker|broker) +\| `([^`]+)`/g)].map(
        ([, from, to, frames]) => `${from} ${to} ${frames}`,
      );
    expect(rows(source)).toHaveLength(5);
    expect(rows(await readme())).toEqual(rows(source));
  });
});
