/**
 * Runs the snippets of the README as they stand there, and compares what they print with what they say.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Reply } from 'brokerless';
import { describe, expect, test } from 'vitest';
import { runScript } from '../support/child.ts';
import { makeProject } from '../support/project.ts';
import { python, requirePython } from '../support/python.ts';
import { root } from '../support/root.ts';
import { emptyTree } from './trees.ts';

const readme = await readFile(join(root, 'README.md'), 'utf8');
const snippets = [...readme.matchAll(/^```js\n\/\/ (\w+\.mjs)[^\n]*\n(.*?)^```$/gms)];

/** What a snippet says that it prints: what stands behind `prints`, line by line. */
function promisedBy(text: string): string {
  const told = [...text.matchAll(/\/\/ prints(, one by one)?: (.*)$/gm)];
  expect(told).not.toEqual([]);
  const lines = told.flatMap(([, each, all = '']) =>
    each === undefined ? [all] : all.split(', '),
  );
  return lines.map((line) => `${line}\n`).join('');
}

describe('the snippets of the README', { timeout: 90_000 }, () => {
  test('are these', () => {
    const names = snippets.map(([, name]) => name);
    const all = ['hello', 'push', 'ask', 'news', 'talk', 'pirates'];
    expect(names).toEqual(all.map((name) => `${name}.mjs`));
    expect(readme.match(/^```(?:js|ts|python)$/gm)).toHaveLength(names.length + 1);
  });

  test('begin with one of twelve lines', () => {
    expect(snippets[0]?.[2]?.trimEnd().split('\n')).toHaveLength(12);
  });

  test.each(snippets.map(([, name = '', text = '']) => [name, text]))('%s', async (name, text) => {
    await using project = await makeProject([[name, text]]);
    const ran = await runScript(join(project.path, name), { timeoutMs: 60_000 });
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toBe(promisedBy(text));
  });

  test('a REQ in Python recognises an error', async (context) => {
    requirePython(context, 'zmq', 'cbor2');
    await using folder = await emptyTree();
    const text = /^```python\n(.*?)^```$/ms.exec(readme)?.[1] ?? '';
    const program = join(folder.path, 'ask.py');
    await writeFile(program, text);
    await using reply = await Reply.bind<{ readonly name: string }, string>('tcp://127.0.0.1:*');
    void reply.serve(({ name }) => {
      if (name !== '') return name;
      throw Object.assign(new Error('nobody to greet'), { code: 'NO_NAME' });
    });
    const told = await python(program, [reply.endpoint]);
    expect(told).toEqual({ code: 0, stdout: 'failed: NO_NAME nobody to greet\n', stderr: '' });
  });
});

describe('the table of options', () => {
  const sources = ['options', 'request-options', 'publisher', 'subscriber', 'router'];

  test('names every option that a socket takes', async () => {
    const texts = sources.map((name) => readFile(join(root, `src/sockets/${name}.ts`), 'utf8'));
    const found = [...(await Promise.all(texts)).join('').matchAll(/^ {2}readonly (\w+)\?:/gm)];
    const table = readme.slice(readme.indexOf('### Options'), readme.indexOf('An unknown option'));
    const ofCalls = ['signal', 'deadlineMs'];
    const options = new Set(found.map(([, name = '']) => name));
    const missing = [...options].filter((name) => !table.includes(`\`${name}\``));
    expect(missing.toSorted()).toEqual(ofCalls.toSorted());
  });
});

test('the table of errors names every code', async () => {
  const { errorCodes } = await import('brokerless');
  const table = readme.slice(readme.indexOf('## Errors'), readme.indexOf('## On the wire'));
  for (const code of errorCodes) expect(table).toContain(`\`${code}\``);
});
